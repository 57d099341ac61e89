package store

import "strings"

// DefaultRealm is the digest realm of an organization that names none.
const DefaultRealm = "strowger"

func lower(s string) string { return strings.ToLower(s) }
