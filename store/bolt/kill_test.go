package bolt_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"strowger/store"
	"strowger/store/bolt"
	"strowger/store/storetest"
)

// The test starts itself again with these set, to be killed or starved.
const (
	envRole = "STROWGER_STORE_TEST"
	envPath = "STROWGER_STORE_TEST_PATH"
)

func TestMain(m *testing.M) {
	switch os.Getenv(envRole) {
	case "saver":
		saver(os.Getenv(envPath))
	case "starved":
		starved(os.Getenv(envPath))
	default:
		os.Exit(m.Run())
	}
}

func child(t *testing.T, role, path string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envRole+"="+role, envPath+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

func open(path string) (*store.Store, error) {
	b, err := bolt.Open(path, bolt.Options{LockWait: 5 * time.Second})
	if err != nil {
		return nil, err
	}
	return store.Open(context.Background(), b, store.Options{Key: storetest.Key, Log: slog.New(slog.DiscardHandler)})
}

// saver saves for ever, from several goroutines, and says each time what is on
// disk: "user ID", "binding AOR CSEQ", "gone AOR", "recording ID STATE".
func saver(path string) {
	st, err := open(path)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	ctx := context.Background()
	run := fmt.Sprint(time.Now().UnixNano())
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	stop := func(err error) {
		say("error %v", err)
		os.Exit(1)
	}
	go func() {
		for i := 0; ; i++ {
			id := fmt.Sprintf("u-%s-%d", run, i)
			_, err := st.Update(ctx, store.DefaultOrganization, store.Author{}, func(e *store.Edit) error {
				return errors.Join(e.Users.Put(store.User{Meta: store.Meta{ID: id}, FirstName: "U"}),
					e.ContactMethods.Put(store.ContactMethod{Meta: store.Meta{ID: id}, UserID: id, Kind: store.KindSIPAccount}))
			})
			if err != nil {
				stop(err)
			}
			say("user %s", id)
		}
	}()
	for g := range 4 {
		go func() {
			for i := 1; ; i++ {
				aor := fmt.Sprintf("%d-%d", g, i%50)
				b := store.Binding{Org: store.DefaultOrganization, AOR: aor, Contact: "sip:" + aor, CSeq: uint32(i)}
				var err error
				if i%7 == 0 {
					if err = st.SaveBindings(ctx, nil, []store.BindingKey{b.Key()}); err == nil {
						say("gone %s", aor)
					}
				} else if err = st.SaveBindings(ctx, []store.Binding{b}, nil); err == nil {
					say("binding %s %d", aor, i)
				}
				if err != nil {
					stop(err)
				}
			}
		}()
	}
	for i := 0; ; i++ {
		r := &store.CallRecording{ID: fmt.Sprintf("r-%s-%d", run, i), Org: store.DefaultOrganization, CreatedAt: time.Now()}
		for _, r.State = range []store.RecordingState{store.RecordingExpected, store.RecordingCapturing, store.RecordingCaptured} {
			if err := st.PutRecording(ctx, r); err != nil {
				stop(err)
			}
			say("recording %s %s", r.ID, r.State)
		}
		st.SaveCall(&store.Call{ID: r.ID, Org: r.Org, StartedAt: r.CreatedAt}, &store.Trace{Sentence: "s"}, nil)
	}
}

// A process that is killed at any moment loses nothing that it has said is
// saved, and what it leaves is sound.
func TestKill(t *testing.T) {
	rounds := 8
	if testing.Short() {
		rounds = 2
	}
	path := filepath.Join(t.TempDir(), "strowger.db")
	users, recordings := map[string]bool{}, map[string]store.RecordingState{}
	bindings := map[string]string{} // AOR to what was said last
	for round := range rounds {
		cmd, out := child(t, "saver", path)
		lines := bufio.NewScanner(out)
		// Some number of answers, then the kill: the pipe holds what was said
		// before it took effect.
		for n := 1 + rand.IntN(400); lines.Scan(); n-- {
			if n == 0 {
				cmd.Process.Kill()
			}
			field := strings.Fields(lines.Text())
			switch {
			case len(field) == 2 && field[0] == "user":
				users[field[1]] = true
			case len(field) == 3 && field[0] == "binding":
				bindings[field[1]] = field[2]
			case len(field) == 2 && field[0] == "gone":
				delete(bindings, field[1])
				bindings[field[1]] = "gone"
			case len(field) == 3 && field[0] == "recording":
				recordings[field[1]] = store.RecordingState(field[2])
			case len(field) > 0 && field[0] == "error":
				t.Fatal(lines.Text())
			}
		}
		cmd.Wait()
		if problems := sound(t, path, users, recordings, bindings); problems > 0 {
			t.Fatalf("round %d: %d things are wrong", round, problems)
		}
	}
	t.Logf("%d users, %d bindings, %d recordings", len(users), len(bindings), len(recordings))
}

func sound(t *testing.T, path string, users map[string]bool, recordings map[string]store.RecordingState, bindings map[string]string) (wrong int) {
	t.Helper()
	st, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	bad := func(format string, args ...any) {
		wrong++
		if wrong < 10 {
			t.Errorf(format, args...)
		}
	}
	s, _ := st.Snapshot(store.DefaultOrganization)
	for id := range users {
		if _, ok := s.Users.Get(id); !ok {
			bad("the user %s is gone", id)
		}
		if _, ok := s.Credential(id); !ok {
			bad("the line %s is gone", id)
		}
	}
	order := map[store.RecordingState]int{store.RecordingExpected: 1, store.RecordingCapturing: 2, store.RecordingCaptured: 3}
	for id, state := range recordings {
		r, err := st.Recording(context.Background(), store.DefaultOrganization, id)
		if err != nil || order[r.State] < order[state] {
			bad("the recording %s, which was %s: %+v %v", id, state, r, err)
		}
	}
	have := map[string]uint32{}
	if err := st.LoadBindings(context.Background(), func(b *store.Binding) error { have[b.AOR] = b.CSeq; return nil }); err != nil {
		t.Fatal(err)
	}
	// One change more than was said may be there: it was on disk and the answer
	// was not out yet. Each AOR's changes are one goroutine's, 50 apart.
	for aor, said := range bindings {
		var n int
		fmt.Sscan(said, &n)
		got, ok := have[aor]
		if said != "gone" && ok && int(got) < n {
			bad("the binding %s is %d, was %s", aor, got, said)
		}
		if said != "gone" && !ok && (n+50)%7 != 0 {
			bad("the binding %s is gone, was %s", aor, said)
		}
	}
	problems, err := st.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		bad("%+v", p)
	}
	return wrong
}

// starved saves under a limit of file size, which the kernel enforces as it does
// a full disk, and says what came of it.
func starved(path string) {
	signal.Ignore(syscall.SIGXFSZ)
	st, err := open(path)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	limit := func(n uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: 1 << 40}); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	save := func(i int) error {
		_, err := st.Update(context.Background(), store.DefaultOrganization, store.Author{}, func(e *store.Edit) error {
			return e.Users.Put(store.User{Meta: store.Meta{ID: fmt.Sprintf("u%04d", i)}, FirstName: strings.Repeat("x", 90)})
		})
		return err
	}
	bind := func(i int) error {
		return st.SaveBindings(context.Background(), []store.Binding{{Org: store.DefaultOrganization, AOR: fmt.Sprint(i), Contact: strings.Repeat("x", 900)}}, nil)
	}
	limit(300 << 10)
	full, fullLog := 0, 0
	for i := 0; i < 5000 && (full < 3 || fullLog < 3); i++ {
		report := func(what string, err error, n *int) {
			switch {
			case err == nil:
				fmt.Println(what, i)
			case errors.Is(err, store.ErrFull):
				*n++
			default:
				fmt.Println("error", what, err)
			}
		}
		if full < 3 {
			report("user", save(i), &full)
		}
		if fullLog < 3 {
			report("binding", bind(i), &fullLog)
		}
	}
	fmt.Println("full", full, fullLog)
	limit(1 << 40)
	fmt.Println("again", save(9999), bind(9999))
	fmt.Println("closed", st.Close())
}

// A full disk refuses the save, keeps what was saved, and saving works when there
// is room again.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "strowger.db")
	st, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	st.Close()
	cmd, out := child(t, "starved", path)
	text, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	users, bound := 1, 1 // 9999
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "user "):
			users++
		case strings.HasPrefix(line, "binding "):
			bound++
		case strings.HasPrefix(line, "error"):
			t.Error(line)
		}
	}
	for _, want := range []string{"full 3 3\n", "again <nil> <nil>\n", "closed <nil>\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the starved child did not say %q", want)
		}
	}
	if st, err = open(path); err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	s, _ := st.Snapshot(store.DefaultOrganization)
	n := 0
	if err := st.LoadBindings(context.Background(), func(*store.Binding) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	if s.Users.Len() != users || n != bound || users < 20 || bound < 20 {
		t.Errorf("%d users of %d acknowledged, %d bindings of %d", s.Users.Len(), users, n, bound)
	}
	problems, err := st.Check(context.Background())
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// mounted is a small file system of its own, where the machine allows it.
func mounted(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// The same on a disk that is really full, in this process.
func TestFullFileSystem(t *testing.T) {
	dir := mounted(t)
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 700<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	st, err := open(filepath.Join(dir, "strowger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	saved := 0
	save := func() error {
		_, err := st.Update(context.Background(), store.DefaultOrganization, store.Author{}, func(e *store.Edit) error {
			return e.Users.Put(store.User{Meta: store.Meta{ID: fmt.Sprintf("u%04d", saved)}, FirstName: strings.Repeat("x", 90)})
		})
		if err == nil {
			saved++
		}
		return err
	}
	for err = save(); err == nil && saved < 5000; err = save() {
	}
	if !errors.Is(err, store.ErrFull) || !strings.Contains(err.Error(), "the disk is full") {
		t.Fatalf("after %d saves: %v", saved, err)
	}
	before := saved
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := save(); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if st, err = open(filepath.Join(dir, "strowger.db")); err != nil {
		t.Fatal(err)
	}
	s, _ := st.Snapshot(store.DefaultOrganization)
	problems, err := st.Check(context.Background())
	if err != nil || len(problems) > 0 || s.Users.Len() != saved || before < 20 {
		t.Errorf("%d users of %d, %v %v", s.Users.Len(), saved, problems, err)
	}
}

// A disk that is read-only refuses the daemon, and lets others read.
func TestReadOnlyFileSystem(t *testing.T) {
	dir := mounted(t)
	path := filepath.Join(dir, "strowger.db")
	st, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=1m"); err != nil {
		t.Skipf("it cannot be made read-only: %v", err)
	}
	if _, err := bolt.Open(path, bolt.Options{}); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("for writing: %v", err)
	}
	if _, err := bolt.Open(filepath.Join(dir, "new.db"), bolt.Options{}); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a new one: %v", err)
	}
	if err := bolt.Verify(context.Background(), path); err != nil {
		t.Errorf("for reading: %v", err)
	}
}
