package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Promises are what an exchange has acknowledged: it may be killed, they must be
// kept. What was under way when it was killed, and not answered, may have
// happened or not.
type promises struct {
	x *exchange

	mu         sync.Mutex
	users      map[string]string // first name by id; empty: deleted
	lines      map[string]bool   // by line: bound or not
	recordings []*attempt
	voicemails []*attempt
	imports    []*imported
	told       map[string]int // of imports that were looked at after a kill, by state

	// What retention works on, how often there was more of it, what has gone of it in how
	// many goes, and how many files of it were seen to go still, now and in all.
	aged                                  []*aged
	ages, deleted, passes, going, halfway int
}

func (p *promises) String() string {
	users, lines := 0, 0
	for _, name := range p.users {
		if name != "" {
			users++
		}
	}
	for _, bound := range p.lines {
		if bound {
			lines++
		}
	}
	owed := func(list []*attempt) (n, whole int) {
		for _, a := range list {
			if a.owed {
				n++
			}
			if a.whole {
				whole++
			}
		}
		return n, whole
	}
	recordings, _ := owed(p.recordings)
	voicemails, confirmed := owed(p.voicemails)
	return fmt.Sprintf("%d users and %d deletions, %d of %d lines bound, %d recordings of %d calls, %d voicemails of %d, %d confirmed, %d imports %v, %d of %d aged records gone in %d passes, %d caught halfway",
		users, len(p.users)-users, lines, len(p.lines), recordings, len(p.recordings), voicemails, len(p.voicemails), confirmed, len(p.imports), p.told, p.deleted, len(p.aged), p.passes, p.halfway)
}

// An attempt is a call of which something is captured.
type attempt struct {
	begun time.Time
	owed  bool          // the capture was promised
	whole bool          // all of it, whenever the kill comes
	said  time.Duration // what it must have of tones, a crash's tail less
	tones []float64     // of its channels
	at    time.Time     // since when they are said; zero: they are not any more
	sum   string        // SHA-256, once it was found and heard
	id    string
}

// What workers tell of as done, so that the kill can come right after it.
const (
	didSave     = "a save"
	didRegister = "a registration"
	didRecord   = "a recorded call"
	didConfirm  = "a confirmed message"
	didBegin    = "the beginning of an import"
	didImport   = "an import"
	didUndo     = "an undo"
	didDelete   = "a deletion of what is old"
)

// A round is one run of the exchange, until it is killed.
type round struct {
	*promises
	n    int
	dead context.Context // done once it was killed
	done chan string     // what was acknowledged
}

func (r *round) did(what string) {
	select {
	case r.done <- what:
	case <-r.dead.Done():
	}
}

// pause waits, and says whether the exchange lives.
func (r *round) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.dead.Done():
		return false
	}
}

// until polls until check is content; an error says that it never was.
func (r *round) until(what string, check func() bool) error {
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(slow(15 * time.Second))
	defer late.Stop()
	for !check() {
		select {
		case <-tick.C:
		case <-r.dead.Done():
			return errKilled
		case <-late.C:
			return errors.New("never " + what)
		}
	}
	return nil
}

var errKilled = errors.New("the exchange was killed")

// save creates, changes and deletes users.
func (r *round) save(worker int) error {
	request := func(method, path string, body any, want int, id, name string) error {
		r.mu.Lock()
		was, known := r.users[id]
		delete(r.users, id) // until there is an answer
		r.mu.Unlock()
		status, out, err := r.x.request(method, "/users"+path, body)
		if err != nil {
			return errKilled
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if status != want {
			if known {
				r.users[id] = was
			}
			return fmt.Errorf("%s /users%s: %d %s", method, path, status, out)
		}
		r.users[id] = name
		return nil
	}
	for i := 0; ; i++ {
		id := fmt.Sprintf("saved-%d-%d-%d", r.n, worker, i)
		if err := request(http.MethodPost, "", record{"id": id, "first_name": "New"}, http.StatusCreated, id, "New"); err != nil {
			return err
		}
		r.did(didSave)
		if err := request(http.MethodPatch, "/"+id, record{"first_name": "Changed"}, http.StatusOK, id, "Changed"); err != nil {
			return err
		}
		r.did(didSave)
		if i%4 == 0 {
			continue
		}
		if err := request(http.MethodDelete, "/"+id+"?confirm=true", nil, http.StatusNoContent, id, ""); err != nil {
			return err
		}
		r.did(didSave)
	}
}

// register binds lines and takes the bindings away.
func (r *round) register(phones []*ua) error {
	for {
		for _, u := range phones {
			r.mu.Lock()
			bound := r.lines[u.LineID]
			delete(r.lines, u.LineID) // until there is an answer
			r.mu.Unlock()
			expires := 3600
			if bound {
				expires = 0
			}
			status, res, err := u.Register(expires)
			if err != nil {
				return err
			}
			if status != 200 {
				return fmt.Errorf("REGISTER of %s: %s", u.Username, res.start)
			}
			r.mu.Lock()
			r.lines[u.LineID] = !bound
			r.mu.Unlock()
			r.did(didRegister)
		}
	}
}

// begin notes an attempt.
func (r *round) begin(list *[]*attempt, tones ...float64) *attempt {
	a := &attempt{begun: time.Now(), tones: tones}
	r.mu.Lock()
	defer r.mu.Unlock()
	*list = append(*list, a)
	return a
}

// saying begins what must be in the capture.
func (r *round) saying(a *attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.owed, a.at = true, time.Now()
}

// said ends it.
func (r *round) said(a *attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !a.at.IsZero() {
		a.said, a.at = time.Since(a.at), time.Time{}
	}
}

// call has from call to, whose calls are recorded, again and again.
func (r *round) call(from, to *ua, chance *rand.Rand) error {
	for {
		a := r.begin(&r.recordings, 500, 700)
		c, err := from.Dial(to.Ext, "")
		if err != nil {
			return err
		}
		defer c.media.Close()
		c.media.Say(500)
		var in *uaCall
		select {
		case in = <-to.Incoming:
		case <-r.dead.Done():
			return errKilled
		}
		defer in.media.Close()
		in.media.Say(700)
		if err := in.Take(); err != nil {
			return err
		}
		final, err := c.Answered()
		if err != nil {
			return err
		}
		if final.status() != 200 {
			return fmt.Errorf("INVITE to %s: %s", to.Ext, final.start)
		}
		r.saying(a)
		alive := r.pause(time.Duration(100+chance.IntN(3000)) * time.Millisecond)
		r.said(a)
		if !alive {
			return errKilled
		}
		if err := c.HangUp(); err != nil {
			return err
		}
		in.media.Close()
		r.did(didRecord)
	}
}

// leave has from leave messages for an extension, and hears them confirmed.
func (r *round) leave(from *ua, ext string, chance *rand.Rand) error {
	for {
		a := r.begin(&r.voicemails, 600)
		c, err := from.Dial(ext, "")
		if err != nil {
			return err
		}
		defer c.media.Close()
		final, err := c.Answered()
		if err != nil {
			return err
		}
		if final.status() != 200 {
			return fmt.Errorf("INVITE to %s: %s", ext, final.start)
		}
		if err := r.until("a beep", func() bool { return toneSeconds(c.media.Heard(), 8000, 1000) > 0.2 }); err != nil {
			return err
		}
		c.media.Say(600)
		r.saying(a)
		alive := r.pause(time.Duration(1500+chance.IntN(1000)) * time.Millisecond)
		r.said(a)
		if !alive {
			return errKilled
		}
		// The exchange only listens now: what it says next is that the message is
		// safe.
		pressed := time.Now()
		c.media.Press("#")
		if err := r.until("a confirmation", func() bool {
			c.media.mu.Lock()
			defer c.media.mu.Unlock()
			return c.media.loudAt.After(pressed)
		}); err != nil {
			return err
		}
		r.mu.Lock()
		a.whole = true
		r.mu.Unlock()
		r.did(didConfirm)
		select {
		case <-c.Gone:
		case <-r.dead.Done():
			return errKilled
		}
	}
}

// wantKept looks whether everything is there that was promised, and nothing
// twice.
func (p *promises) wantKept(t testing.TB) {
	t.Helper()
	users, lastNames := map[string]string{}, map[string]int{}
	for _, u := range everything[struct {
		ID        string `json:"id"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
	}](p.x, "/users") {
		users[u.ID] = u.FirstName
		lastNames[u.LastName]++
	}
	for id, name := range p.users {
		if users[id] != name {
			t.Errorf("user %s has the first name %q, acknowledged was %q", id, users[id], name)
		}
	}
	bound := map[string]int{}
	for _, r := range everything[registration](p.x, "/registrations") {
		bound[r.ContactMethodID]++
	}
	for line, is := range p.lines {
		if n := bound[line]; is != (n == 1) || n > 1 {
			t.Errorf("%s has %d bindings; acknowledged was that it is registered: %v", line, n, is)
		}
	}
	p.wantCaptured(t, "/recordings", p.recordings)
	p.wantCaptured(t, "/voicemails", p.voicemails)
	p.wantImports(t, lastNames)
}

// wantCaptured finds the capture of every attempt by its time, and listens once
// to each.
func (p *promises) wantCaptured(t testing.TB, collection string, attempts []*attempt) {
	t.Helper()
	found := make([][]recordingRecord, len(attempts))
	eventually(t, 20*time.Second, "what was captured can be heard", func() error {
		clear(found)
		for _, r := range everything[recordingRecord](p.x, collection) {
			if isAged(r.ID) {
				continue
			}
			i := len(attempts) - 1
			for i >= 0 && attempts[i].begun.After(r.CreatedAt) {
				i--
			}
			if i < 0 {
				t.Fatalf("%s/%s is of no call: %+v", collection, r.ID, r)
			}
			found[i] = append(found[i], r)
		}
		for i, a := range attempts {
			for _, r := range found[i] {
				if r.State != "captured" && r.State != "delivered" && (a.owed || r.State != "failed") {
					return fmt.Errorf("%s/%s is %s", collection, r.ID, r.State)
				}
			}
		}
		return nil
	})
	for i, a := range attempts {
		if len(found[i]) > 1 || a.owed && len(found[i]) == 0 {
			t.Errorf("%s has %d captures of the call at %v: %+v", collection, len(found[i]), a.begun, *a)
			continue
		}
		if !a.owed {
			continue
		}
		r := found[i][0]
		if a.sum != "" {
			if r.ID != a.id || r.SHA256 != a.sum {
				t.Errorf("%s/%s was %s with the SHA-256 %s, now it is %s", collection, r.ID, a.id, a.sum, r.SHA256)
			}
			continue
		}
		a.id, a.sum = r.ID, r.SHA256
		p.wantHeard(t, collection, a, r)
	}
}

// wantHeard checks that no more than a crash's second is missing of a capture.
// What the ends of tones and the machine's own delays cost comes on top.
func (p *promises) wantHeard(t testing.TB, collection string, a *attempt, r recordingRecord) {
	t.Helper()
	heard := p.x.audio(t, collection, r)
	least := a.said - 300*time.Millisecond
	if !a.whole {
		least -= time.Second
	}
	if a.whole && r.Interrupted {
		t.Errorf("%s/%s was confirmed and is marked interrupted", collection, r.ID)
	}
	if least > 0 {
		heard.wantTones(t, least.Seconds(), a.tones...)
	}
}

// wantDelivered finds each recording that was promised where its delivery method
// brings it: whole, and once.
func (p *promises) wantDelivered(t testing.TB) {
	t.Helper()
	type delivery struct{ State, Where, SHA256 string }
	eventually(t, 20*time.Second, "the outbox is empty", func() error {
		m, err := p.x.metrics()
		if n := m["strowger_delivery_queue"] + m["strowger_recording_queue"]; err != nil || n > 0 {
			return fmt.Errorf("%v wait, %w", n, err)
		}
		return nil
	})
	there := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(p.x.data(), "deliveries"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			there[path] = true
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // nothing may have been promised
		t.Fatal(err)
	}
	for _, r := range everything[struct {
		ID, State, SHA256 string
		Deliveries        []delivery
	}](p.x, "/recordings") {
		if r.State == "failed" || isAged(r.ID) {
			continue
		}
		if len(r.Deliveries) != 1 || r.Deliveries[0].State != "delivered" || r.Deliveries[0].SHA256 != r.SHA256 {
			t.Errorf("recording %s, %s: %+v", r.ID, r.State, r.Deliveries)
			continue
		}
		path := filepath.Join(p.x.data(), r.Deliveries[0].Where)
		b, err := os.ReadFile(path)
		if sum := sha256.Sum256(b); err != nil || hex.EncodeToString(sum[:]) != r.SHA256 {
			t.Errorf("recording %s in %s: %v, SHA-256 %x, want %s", r.ID, path, err, sum, r.SHA256)
		}
		delete(there, path)
	}
	if len(there) > 0 {
		t.Errorf("delivered and of no recording: %v", there)
	}
}
