package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// TestKill kills the exchange with SIGKILL while it saves, registers, records
// and takes a message, again and again at random moments. Whatever was
// acknowledged must be there afterwards. STROWGER_KILLS says how often.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	if v := os.Getenv("STROWGER_KILLS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatalf("STROWGER_KILLS: %v", err)
		}
		rounds = n
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 1))

	s := newSite()
	a, recorded := s.phone("101")
	b, _ := s.phone("102")
	recorded.with("recording.outbound_internal", true)
	c, _ := s.phone("103")
	_, line := s.phone("104")
	s.withVoicemail(line)
	const registering = 40
	for i := range registering {
		s.phone(fmt.Sprint(200 + i))
	}
	x := newExchange(t, s)
	saved := map[string]bool{}      // users
	registered := map[string]bool{} // lines
	from, to, talker := mustUA(t, x, a), mustUA(t, x, b), mustUA(t, x, c)
	recordings, voicemails := 0, 0

	for round := range rounds {
		from.mustRegister(t)
		to.mustRegister(t)
		caller, callee := connect(t, from, to, "102")
		answered := time.Now()
		caller.media.Say(500)
		callee.media.Say(700)
		callee.media.mustHear(t, 500)
		message := leaveMessage(t, talker, "104", 600, 1.5)
		saidSince := time.Now().Add(-1500 * time.Millisecond)

		// Savers and phones that go on until the exchange is gone, and note
		// only what they were told is done.
		var mu sync.Mutex
		var busy sync.WaitGroup
		for w := range 2 {
			busy.Add(1)
			go func() {
				defer busy.Done()
				for i := 0; ; i++ {
					id := fmt.Sprintf("saved-%d-%d-%d", round, w, i)
					status, _, err := x.request(http.MethodPost, "/users", record{"id": id, "first_name": "Saved"})
					if err != nil {
						return
					}
					if status == http.StatusCreated {
						mu.Lock()
						saved[id] = true
						mu.Unlock()
					}
				}
			}()
		}
		crowd := make([]*ua, 0, registering)
		for i := range registering {
			crowd = append(crowd, mustUA(t, x, accountOf(fmt.Sprint(200+i))))
		}
		stop := make(chan struct{})
		for w := range 2 {
			busy.Add(1)
			go func() {
				defer busy.Done()
				for i := w; ; i = (i + 2) % registering {
					select {
					case <-stop:
						return
					default:
					}
					status, _, err := crowd[i].Register(3600)
					if err != nil {
						return
					}
					if status == 200 {
						mu.Lock()
						registered[crowd[i].LineID] = true
						mu.Unlock()
					}
				}
			}()
		}
		moment := time.NewTimer(time.Duration(200+chance.IntN(1500)) * time.Millisecond)
		<-moment.C
		x.kill()
		close(stop)
		talked, said := time.Since(answered), time.Since(saidSince)
		for _, u := range crowd {
			u.Close()
		}
		busy.Wait()
		caller.media.Close()
		callee.media.Close()
		message.media.Close()

		began := time.Now()
		x.start()
		if up := time.Since(began); up > slow(2*time.Second) {
			t.Errorf("round %d: serving again after %v", round, up)
		}
		recordings++
		voicemails++
		r := x.captured(t, "/recordings", recordings)[0]
		if !r.Interrupted {
			t.Errorf("round %d: recording %+v is not marked interrupted", round, r)
		}
		heard := x.audio(t, "/recordings", r)
		if lost := talked.Seconds() - heard.seconds(); lost > 1.2 {
			t.Errorf("round %d: %.2f s of %.2f s of the recording are lost", round, lost, talked.Seconds())
		}
		heard.wantTones(t, 0.5, 500, 700)
		v := x.captured(t, "/voicemails", voicemails)[0]
		if !v.Interrupted {
			t.Errorf("round %d: voicemail %+v is not marked interrupted", round, v)
		}
		x.audio(t, "/voicemails", v).wantTones(t, max(said.Seconds()-1.4, 0.3), 600)

		if out, err := x.try("", "check"); err != nil {
			t.Fatalf("round %d, running: %v\n%s", round, err, out)
		}
		there := map[string]bool{}
		for cursor := ""; ; {
			var page struct {
				Items []struct {
					ID string `json:"id"`
				} `json:"items"`
				Next string `json:"next_cursor"`
			}
			x.api(http.MethodGet, "/users?limit=1000&cursor="+cursor, nil, &page)
			for _, u := range page.Items {
				there[u.ID] = true
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		bound := map[string]bool{}
		for _, r := range list[registration](x, "/registrations?limit=1000") {
			bound[r.ContactMethodID] = true
		}
		for id := range saved {
			if !there[id] {
				t.Errorf("round %d: user %s was saved and is gone", round, id)
			}
		}
		for line := range registered {
			if !bound[line] {
				t.Errorf("round %d: %s was registered and is not", round, line)
			}
		}
		t.Logf("round %d: %d users, %d bindings, a recording of %.1f s, a message of %d ms", round, len(saved), len(bound), heard.seconds(), v.DurationMS)
		if t.Failed() {
			return
		}
		x.idle()
	}
	x.stop()
	x.run("check")
}

// TestDrain asks the exchange to end while somebody talks: the call goes on,
// new ones are told to come back later.
func TestDrain(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	b, _ := s.phone("102")
	x := newExchange(t, s, "--drain", "30s")
	from, to := mustUA(t, x, a).mustRegister(t), mustUA(t, x, b).mustRegister(t)
	caller, callee := connect(t, from, to, "102")
	caller.media.Say(500)
	callee.media.mustHear(t, 500)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		x.stop()
	}()
	eventually(t, 5*time.Second, "the exchange is not ready any more", func() error {
		res, err := http.Get("http://" + x.http + "/readyz")
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return fmt.Errorf("/readyz: %s", res.Status)
		}
		return nil
	})
	second, err := from.Dial("102", "")
	if err != nil {
		t.Fatal(err)
	}
	second.mustGet(t, 503).wantHeader(t, "Retry-After", `^\d+$`)
	callee.media.mustHear(t, 500)
	caller.mustHangUp(t)
	callee.mustEnd(t, 5*time.Second)
	select {
	case <-ended:
	case <-time.After(slow(10 * time.Second)):
		t.Fatal("the exchange still runs after its last call")
	}
	x.start()
	if n := len(x.registrationsOf(b)); n != 1 {
		t.Errorf("%d bindings after the restart", n)
	}
}
