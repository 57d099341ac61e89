package registrar

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"strowger/store"
)

// A 200 that changes a binding waits for the disk, a plain refresh does not.
func TestWaitsForDisk(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		x.disk.set(nil, 10*time.Millisecond)
		p := x.phone("101", "198.51.100.7:5060")
		waits := func(what string, want bool) {
			t.Helper()
			p.challenge()
			got := p.start(p.authorized())
			synctest.Wait()
			if waited := got() == nil; waited != want {
				t.Errorf("%s: waited %v", what, waited)
			}
			time.Sleep(25 * time.Millisecond)
			synctest.Wait()
			if a := got(); a == nil || a.status != 200 {
				t.Errorf("%s: %v", what, a)
			}
		}
		waits("a new binding", true)
		waits("a refresh", false)
		if x.disk.later != 1 {
			t.Errorf("%d refreshes saved", x.disk.later)
		}
		p.expires = "60"
		waits("a shorter refresh", false)
		p.contact += ";q=0.3"
		waits("another q", true)
		p.expires = "0"
		waits("a removal", true)
		waits("a removal of nothing", false)
		if len(x.disk.all()) != 0 {
			t.Errorf("left on disk: %v", x.disk.all())
		}
	})
}

// Many at once share commits, and every one gets its answer.
func TestStorm(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		x.disk.set(nil, 5*time.Millisecond)
		const n = 500
		var answers []func() *answer
		for i := range n {
			user := fmt.Sprintf("u%d", i)
			x.people.add("default", user, user, "secret")
			p := x.phone(user, fmt.Sprintf("198.51.%d.%d:5060", i/250, i%250+1))
			p.challenge()
			answers = append(answers, p.start(p.authorized()))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		for i, got := range answers {
			if a := got(); a == nil || a.status != 200 {
				t.Fatalf("phone %d: %v", i, a)
			}
		}
		if len(x.disk.all()) != n || x.disk.commits > n/4 {
			t.Errorf("%d on disk after %d commits", len(x.disk.all()), x.disk.commits)
		}
	})
}

// A full disk takes no telephone away, and what it missed it gets.
func TestDiskFull(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		gone := x.phone("102", "198.51.100.8:5060")
		gone.registers()
		x.disk.set(errFull, 0)
		p := x.phone("101", "198.51.100.7:5060")
		p.registers()
		gone.expires = "0"
		gone.registers()
		if len(x.uris("101")) != 1 || len(x.uris("102")) != 0 || len(x.disk.all()) != 1 {
			t.Fatalf("%v, %v, on disk %v", x.uris("101"), x.uris("102"), x.disk.all())
		}
		time.Sleep(time.Minute)
		x.disk.set(nil, 0)
		time.Sleep(2 * retryAfter)
		synctest.Wait()
		if all := x.disk.all(); len(all) != 1 || all[0].AOR != "101" {
			t.Errorf("on disk %v", all)
		}
	})
}

func TestRestart(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		plain := x.phone("101", "198.51.100.7:5060")
		plain.contact += `;q=0.5;+sip.instance="<urn:uuid:1>";extra=1`
		plain.extra = []string{"Path: <sip:edge.example.com;lr>", "Supported: gruu", "User-Agent: Desk"}
		plain.registers()
		nat := x.phone("101", "203.0.113.5:4444")
		nat.via, nat.contact, nat.expires = "192.168.1.10:5060", "<sip:101@192.168.1.10:5060>", "60"
		nat.registers()
		fired := x.phone("102", "198.51.100.8:5060")
		fired.registers()
		f, _ := x.dial("198.51.100.7:40001")
		stream := x.phone("102", "198.51.100.7:5060")
		stream.flow, stream.contact = f, "<sip:102@198.51.100.7;transport=tcp>"
		stream.registers()
		before := x.reg.Registrations("default")
		x.reg.Close()
		saved := x.disk.all()
		// What an earlier release may have saved.
		saved = append(saved, store.Binding{Org: "default", AOR: "101", Contact: "sip:101@x;transport=tcp", Target: "198.51.100.7:4", Transport: "tcp",
			FlowID: 7, ContactMethodID: "line-101", ExpiresAt: time.Now().Add(time.Hour), UpdatedAt: time.Now()})

		time.Sleep(20 * time.Second)
		x.people.remove("102")
		x.start(Options{})
		x.load(saved)
		synctest.Wait()
		list := x.reg.Contacts("default", "101")
		if len(list) != 2 || list[0].Flow.Remote().String() != "203.0.113.5:4444" || list[1].Flow.Remote().String() != "198.51.100.7:5060" ||
			list[1].Q != 500 || len(list[1].Path) != 1 || list[1].GRUU == "" || list[1].UserAgent != "Desk" {
			t.Fatalf("contacts %+v", list)
		}
		if left := time.Until(list[0].ExpiresAt); left != 40*time.Second {
			t.Errorf("expires in %v", left)
		}
		if len(x.reg.Contacts("default", "102")) != 0 || len(x.reg.Registrations("default")) != 2 || len(before) != 4 {
			t.Error("a line that is gone, or a stream that is, came back")
		}
		if len(x.disk.all()) != 2 {
			t.Errorf("on disk %v", x.disk.all())
		}
		// The first refresh is plain: the phone is where it was.
		x.mu.Lock()
		x.changes = nil
		x.mu.Unlock()
		commits := x.disk.commits
		plain.registers()
		nat.registers()
		if x.disk.commits != commits || len(x.changes) != 0 || len(x.reg.Registrations("default")) != 2 {
			t.Errorf("%d commits, changes %v", x.disk.commits-commits, x.changes)
		}
		rows := x.reg.Registrations("default")
		for i := range rows {
			if rows[i].Local != ours {
				t.Errorf("row %+v", rows[i])
			}
		}
	})
}

// A retransmission of what was answered before the restart is answered.
func TestRetransmissionAfterRestart(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, x *exchange) {
		p := x.phone("101", "198.51.100.7:5060")
		p.challenge()
		req := p.authorized()
		p.send(req)
		x.reg.Close()
		x.start(Options{})
		x.load(x.disk.all())
		if a := p.send(req); a == nil || a.status != 200 {
			t.Errorf("got %v", a)
		}
	})
}

// Faults: a wall clock that jumps while we run, and between two runs.
func TestClockJump(t *testing.T) {
	for _, jump := range []time.Duration{24 * time.Hour, -24 * time.Hour, 365 * 24 * time.Hour, -365 * 24 * time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			var shift time.Duration
			clock := func() time.Time { return time.Now().Add(shift) }
			inBubble(t, Options{Now: clock}, func(t *testing.T, x *exchange) {
				p := x.phone("101", "198.51.100.7:5060")
				p.registers()
				shift = jump
				time.Sleep(time.Minute)
				synctest.Wait()
				rows := x.reg.Registrations("default")
				if len(rows) != 1 || len(x.disk.all()) != 1 {
					t.Fatalf("the jump ended it: %v", rows)
				}
				if left := rows[0].ExpiresAt.Sub(clock()); left != 59*time.Minute {
					t.Errorf("shown to end in %v", left)
				}
				time.Sleep(59 * time.Minute)
				if len(x.uris("101")) != 0 {
					t.Error("and now it never ends")
				}
				if jump > 0 {
					return
				}
				// Back in time over a restart: it gets its hour, not a year.
				shift = 0
				p.registers()
				x.reg.Close()
				saved := x.disk.all()
				shift = jump
				x.start(Options{Now: clock})
				x.load(saved)
				if len(x.uris("101")) != 1 {
					t.Error("gone after the restart")
				}
				time.Sleep(time.Hour)
				if len(x.uris("101")) != 0 {
					t.Error("still there an hour after the restart")
				}
			})
		})
	}
}

// Close answers nobody new, but saves and answers what it had taken.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(t, Options{})
		x.disk.set(nil, time.Second)
		p := x.phone("101", "198.51.100.7:5060")
		p.challenge()
		got := p.start(p.authorized())
		x.close()
		if a := got(); a == nil || a.status != 200 || len(x.disk.all()) != 1 {
			t.Errorf("%v, on disk %v", a, x.disk.all())
		}
	})
}
