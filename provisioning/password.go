package provisioning

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
)

// The cost of one argon2id hash: 19 MiB of memory, two passes, one lane.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
)

// Bounds of a web password, in bytes: argon2 takes any length, a request
// should not make it work for megabytes.
const (
	minPassword = 8
	maxPassword = 256
)

// HashPassword gives the argon2id hash of a web password in the usual text
// form, which carries its own cost.
func HashPassword(password string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails
	return encodeHash(password, salt, argonMemory, argonTime, argonLanes)
}

// hashing bounds how many hashes are computed at once, each in memory of its own:
// a rush of sign-ins waits instead of filling the machine.
var hashing = make(chan struct{}, min(4, runtime.GOMAXPROCS(0)))

func encodeHash(password string, salt []byte, memory, time uint32, lanes uint8) string {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	key := argon2.IDKey([]byte(password), salt, time, memory, lanes, argonKey)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, time, lanes, b64(salt), b64(key))
}

// CheckPassword says whether a hash is of this password. It takes as long for
// a wrong one as for the right one.
func CheckPassword(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return false
	}
	var version int
	if n, err := fmt.Sscanf(parts[2], "v=%d", &version); n != 1 || err != nil || version != argon2.Version {
		return false
	}
	var memory, time uint32
	var lanes uint8
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &lanes); n != 3 || err != nil {
		return false
	}
	// A file for apply may bring hashes: none may cost what a machine has.
	if memory == 0 || memory > 64*1024 || time == 0 || time > 8 || lanes == 0 || lanes > 4 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want := encodeHash(password, salt, memory, time, lanes)
	return subtle.ConstantTimeCompare([]byte(want), []byte(hash)) == 1
}

// nobodys is a hash that no password has: checking against it takes as long as
// checking somebody's.
var nobodys = sync.OnceValue(func() string { return HashPassword(rand.Text()) })

// isHash says whether a password field already holds a hash of ours.
func isHash(s string) bool { return strings.HasPrefix(s, "$argon2id$v=") }
