// Empty: it lets the compiler accept that yield has no body.
