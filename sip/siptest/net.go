// Package siptest owns an in-memory network and fake phones, for tests that run
// in a synctest bubble. It leaves what is said over them to the tests.
package siptest
