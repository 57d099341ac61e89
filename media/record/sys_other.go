//go:build !linux

package record

import "os"

func syncData(f *os.File) error { return f.Sync() }
func syncFS(*os.File) bool      { return false }
func lowPriority()              {}
