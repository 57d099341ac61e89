package api_test

import (
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
