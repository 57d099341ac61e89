package media

import _ "unsafe" // for go:linkname

// yield lets other goroutines of this thread run first. runtime.Gosched would
// also wake another thread to look for work, each time, which finds none: that
// was 3 % of what relaying costs.
//
//go:linkname yield runtime.goyield
func yield()
