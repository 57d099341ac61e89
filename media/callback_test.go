package media

import (
	"slices"
	"testing"
)

// Signalling that takes its time with what one call's media told it holds up no
// packet of another call on the same loop, and hears the rest in order.
func TestCallbackHoldsUpNobody(t *testing.T) {
	for _, what := range []string{"a key", "the end of a playback"} {
		t.Run(what, func(t *testing.T) {
			r := relay(t, Options{Loops: 1})
			p, e := newPhone(t, "127.0.0.4"), open(t, r)
			e.SetRemote(withEvents(p.remote(), 101))
			began, goOn := make(chan struct{}), make(chan struct{})
			var told []string // by callbacks, one after the other
			hold := func(s string) {
				if told = append(told, s); len(told) == 1 {
					close(began)
					<-goOn
				}
			}
			e.OnDigit(func(d byte, _ int) { hold(string(d)) })
			want := []string{"1", "2", "end", "3"}
			if what == "a key" {
				p.press(e, 101, '1')
			} else {
				e.Play(&frames{n: 2}, func(error) { hold("first") })
				want[0] = "first"
			}
			<-began

			a, b, ea, eb := call(t, r)
			a.send(ea, "speech")
			b.hears("speech")
			b.send(eb, "answer")
			a.hears("answer")

			// What happens meanwhile waits in its order.
			waiting := func(n int) func() bool {
				return func() bool {
					e.callbacks.mu.Lock()
					defer e.callbacks.mu.Unlock()
					return len(e.callbacks.due) == n
				}
			}
			p.press(e, 101, '2')
			await(t, "the second key", waiting(1))
			e.Play(&frames{}, func(error) { hold("end") })
			await(t, "the end", waiting(2))
			e.Press('3', 100)
			close(goOn)
			r.telling.Wait()
			if !slices.Equal(told, want) {
				t.Errorf("told %q, want %q", told, want)
			}
		})
	}
}
