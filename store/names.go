package store

import (
	"strings"
	"unicode"
)

// What people choose by its name has one, and no other of its kind in the
// organization has the same: capital letters make no difference.

// uniqueName is the index of a collection's names.
func uniqueName[T any](table func(*Snapshot) *Table[T], name func(*T) string) unique[T] {
	return unique[T]{table: table, key: func(r *T) string { return Fold(name(r)) }, field: "name"}
}

// Fold is a login, an email address or a name as it is compared: without capital
// letters. A letter beyond ASCII never becomes one of ASCII: a mailbox is nobody else's
// because its address is written with the Kelvin sign or the long s.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if low := unicode.ToLower(r); (low < unicode.MaxASCII) == (r < unicode.MaxASCII) {
			return low
		}
		return r
	}, s)
}

// Languages are those that the exchange or a maker's phones speak, without the
// region, which a tag such as de-AT may add.
var Languages = []string{"de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "tr"}
