package deliver

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// A job is tried again after a minute, then after twice as long each time, up to
// hours; each wait is stretched by chance, so that what failed together does not
// come back together. After giveUp it is dead.
const (
	firstWait = time.Minute
	mostWait  = 4 * time.Hour
	giveUp    = 72 * time.Hour
)

// backoff is the wait after the attempt with that number, the first being 1.
func backoff(attempt int) time.Duration {
	wait := mostWait
	if attempt < 10 {
		wait = min(firstWait<<(attempt-1), mostWait)
	}
	return wait + rand.N(wait/4)
}

// A permanentError is one that the same again will not mend.
type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

func permanent(format string, args ...any) error {
	return permanentError{fmt.Errorf(format, args...)}
}

func isPermanent(err error) bool {
	var p permanentError
	return errors.As(err, &p)
}

// A goneError is about something that was deleted.
type goneError struct{ error }

// mostWords is how long an error may be that is kept, in bytes.
const mostWords = 500

// plain is an error for an administrator: one line, and no address whose query
// may hold a password.
func plain(err error) string {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	words := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "?")), " ")
	if len(words) > mostWords {
		words = words[:mostWords]
		for !utf8.ValidString(words) {
			words = words[:len(words)-1]
		}
	}
	return words
}
