package sip_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/media/audio"
	"strowger/provisioning"
	"strowger/provisioning/api"
	"strowger/sip/siptest"
	"strowger/store"
)

// A desk is the API of an exchange under test, and a token for each of its
// readers.
type desk struct {
	x      *exchange
	api    *api.API
	tokens map[string]string
}

func newDesk(x *exchange, readers map[string]string) *desk {
	x.t.Helper()
	svc := provisioning.New(x.store, provisioning.Options{Data: x.dir, Live: x.server, Log: slog.New(slog.DiscardHandler)})
	d := &desk{x, api.New(svc, api.Options{Log: slog.New(slog.DiscardHandler)}), map[string]string{}}
	for name, body := range readers {
		w := httptest.NewRecorder()
		d.api.Local("a test").ServeHTTP(w, httptest.NewRequest("POST", "/api/v1/tokens", strings.NewReader(body)))
		var token struct{ Token string }
		if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil || w.Code != http.StatusCreated {
			x.t.Fatalf("token: %d %s", w.Code, w.Body)
		}
		d.tokens[name] = token.Token
	}
	return d
}

// reads is what a reader gets; empty when it is not the reader's to see.
func (d *desk) reads(reader, path string) string {
	d.x.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/api/v1"+path, nil)
	r.Header.Set("Authorization", "Bearer "+d.tokens[reader])
	d.api.Handler().ServeHTTP(w, r)
	switch w.Code {
	case http.StatusOK:
		return w.Body.String()
	case http.StatusNotFound:
		return ""
	}
	d.x.t.Fatalf("%s as %s: %d %s", path, reader, w.Code, w.Body)
	return ""
}

func parsed[T any](t *testing.T, raw string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return v
}

// lines keeps what is logged.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

// of are the lines about a call.
func (l *lines) of(call string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for line := range strings.Lines(l.all.String()) {
		if strings.Contains(line, call) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// Telephony rules, "Privacy is honoured": what a caller withholds is in nothing
// that the called side can read, and a number from outside is not kept at all.
// Who of our own called stays known to administrators.
func TestWithheldCaller(t *testing.T) {
	logged := new(lines)
	recorded := `"recording":{"inbound_internal":true,"inbound_external":true,"outbound_internal":true}`
	x, trunk := newExchange(t, options{log: logged, extra: `{"contact_methods":[
		{"id":"l1","user_id":"u1","kind":"sip_account","sip_account":{"username":"anna"},"inbound":{"internal_numbers":["101"]},"outbound":{"anonymous":true},` + recorded + `},
		{"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben"},"inbound":{"internal_numbers":["102"],"did_numbers":["+12025550102"],"when_unavailable":{"action":"voicemail"}},` + recorded + `},
		{"id":"l3","user_id":"u3","kind":"sip_account","sip_account":{"username":"cleo"},"inbound":{"internal_numbers":["103"]},` + recorded + `}]}`})
	d := newDesk(x, map[string]string{
		"admin": `{"role":"admin"}`, "Anna": `{"role":"user","user_id":"u1"}`,
		"Ben": `{"role":"user","user_id":"u2"}`, "Cleo": `{"role":"user","user_id":"u3"}`,
	})
	carrier := func(user string) *siptest.Agent {
		a, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://" + carrierAddr + ":0", User: user})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(a.Close)
		return a
	}
	trunk.Close()
	anna, ben, cleo := x.phone("anna"), x.phone("ben"), x.phone("cleo")
	known, unknown := carrier("+13125550123"), carrier("anonymous")
	asserted := gosip.NewHeader("P-Asserted-Identity", `"Zoe" <sip:+13125550123@carrier.test>`)
	private := gosip.NewHeader("Privacy", "id")
	ofAnna := []string{`"101"`, "sip:101@", "Anna", "Ash", `"anna"`, "sip:anna@", `"u1"`, `"l1"`, anna.Addr().String()}
	ofCleo := []string{`"103"`, "sip:103@", "Cleo", `"cleo"`, "sip:cleo@", `"u3"`, `"l3"`, cleo.Addr().String()}
	ofZoe := []string{"3125550123", "Zoe"}

	type withheld struct {
		name    string
		phone   *siptest.Agent
		domain  string
		to      string
		headers []gosip.Header

		caller string   // reader who called; empty: somebody outside
		from   string   // in the record, as an administrator and the caller see it
		secret []string // what nobody else may read; empty: nothing is withheld
	}
	cases := []withheld{
		{"from outside, Privacy", known, x.addr.String(), "+12025550102", []gosip.Header{private}, "", "anonymous", ofZoe},
		{"from outside, an anonymous From, asserted", unknown, x.addr.String(), "+12025550102", []gosip.Header{asserted}, "", "anonymous", ofZoe},
		{"inside, an anonymous line", anna, "acme.test", "102", nil, "Anna", "101", ofAnna},
		{"inside, Privacy", cleo, "acme.test", "102", []gosip.Header{private}, "Cleo", "103", ofCleo},
		// The last, because Ben reads its number in his list of calls.
		{"from outside, not withheld", known, x.addr.String(), "+12025550102", []gosip.Header{asserted}, "", "+13125550123", nil},
	}
	// callOf finds the record of a call by its Call-ID, which administrators see.
	callOf := func(out *siptest.Call) string {
		var id string
		x.eventually("the call's record", func() bool {
			for _, c := range parsed[struct{ Items []store.Call }](t, d.reads("admin", "/calls")).Items {
				if len(c.Legs) > 0 && c.Legs[0].SIPCallID == out.Invite.CallID().Value() {
					id = c.ID
				}
			}
			return id != ""
		})
		return id
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			clean := func(what, raw string) {
				t.Helper()
				for _, s := range c.secret {
					if strings.Contains(raw, s) {
						t.Errorf("%s tells %s:\n%s", what, s, raw)
					}
				}
			}
			// check reads the call as everybody, live or ended.
			check := func(id string) {
				t.Helper()
				call := d.reads("admin", "/calls/"+id)
				if r := parsed[store.Call](t, call); r.From != c.from || r.Withheld != (c.secret != nil) ||
					c.caller != "" && (len(r.UserIDs) != 2 || r.Legs[0].UserID == "") {
					t.Errorf("an administrator reads %s", call)
				}
				if c.caller == "" {
					clean("the record", call)
				} else if r := parsed[store.Call](t, d.reads(c.caller, "/calls/"+id)); r.From != c.from || r.Legs[0].Peer != c.from {
					t.Errorf("the caller reads %+v", r)
				} else if tr := parsed[store.Trace](t, d.reads(c.caller, "/calls/"+id+"/trace")); len(tr.Ladder) == 0 {
					t.Errorf("the caller reads no messages: %+v", tr)
				}

				call = d.reads("Ben", "/calls/"+id)
				if r := parsed[store.Call](t, call); c.secret != nil && (r.From != "anonymous" || r.Legs[0].Peer != "anonymous" || !r.Withheld || !slices.Equal(r.UserIDs, []string{"u2"})) {
					t.Errorf("the called user reads %s", call)
				}
				clean("the called user's call", call)
				for path, found := range map[string]bool{
					"/calls": true, "/calls?from=" + url.QueryEscape(c.from): c.caller == "",
					"/calls?user_ids=u1": false, "/calls?user_ids=u3": false, "/calls?from=anonymous": c.secret != nil,
				} {
					all := d.reads("Ben", path)
					clean("the called user's "+path, all)
					if strings.Contains(all, id) != found {
						t.Errorf("GET %s finds the call: %v", path, !found)
					}
				}

				trace := d.reads("admin", "/calls/"+id+"/trace")
				tr := parsed[store.Trace](t, trace)
				if len(tr.Ladder) == 0 {
					t.Errorf("an administrator reads no messages: %s", trace)
				}
				if c.caller == "" {
					kept, _ := json.Marshal(tr.Decisions)
					clean("the decisions of the trace", string(kept))
				}
				trace = d.reads("Ben", "/calls/"+id+"/trace")
				clean("the called user's trace", trace)
				tr = parsed[store.Trace](t, trace)
				why := slices.ContainsFunc(tr.Decisions, func(d store.Decision) bool { return d.Rule == "withheld" && d.Why != "" })
				if tr.Sentence == "" || len(tr.Decisions) < 3 || why != (c.secret != nil) || why == (len(tr.Ladder) > 0) {
					t.Errorf("the called user's trace: %s", trace)
				}
			}

			out := c.phone.Dial(x.flow(c.phone), c.domain, c.to, []byte(offer(40000)), c.headers...)
			in := rings(t, ben)
			clean("the INVITE", in.Invite.String())
			in.Respond(200, "OK", answer(40010))
			final(t, out, 200)
			waitFor(t, in.Acked, "the ACK")
			id := callOf(out)
			check(id)
			out.Bye()
			ended(t, in)
			x.idle()
			x.record()
			check(id)
			clean("the log", logged.of(id))
			if all := logged.of(id); strings.Contains(all, "from=anonymous") != (c.secret != nil) || !strings.Contains(all, "from=") {
				t.Errorf("the log says of the call: %s", all)
			}

			rec := parsed[store.Call](t, d.reads("admin", "/calls/"+id)).RecordingIDs
			if len(rec) != 1 {
				t.Fatalf("recordings %v, want one", rec)
			}
			x.eventually("the recording", func() bool {
				r, err := x.store.Recording(context.Background(), "default", rec[0])
				return err == nil && r.State == store.RecordingDelivered
			})
			if r := parsed[store.CallRecording](t, d.reads("admin", "/recordings/"+rec[0])); r.From != c.from || r.Withheld != (c.secret != nil) {
				t.Errorf("an administrator's recording: %+v", r)
			}
			if c.caller != "" {
				if r := parsed[store.CallRecording](t, d.reads(c.caller, "/recordings/"+rec[0])); r.From != c.from {
					t.Errorf("the caller's recording: %+v", r)
				}
			}
			for _, path := range []string{"/recordings/" + rec[0], "/recordings"} {
				clean("the called user's recording", d.reads("Ben", path))
			}
			if r := parsed[store.CallRecording](t, d.reads("Ben", "/recordings/"+rec[0])); c.secret != nil && (r.From != "anonymous" || !r.Withheld) {
				t.Errorf("the called user's recording: %+v", r)
			}
		})
	}

	// A message of each, all at once: they take their time.
	var outs []*siptest.Call
	var mouths []*mouth
	for _, c := range cases {
		m := newMouth(t, 0)
		out := c.phone.Dial(x.flow(c.phone), c.domain, c.to, m.offer(), c.headers...)
		rings(t, ben).Respond(486, "Busy Here", nil)
		m.take(final(t, out, 200).Body())
		outs, mouths = append(outs, out), append(mouths, m)
	}
	for _, m := range mouths {
		m.hears(1000)
		m.e.Play(audio.Sine(400, -10, -1), func(error) {})
	}
	for i, c := range cases {
		x.eventually("two seconds of message", func() bool { return mouths[i].e.Stats().Sent > 100 })
		id := callOf(outs[i])
		outs[i].Bye()
		var mine *store.Voicemail
		x.eventually("the voicemail", func() bool {
			all, err := x.store.Voicemails(context.Background(), "default", "", 10)
			for _, v := range all {
				if v.CallID == id && v.State == store.RecordingDelivered {
					mine = v
				}
			}
			return err == nil && mine != nil
		})
		if mine.From != "anonymous" && c.secret != nil || c.secret == nil && mine.From != c.from {
			t.Errorf("%s: a voicemail from %q", c.name, mine.From)
		}
		for _, reader := range []string{"Ben", "admin"} {
			raw := d.reads(reader, "/voicemails/"+mine.ID)
			for _, s := range c.secret {
				if strings.Contains(raw, s) {
					t.Errorf("%s: the voicemail tells %s of %s: %s", c.name, reader, s, raw)
				}
			}
		}
		if kept := fmt.Sprintf("%+v", *mine); strings.Contains(kept, "Ash") || strings.Contains(kept, "Zoe") && c.secret != nil {
			t.Errorf("%s: kept as %s", c.name, kept)
		}
	}
}
