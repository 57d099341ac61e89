package api_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"strowger/store"
)

func TestDeliveries(t *testing.T) {
	x := newExchange(t)
	x.do("POST", "/delivery-methods", `{"id":"nas","kind":"disk"}`).want(201)
	r := &store.CallRecording{ID: "rec", Org: "default", CreatedAt: time.Now(), State: store.RecordingCaptured,
		Deliveries: []store.Delivery{{DeliveryMethodID: "nas", State: store.DeliveryWaiting}}}
	must(t, x.store.PutRecording(t.Context(), r))
	must(t, x.store.HandOver(t.Context(), store.JobRecording, "default", "rec", ""))
	queued := x.do("GET", "/deliveries?state=queued", "").want(200).items()
	if len(queued) != 1 || queued[0]["what"] != "rec" || queued[0]["kind"] != "recording" || queued[0]["delivery_method_id"] != "nas" {
		t.Fatalf("%v", queued)
	}
	id := queued[0]["id"].(string)
	if _, err := x.store.ChangeJob(t.Context(), "default", id, func(j *store.Job) error {
		j.State, j.LastError, j.Attempts = store.JobDead, "no room", 30
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if dead := x.do("GET", "/deliveries?state=dead&limit=1", "").want(200).items(); len(dead) != 1 || dead[0]["last_error"] != "no room" {
		t.Errorf("%v", dead)
	}
	x.do("GET", "/deliveries?state=lost", "").want(422)
	x.do("GET", "/deliveries?colour=red", "").want(422)
	x.do("POST", "/deliveries/none/retry", "").want(404)

	// Another organization's is not there, and no user's business.
	x.do("POST", "/organizations", `{"id":"acme"}`).want(201)
	x.do("GET", "/deliveries/"+id+"?organization=acme", "").want(404)
	x.do("POST", "/deliveries/"+id+"/retry?organization=acme", "").want(404)
	x.do("DELETE", "/deliveries/"+id+"?organization=acme", "").want(404)

	x.do("POST", "/deliveries/"+id+"/retry", "").want(200)
	j, err := x.store.Job(t.Context(), "default", id)
	must(t, err)
	if j.State != store.JobQueued || j.Attempts != 0 || j.NextTry.After(time.Now()) {
		t.Errorf("after the retry: %+v", j)
	}
	x.do("DELETE", "/deliveries/"+id, "").want(204)
	x.do("GET", "/deliveries/"+id, "").want(404)
	d := x.do("GET", "/recordings/rec", "").want(200).object()["deliveries"].([]any)[0].(map[string]any)
	if d["state"] != "failed" || d["error"] == "" {
		t.Errorf("the ledger says nothing of the discard: %v", d)
	}
}

// Where deliveries may go is an operator's to widen, however an administrator
// asks.
func TestOnlyOperatorsAllowPrivateDestinations(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	wide := object{"private_destinations": []string{"10.0.0.0/8"}}
	x.do("PATCH", "/organizations/default", wide, who["adm"]).want(403, "private_destinations")
	x.do("POST", "/apply", `{"organizations":[{"id":"default","private_destinations":["10.0.0.0/8"]}]}`, who["adm"]).want(403, "private_destinations")
	x.do("PATCH", "/organizations/default", object{"private_destinations": []string{"10.1.2.3/8"}}, who["op"]).want(422, "private_destinations[0]")
	x.do("PATCH", "/organizations/default", wide, who["op"]).want(200)
	x.do("PATCH", "/organizations/default", object{"name": "Other"}, who["adm"]).want(200)
	// Nor by undoing what took it away.
	x.do("PATCH", "/organizations/default", object{"private_destinations": []string{}}, who["op"]).want(200)
	before := x.store.Revision() - 1
	x.do("POST", fmt.Sprintf("/revisions/%d/restore", before), nil, who["adm"]).want(200)
	sn, _ := x.store.Snapshot("default")
	if len(sn.Organization.PrivateDestinations) > 0 {
		t.Error("an undo allows what an operator took away")
	}
}

func TestTryDeliveryMethod(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	x.do("POST", "/delivery-methods", object{"id": "nas", "kind": "disk"}).want(201)
	x.do("POST", "/delivery-methods/none/test", nil).want(404)
	x.do("POST", "/delivery-methods/nas/test", nil, who["coyote"]).want(404)
	x.do("POST", "/delivery-methods/nas/test", nil, who["usr"]).want(403)
	x.do("POST", "/delivery-methods/nas/test", nil).want(503) // nothing runs here that could send
}

func TestMailPasswordIsWriteOnly(t *testing.T) {
	x := newExchange(t)
	who := x.tokens()
	server := object{"mail": object{"host": "mail.example.com", "username": "pbx", "password": "hidden-word", "from": "pbx@example.com"}}
	held := func() string {
		t.Helper()
		sn, _ := x.store.Snapshot("default")
		sec, ok := sn.Secret("organizations", "default")
		if !ok {
			return ""
		}
		text, err := x.store.OpenSecret(sec)
		must(t, err)
		return text
	}
	for what, wrong := range map[string]object{
		"mail.from":     {"mail": object{"host": "mail.example.com", "from": "nobody"}},
		"mail.host":     {"mail": object{"from": "pbx@example.com"}},
		"mail.port":     {"mail": object{"host": "mail.example.com", "from": "pbx@example.com", "port": 70000}},
		"mail.username": {"mail": object{"host": "mail.example.com", "from": "pbx@example.com", "password": "hidden-word"}},
		"mail.tls":      {"mail": object{"host": "mail.example.com", "from": "pbx@example.com", "username": "pbx", "tls": "none"}},
	} {
		x.do("PATCH", "/organizations/default", wrong, who["adm"]).want(422, what)
	}
	x.do("PATCH", "/organizations/default", server, who["adm"]).want(200)
	before := x.store.Revision()
	x.do("PATCH", "/organizations/default", server, who["adm"]).want(200)
	if x.store.Revision() != before {
		t.Error("the same password again is a revision")
	}
	x.do("PATCH", "/organizations/default", object{"mail": object{"port": 2525}}, who["adm"]).want(200)
	if held() != "hidden-word" {
		t.Errorf("the password is %q after another change", held())
	}
	for _, path := range []string{"/organizations/default", "/organizations", "/revisions", "/export"} {
		if raw := x.do("GET", path, nil).want(200).raw; bytes.Contains(raw, []byte("hidden-word")) {
			t.Errorf("%s shows the password", path)
		}
	}
	x.do("PATCH", "/organizations/default", object{"mail": object{"username": ""}}, who["adm"]).want(200)
	if held() != "" {
		t.Error("a password is kept that nobody signs in with")
	}
	x.do("POST", "/mail/test", object{"to": "nobody"}, who["adm"]).want(422, "to")
	x.do("POST", "/mail/test", object{"to": "anna@example.com"}, who["usr"]).want(403)
	x.do("POST", "/mail/test", object{"to": "anna@example.com"}, who["adm"]).want(503)

	if _, err := x.svc.Mail(t.Context(), "default", "", store.Mail{To: []string{"anna@example.com"}, Subject: "Hello"}); err != nil {
		t.Error(err)
	}
	x.do("PATCH", "/organizations/default", object{"mail": object{"host": "", "from": "", "port": 0, "tls": ""}}, who["adm"]).want(200)
	if _, err := x.svc.Mail(t.Context(), "default", "", store.Mail{To: []string{"anna@example.com"}}); err == nil {
		t.Error("a mail is promised that nothing can send")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
