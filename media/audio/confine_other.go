//go:build !linux

package audio

// confine has nothing to do it with here; the time of a process is bounded all
// the same.
func confine(int) error { return nil }
