package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"strowger/store"
)

var quiet = slog.New(slog.DiscardHandler)

func mustOpen(t testing.TB, path string) *Backend {
	t.Helper()
	b, err := Open(path, Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func commit(t testing.TB, b *Backend, key, value string) {
	t.Helper()
	if err := b.Commit(context.Background(), []store.Op{{Bucket: store.BucketUsers, Key: []byte(key), Value: []byte(value)}}); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, b *Backend, key string) string {
	t.Helper()
	var out string
	err := b.View(context.Background(), func(r store.Reader) error {
		value, err := r.Get(store.BucketUsers, []byte(key))
		out = string(value)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// refused opens a file that must be refused with a kind of error, in one
// sentence with some words.
func refused(t testing.TB, path string, kind error, words ...string) {
	t.Helper()
	b, err := Open(path, Options{Log: quiet})
	if err == nil {
		b.Close()
		t.Fatalf("%s was opened", path)
	}
	if !errors.Is(err, kind) {
		t.Errorf("%v: want %v", err, kind)
	}
	for _, w := range append(words, path) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is more than a line", err)
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "strowger.db")
	b := mustOpen(t, path)
	defer b.Close()
	me := fmt.Sprintf("process %d (", os.Getpid())
	refused(t, path, store.ErrLocked, "is in use by", me)
	if err := Restore(context.Background(), path, path); !errors.Is(err, store.ErrLocked) {
		t.Errorf("restoring over an open store: %v", err)
	}
}

func TestNewer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "strowger.db")
	b := mustOpen(t, path)
	commit(t, b, "a", "1")
	err := b.db.Update(func(tx *bbolt.Tx) error {
		value := binary.BigEndian.AppendUint64(nil, uint64(len(migrations))+1)
		return tx.Bucket(bucketSchema).Put(keyVersion, seal(store.Bucket(bucketSchema), keyVersion, value))
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	before, _ := os.ReadFile(path)
	refused(t, path, store.ErrNewer, "newer release")
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the refused file was changed")
	}
}

func TestNoDatabase(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"text":  []byte(strings.Repeat("this is no database\n", 2000)),
		"short": []byte("this is no database"),
		"zeros": make([]byte, 100_000),
	} {
		path := filepath.Join(dir, name+".db")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, path, store.ErrDamaged)
		if after, _ := os.ReadFile(path); !bytes.Equal(data, after) {
			t.Errorf("%s: the refused file was changed", name)
		}
	}
	// Another program's bbolt file.
	path := filepath.Join(dir, "other.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("things")); return err })
	db.Close()
	refused(t, path, store.ErrDamaged, "no database of strowger")
	if err := os.Mkdir(filepath.Join(dir, "dir.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(dir, "dir.db"), Options{Log: quiet}); err == nil {
		t.Error("a directory was opened")
	}
	if _, err := Open(filepath.Join(dir, "none.db"), Options{ReadOnly: true}); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("nothing, for reading: %v", err)
	}
}

// A file whose making was cut short is made again.
func TestUnfinished(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "strowger.db")
	db, err := bbolt.Open(whole, 0o600, &bbolt.Options{PageSize: pageSize})
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 100, pageSize, 2 * pageSize, 3*pageSize + 5, 4 * pageSize} {
		path := filepath.Join(t.TempDir(), "strowger.db")
		os.WriteFile(path, data[:size], 0o600)
		b := mustOpen(t, path)
		commit(t, b, "a", "1")
		b.Close()
		b = mustOpen(t, path)
		if got := read(t, b, "a"); got != "1" {
			t.Errorf("%d bytes: read %q", size, got)
		}
		b.Close()
	}
}

// A store that lived and was cut short is damaged, not new.
func TestCutShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "strowger.db")
	b := mustOpen(t, path)
	for i := range 300 {
		commit(t, b, fmt.Sprint(i), strings.Repeat("x", 300))
	}
	b.Close()
	data, _ := os.ReadFile(path)
	journal, _ := os.ReadFile(journalPath(path))
	for _, size := range []int{50, pageSize, 2 * pageSize, 5 * pageSize, len(data) / 8} {
		for _, alone := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), "strowger.db")
			os.WriteFile(path, data[:size], 0o600)
			if !alone {
				os.WriteFile(journalPath(path), journal, 0o600)
			}
			b, err := Open(path, Options{Log: quiet})
			if err == nil {
				err = b.View(context.Background(), func(r store.Reader) error {
					return r.Range(store.BucketUsers, nil, nil, func(_, _ []byte) error { return nil })
				})
				b.Close()
			}
			if !errors.Is(err, store.ErrDamaged) {
				t.Errorf("%d bytes, alone %v: %v", size, alone, err)
			}
		}
	}
}

func TestJournalKnowsOfALostCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "strowger.db")
	b := mustOpen(t, path)
	for i := range 5 {
		commit(t, b, "a", fmt.Sprint(i))
	}
	last := b.txid(t)
	b.Close()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	meta := make([]byte, pageSize)
	at := int64(last%2) * pageSize
	f.ReadAt(meta, at)
	f.WriteAt(make([]byte, pageSize), at)
	refused(t, path, store.ErrDamaged, "its newest 1 commits", "missing", journalPath(path))

	// bbolt by itself goes on with what was before.
	copied := filepath.Join(t.TempDir(), "copy.db")
	data, _ := os.ReadFile(path)
	os.WriteFile(copied, data, 0o600)
	old := mustOpen(t, copied)
	if got := read(t, old, "a"); got != "3" {
		t.Errorf("without the journal: %q", got)
	}
	old.Close()

	f.WriteAt(meta, at)
	b = mustOpen(t, path)
	if got := read(t, b, "a"); got != "4" {
		t.Errorf("repaired: %q", got)
	}
	b.Close()

	// The older meta page is of no use any more: damaged, it hides nothing.
	f.WriteAt(make([]byte, pageSize), int64((last+1)%2)*pageSize)
	b = mustOpen(t, path)
	defer b.Close()
	if got := read(t, b, "a"); got != "4" {
		t.Errorf("with a damaged older page: %q", got)
	}
}

func (b *Backend) txid(t testing.TB) (id int) {
	t.Helper()
	if err := b.db.View(func(tx *bbolt.Tx) error { id = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestOldJournalAndNewDatabase(t *testing.T) {
	dir := t.TempDir()
	a, other := filepath.Join(dir, "strowger.db"), filepath.Join(dir, "other.db")
	b := mustOpen(t, a)
	commit(t, b, "a", "1")
	b.Close()
	o := mustOpen(t, other)
	for range 200 {
		commit(t, o, "a", "2")
	}
	o.Close()
	// The journal of another store says nothing of this one.
	data, _ := os.ReadFile(journalPath(other))
	os.WriteFile(journalPath(a), data, 0o600)
	b = mustOpen(t, a)
	commit(t, b, "a", "3")
	b.Close()
	for name, data := range map[string][]byte{"empty": {}, "junk": []byte("junk"), "short": data[:300]} {
		os.WriteFile(journalPath(a), data, 0o600)
		b, err := Open(a, Options{Log: quiet})
		if err != nil {
			t.Errorf("%s journal: %v", name, err)
			continue
		}
		commit(t, b, "a", "4")
		b.Close()
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "strowger.db")
	b := mustOpen(t, path)
	commit(t, b, "a", "1")
	b.Close()
	for range 2 {
		r, err := Open(path, Options{ReadOnly: true, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if read(t, r, "a") != "1" {
			t.Error("cannot be read")
		}
		if err := r.Commit(context.Background(), []store.Op{{Bucket: store.BucketUsers, Key: []byte("b"), Value: []byte("2")}}); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("a commit: %v", err)
		}
		if err := r.AppendLog(context.Background(), []byte("x")); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("the log: %v", err)
		}
	}
}

// A record that a crash cut short ends its part of the log; anything else that
// makes no sense is named by a check.
func TestLogCutShort(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "strowger.db")
	b := mustOpen(t, path)
	for i := range 10 {
		if err := b.AppendLog(ctx, fmt.Appendf(nil, "record %d %s", i, strings.Repeat("x", 50))); err != nil {
			t.Fatal(err)
		}
	}
	b.Close()
	part := logPath(path, 1)
	whole, _ := os.ReadFile(part)
	count := func() (n int, problems []store.Problem) {
		b := mustOpen(t, path)
		defer b.Close()
		if err := b.ReadLog(ctx, 0, func(r []byte) error {
			if !bytes.HasPrefix(r, fmt.Appendf(nil, "record %d ", n)) {
				t.Errorf("record %d is %q", n, r)
			}
			n++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := b.Check(ctx, func(p store.Problem) { problems = append(problems, p) }); err != nil {
			t.Fatal(err)
		}
		return n, problems
	}
	one := (len(whole) - len(logMagic)) / 10
	for size := 0; size <= len(whole); size++ {
		os.WriteFile(part, whole[:size], 0o600)
		n, problems := count()
		if want := max(size-len(logMagic), 0) / one; n != want || len(problems) != 0 {
			t.Fatalf("%d bytes: %d records, want %d, problems %v", size, n, want, problems)
		}
	}
	bad := bytes.Clone(whole)
	bad[len(logMagic)+3*one+20] ^= 1
	os.WriteFile(part, bad, 0o600)
	if n, problems := count(); n != 3 || len(problems) != 1 || !strings.Contains(problems[0].What, "checksum") {
		t.Errorf("a damaged record: %d records, problems %v", n, problems)
	}
}

// Whatever byte of the file is wrong: no panic, and what is read is what was
// written, or an error says that it is damaged.
func TestDamageIsNeverSilent(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "strowger.db")
	b := mustOpen(t, path)
	want := map[string]string{}
	var ops []store.Op
	for i := range 400 {
		key, value := fmt.Sprintf("key-%04d", i), fmt.Sprintf("value %d %s", i, strings.Repeat("y", i%90))
		want[key] = value
		ops = append(ops, store.Op{Bucket: store.BucketUsers, Key: []byte(key), Value: []byte(value)})
	}
	if err := b.Commit(ctx, ops); err != nil {
		t.Fatal(err)
	}
	commit(t, b, "key-0000", want["key-0000"])
	copied := filepath.Join(dir, "copy")
	if err := b.BackupFile(ctx, copied); err != nil {
		t.Fatal(err)
	}
	b.Close()
	data, _ := os.ReadFile(copied)
	step := 151
	if testing.Short() {
		step = 611
	}
	damaged, sound := 0, 0
	for at := 0; at < len(data); at += step {
		for i, how := range []func([]byte){
			func(b []byte) { b[at] ^= 0xff },
			func(b []byte) { b[at] ^= 1 },
			func(b []byte) { clear(b[at/pageSize*pageSize : at/pageSize*pageSize+pageSize]) },
		} {
			bad := bytes.Clone(data)
			how(bad)
			victim := filepath.Join(dir, "victim.db")
			os.WriteFile(victim, bad, 0o600)
			os.Remove(journalPath(victim))
			got, err := everything(ctx, victim)

			switch {
			case err != nil && !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrNewer):
				t.Fatalf("byte %d change %d: %v", at, i, err)
			case err != nil:
				damaged++
			case len(got) != len(want):
				t.Fatalf("byte %d: %d records of %d, and no error", at, len(got), len(want))
			default:
				for k, v := range want {
					if got[k] != v {
						t.Fatalf("byte %d: %s is %q, and no error", at, k, got[k])
					}
				}
				sound++
			}
			if at%(step*16) == 0 { // a write to it may fail, and must not panic
				if b, err := Open(victim, Options{Log: quiet}); err == nil {
					b.Commit(ctx, ops[:50])
					b.Check(ctx, func(store.Problem) {})
					b.Close()
				}
			}
		}
	}
	t.Logf("%d damaged, %d where it did not matter", damaged, sound)
	if damaged == 0 || sound == 0 {
		t.Error("the test damages nothing, or everything")
	}
}

func everything(ctx context.Context, path string) (map[string]string, error) {
	b, err := Open(path, Options{Log: quiet})
	if err != nil {
		return nil, err
	}
	defer b.Close()
	got := map[string]string{}
	err = b.View(ctx, func(r store.Reader) error {
		for _, bucket := range store.Buckets {
			if err := r.Range(bucket, nil, nil, func(k, v []byte) error {
				got[string(k)] = string(v)
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return got, err
}

// A panic of the caller's own code is not taken for damage.
func TestCallersPanicIsTheirs(t *testing.T) {
	b := mustOpen(t, filepath.Join(t.TempDir(), "strowger.db"))
	commit(t, b, "a", "1")
	defer b.Close()
	defer func() {
		if recover() == nil {
			t.Error("swallowed")
		}
	}()
	b.View(context.Background(), func(r store.Reader) error {
		return r.Range(store.BucketUsers, nil, nil, func(_, _ []byte) error { panic("mine") })
	})
}
