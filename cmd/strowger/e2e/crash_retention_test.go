package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	recording "strowger/media/record"
	"strowger/sip/call"
	"strowger/store"
	"strowger/store/bolt"
)

// keptDays is how long recordings, voicemails and calls are kept.
const keptDays = 30

// An aged is something that was kept of a call long ago. No clock outside can make
// one: they are put into the store while no exchange has it.
type aged struct {
	kind  string // as the audit log calls it
	batch int
	id    string
	at    time.Time
	file  string // below the data directory; empty: it is a call
	due   bool   // older than it is kept
}

func isAged(id string) bool { return strings.HasPrefix(id, "aged-") }

// open opens a store that no exchange has.
func open(t testing.TB, dir string) *store.Store {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(dir, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	backend, err := bolt.Open(filepath.Join(dir, "strowger.db"), bolt.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), backend, store.Options{Key: key, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// age puts what is due, and a little that is not, where the next start finds it.
// What is put later is younger, as it is with what comes by itself, so that each trace
// is of its own time.
func (p *promises) age(t testing.TB, chance *rand.Rand) {
	t.Helper()
	st := open(t, p.x.data())
	defer func() {
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	org := store.DefaultOrganization
	now := time.Now().UTC()
	p.ages++
	put := func(kind string, n int, days int, one func(a *aged) error) {
		var all sync.WaitGroup
		errs := make([]error, n)
		for i := range n {
			a := &aged{
				kind: kind, batch: p.ages, due: days > keptDays, id: fmt.Sprintf("aged-%s-%d-%d-%d", kind, days, p.ages, i),
				at: now.AddDate(0, 0, -days).Add(time.Duration(p.ages)*time.Hour - time.Duration(i)*time.Second),
			}
			p.aged = append(p.aged, a)
			all.Go(func() { errs[i] = one(a) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	sound := func(dir string, a *aged) (sum string, err error) {
		a.file = dir + "/" + a.id + ".wav"
		path := filepath.Join(p.x.data(), a.file)
		hash := sha256.Sum256([]byte(a.id))
		return hex.EncodeToString(hash[:]), errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(a.id), 0o600))
	}
	recording := func(a *aged) error {
		sum, err := sound("recordings/aged", a)
		return errors.Join(err, st.PutRecording(t.Context(), &store.CallRecording{ID: a.id, Org: org, CreatedAt: a.at, State: store.RecordingDelivered, File: a.file, SHA256: sum}))
	}
	voicemail := func(a *aged) error {
		sum, err := sound("voicemail", a)
		return errors.Join(err, st.PutVoicemail(t.Context(), &store.Voicemail{ID: a.id, Org: org, CreatedAt: a.at, State: store.RecordingDelivered, File: a.file, SHA256: sum}))
	}
	call := func(a *aged) error {
		st.SaveCall(&store.Call{ID: a.id, Org: org, StartedAt: a.at, EndedAt: a.at.Add(time.Second)}, &store.Trace{Sentence: "rings"}, nil)
		return nil
	}
	const old, young, kept = keptDays + 10, keptDays - 3, 3 // the hours make some days
	put("recordings", 50+chance.IntN(200), old, recording)
	put("recordings", kept, young, recording)
	put("voicemails", 50+chance.IntN(200), old, voicemail)
	put("voicemails", kept, young, voicemail)
	put("calls", 500+chance.IntN(1500), old, call)
	put("calls", kept, young, call)
	_, err := st.Update(t.Context(), org, store.Author{Who: "a test", Summary: "keep for a month"}, func(e *store.Edit) error {
		o := *e.Organization.Get()
		o.Retention = store.Retention{RecordingDays: keptDays, VoicemailDays: keptDays, CallDays: keptDays}
		return e.Organization.Put(o)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantTraced looks through a store whose exchange is dead. Nothing that is not due is
// gone; what is gone has left its trace in the audit log; each record has its file,
// and each file its record, unless the next start removes it.
func (p *promises) wantTraced(t testing.TB, st *store.Store) {
	t.Helper()
	ctx, org := t.Context(), store.DefaultOrganization
	rows := map[string]map[string]string{"recordings": {}, "voicemails": {}} // files by id
	finished := func(kind, id, file string, state store.RecordingState) {
		if state != store.RecordingCaptured && state != store.RecordingDelivered {
			file = ""
		}
		rows[kind][id] = file
	}
	err := errors.Join(
		st.AllRecordings(ctx, func(r *store.CallRecording) error { finished("recordings", r.ID, r.File, r.State); return nil }),
		st.AllVoicemails(ctx, func(v *store.Voicemail) error { finished("voicemails", v.ID, v.File, v.State); return nil }))
	if err != nil {
		t.Fatal(err)
	}
	going, err := st.Removals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	p.going = len(going)
	p.halfway += len(going)
	files := map[string]bool{} // by their names below the data directory
	for kind, dir := range map[string]string{"recordings": "recordings", "voicemails": "voicemail"} {
		err := filepath.WalkDir(filepath.Join(p.x.data(), dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			name, err := filepath.Rel(p.x.data(), path)
			files[filepath.ToSlash(name)] = true
			if id, _, _ := strings.Cut(e.Name(), "."); err == nil {
				if _, ok := rows[kind][id]; !ok && !slices.Contains(going, filepath.ToSlash(name)) {
					t.Errorf("%s has no record", name)
				}
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	traced := p.traces(t, st)
	p.deleted = 0
	known := map[string]bool{}
	for _, a := range p.aged {
		known[a.id] = true
		_, there := rows[a.kind][a.id]
		if a.kind == "calls" {
			_, err := st.Call(ctx, org, a.id)
			if there = err == nil; !there && !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
		}
		switch {
		case there && (a.file == "" || files[a.file]):
		case there || !a.due:
			t.Errorf("%s is kept for %d days and gone, record %v, file %v", a.id, keptDays, there, files[a.file])
		default:
			p.deleted++
			if !traced(a) {
				t.Errorf("%s of %v left no trace", a.id, a.at)
			}
		}
	}
	for kind, ids := range rows {
		for id, file := range ids {
			if !known[id] && file != "" && !files[file] {
				t.Errorf("%s/%s has no file", kind, id)
			}
		}
	}
}

// traces reads what retention wrote of itself, and answers whether it names a thing.
func (p *promises) traces(t testing.TB, st *store.Store) func(*aged) bool {
	t.Helper()
	type pass struct {
		kind     string
		from, to time.Time
	}
	var passes []pass
	events, err := st.AccessEvents(t.Context(), store.DefaultOrganization, "", 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Event != store.RetentionPassed {
			continue
		}
		var n, days int
		var one pass
		var from, to string
		_, err := fmt.Sscanf(strings.ReplaceAll(e.Detail, ",", ""), "%d %s from %s to %s older than %d days", &n, &one.kind, &from, &to, &days)
		if err == nil {
			one.from, err = time.Parse(time.RFC3339, from)
		}
		if err == nil {
			one.to, err = time.Parse(time.RFC3339, to)
		}
		if err != nil || days != keptDays || n == 0 {
			t.Fatalf("%q: %v", e.Detail, err)
		}
		passes = append(passes, one)
	}
	p.passes = len(passes)
	return func(a *aged) bool {
		at := a.at.Truncate(time.Second) // as the log has it
		for _, one := range passes {
			if one.kind == a.kind && !at.Before(one.from) && !at.After(one.to) {
				return true
			}
		}
		return false
	}
}

// watch waits for one of the things that are to go, and then for the kill.
func (r *round) watch(chance *rand.Rand) error {
	kind := []string{"recordings", "voicemails", "calls"}[chance.IntN(3)]
	var due []*aged
	for _, a := range r.aged {
		if a.due && a.kind == kind && a.batch == r.ages {
			due = append(due, a)
		}
	}
	a := due[chance.IntN(len(due))]
	var broken error
	err := r.until("gone: "+a.id, func() bool {
		status, out, err := r.x.request(http.MethodGet, "/"+a.kind+"/"+a.id, nil)
		if err == nil && status != http.StatusOK && status != http.StatusNotFound {
			broken = fmt.Errorf("%s: %d %s", a.id, status, out)
		}
		return broken != nil || err == nil && status == http.StatusNotFound
	})
	if err = errors.Join(broken, err); err != nil {
		return err
	}
	r.did(didDelete)
	<-r.dead.Done()
	return errKilled
}

// wantPassed waits until all that is due has gone.
func (p *promises) wantPassed(t testing.TB) {
	t.Helper()
	youngest := map[string]*aged{} // goes last
	for _, a := range p.aged {
		if y := youngest[a.kind]; a.due && (y == nil || a.at.After(y.at)) {
			youngest[a.kind] = a
		}
	}
	eventually(t, 60*time.Second, "retention is through", func() error {
		for _, a := range youngest {
			status, out, err := p.x.request(http.MethodGet, "/"+a.kind+"/"+a.id, nil)
			if err != nil || status != http.StatusNotFound {
				return fmt.Errorf("%s: %d %s, %w", a.id, status, out, err)
			}
		}
		return nil
	})
}

// look sees what retention has done in an exchange that is dead. It looks at a copy
// of the store, so that the next start finds it as the kill left it.
func (p *promises) look(t testing.TB) {
	t.Helper()
	dir := t.TempDir()
	defer os.RemoveAll(dir)
	files, err := os.ReadDir(p.x.data())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !f.Type().IsRegular() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(p.x.data(), f.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, f.Name()), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	st := open(t, dir)
	defer st.Close()
	p.wantTraced(t, st)
}

// wantGone looks whether all is gone that was due.
func (p *promises) wantGone(t testing.TB) {
	t.Helper()
	p.look(t)
	due := 0
	for _, a := range p.aged {
		if a.due {
			due++
		}
	}
	if p.deleted != due || p.going > 0 {
		t.Errorf("%d of %d are gone that were due, and %d files go still", p.deleted, due, p.going)
	}
}

// TestDeletionCutShort: of a recording that was being deleted when the exchange was
// killed, the next start leaves nothing, and takes nothing of it up again.
func TestDeletionCutShort(t *testing.T) {
	t.Parallel()
	x := newExchange(t, nil)
	x.kill()
	r := &store.CallRecording{ID: "cut", Org: store.DefaultOrganization, CreatedAt: time.Now(), State: store.RecordingCaptured, File: "recordings/cut.wav", Spool: "spool/cut.rtp"}
	for _, name := range []string{r.File, r.Spool} {
		path := filepath.Join(x.data(), name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("sound"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	st := open(t, x.data())
	err := st.PutRecording(t.Context(), r)
	if err == nil {
		_, err = st.DeleteRecordingAndFiles(t.Context(), r.Org, r.ID, func(*store.CallRecording) error { return nil })
	}
	if err = errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
	x.start()
	if status, out, err := x.request(http.MethodGet, "/recordings/cut", nil); status != http.StatusNotFound {
		t.Errorf("%d %s, %v", status, out, err)
	}
	for _, name := range []string{r.File, r.Spool} {
		left, err := filepath.Glob(filepath.Join(x.data(), name) + "*")
		if err != nil || len(left) > 0 {
			t.Errorf("left of it: %v, %v", left, err)
		}
	}
}

// TestOrganizationCutShort: of an organization that was deleted when the exchange was
// killed, with a call of its being recorded, the next start leaves nothing and takes
// nothing up again: neither what was promised to go, nor a spool that nobody promised.
// What it had delivered to a disk is there.
func TestOrganizationCutShort(t *testing.T) {
	t.Parallel()
	x := newExchange(t, nil)
	x.kill()
	st := open(t, x.data())
	by := store.Author{Who: "test"}
	_, err := st.CreateOrganization(t.Context(), by, store.Organization{Meta: store.Meta{ID: "acme"}, Name: "Acme"})
	done := &store.CallRecording{ID: "done", Org: "acme", CreatedAt: time.Now(), State: store.RecordingCaptured, File: "recordings/done.wav"}
	const archived = "deliveries/acme/done.wav"
	for _, name := range []string{done.File, archived} {
		path := filepath.Join(x.data(), name)
		err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("sound"), 0o600))
	}
	if err = errors.Join(err, st.PutRecording(t.Context(), done)); err != nil {
		t.Fatal(err)
	}
	recorder, err := recording.NewRecorder(x.data(), call.NewLedger(st), recording.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"promised", "unheard"} {
		if err := recorder.Expect(t.Context(), recording.Entry{ID: id, Org: "acme"}); err != nil {
			t.Fatal(err)
		}
		if _, err := recorder.Begin(t.Context(), id, recording.Header{StartedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err = st.DeleteOrganization(t.Context(), by, "acme"); err == nil {
		err = st.Removed([]string{"spool/unheard.rtp"}) // as if its call had begun just then
	}
	if err != nil {
		t.Fatal(err)
	}
	killed, cancel := context.WithCancel(t.Context())
	cancel()
	_ = recorder.Close(killed) // with its captures in hand
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if spools, err := filepath.Glob(filepath.Join(x.data(), "spool", "*.rtp")); err != nil || len(spools) == 0 {
		t.Errorf("the spools are gone before the start: %v, %v", spools, err)
	}
	x.start()
	x.run("check")
	x.stop()
	for dir, want := range map[string]int{"recordings": 0, "spool": 0, "deliveries": 1} {
		left := 0
		err := filepath.WalkDir(filepath.Join(x.data(), dir), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				left++
				t.Log(path)
			}
			return err
		})
		if left != want || err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %d files, want %d; %v", dir, left, want, err)
		}
	}
	x.run("check")
}
