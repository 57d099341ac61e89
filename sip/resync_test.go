package sip_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
	"strowger/sip/transaction"
	"strowger/store"
)

// deskPhone is Ben's.
const deskPhone = `{"devices":[{"id":"desk","mac":"001565123456","vendor":"yealink","lines":[{"contact_method_id":"l2"}]}]}`

// notices are the NOTIFYs that a phone gets, each answered with 200.
func notices(a *siptest.Agent) <-chan *gosip.Request {
	got := make(chan *gosip.Request, 64)
	a.Other = func(tx *transaction.Server, req *gosip.Request) {
		got <- req
		tx.Respond(transaction.NewResponse(req, 200, "OK", tx.Tag()))
	}
	return got
}

// A phone whose configuration changed is asked to fetch it, once for a burst of
// changes; what does not concern it leaves it alone.
func TestResyncOnChange(t *testing.T) {
	inBubble(t, options{extra: deskPhone}, func(t *testing.T, x *exchange) {
		ben, cleo := x.phone("ben"), x.phone("cleo")
		asked, others := notices(ben), notices(cleo)
		x.apply(`{"users":[{"id":"u3","first_name":"Chloe"}]}`) // not on the phone
		time.Sleep(time.Minute)
		if len(asked) > 0 {
			t.Errorf("asked for another's name:\n%s", <-asked)
		}
		x.apply(`{"users":[{"id":"u2","first_name":"Benjamin","features":{"voicemail":true}}]}`)
		x.apply(`{"devices":[{"id":"desk","mac":"001565123456","vendor":"yealink","label":"Desk","lines":[{"contact_method_id":"l2"}]}]}`)
		time.Sleep(time.Minute)
		if len(asked) != 1 || len(others) != 0 {
			t.Fatalf("asked %d times, and %d others", len(asked), len(others))
		}
		if req := <-asked; header(req, "Event") != "check-sync;reboot=false" || header(req, "Subscription-State") != "terminated" || req.Recipient.User != "ben" {
			t.Errorf("%s", req)
		}
		if _, err := x.server.Resync("default", "none"); err != store.ErrNotFound {
			t.Error(err)
		}
		if _, err := x.server.Resync("acme", "desk"); err != store.ErrNotFound {
			t.Error("another organization's phone:", err)
		}
		// During a call too, beside its dialog.
		in := x.dial(x.phone("anna"), "102", gosip.NewHeader("Subject", "a call"))
		rings(t, ben)
		if n, err := x.server.Resync("default", "desk"); n != 1 || err != nil {
			t.Error(n, err)
		}
		if req := <-asked; header(req, "Event") != "check-sync;reboot=false" {
			t.Errorf("%s", req)
		}
		in.Cancel()
		final(t, in, 487)
	})
}

// A change that concerns many phones asks them one after the other.
func TestResyncIsSpread(t *testing.T) {
	const phones = 60
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		ben := x.phone("ben")
		asked := notices(ben)
		var list []string
		for i := range phones {
			list = append(list, fmt.Sprintf(`{"id":"d%02d","mac":"0015651234%02x","vendor":"cisco","lines":[{"contact_method_id":"l2"}]}`, i, i))
		}
		x.apply(`{"devices":[` + strings.Join(list, ",") + `]}`)
		time.Sleep(time.Minute)
		if len(asked) != phones {
			t.Fatalf("%d of %d new phones are asked", len(asked), phones)
		}
		for range phones {
			<-asked
		}
		x.apply(`{"organizations":[{"id":"default","name":"Acme & Co","domain":"acme.test","country":"US","time_zone":"UTC","main_number":"+12025550100","main_destination":"101"}]}`)
		first := <-asked
		at := time.Now()
		if header(first, "Event") != "resync" {
			t.Errorf("%s", first)
		}
		for range phones - 1 {
			<-asked
		}
		if took := time.Since(at); took < (phones-1)*50*time.Millisecond {
			t.Errorf("%d phones were asked within %v", phones, took)
		}
	})
}

// A user agent that is none of ours registers, and is asked.
func TestResyncOfSipgo(t *testing.T) {
	x, _ := newExchange(t, options{extra: deskPhone})
	ua, err := sipgo.NewUA(sipgo.WithUserAgent("Yealink SIP-T54W"))
	if err != nil {
		t.Fatal(err)
	}
	defer ua.Close()
	srv, err := sipgo.NewServer(ua)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan *gosip.Request, 4)
	srv.OnNotify(func(req *gosip.Request, tx gosip.ServerTransaction) {
		_ = tx.Respond(gosip.NewResponseFromRequest(req, 200, "OK", nil))
		asked <- req
	})
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.ServeUDP(pc)
	client, err := sipgo.NewClient(ua, sipgo.WithClientHostname("127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	var registrar gosip.Uri
	if err := gosip.ParseUri("sip:ben@acme.test", &registrar); err != nil {
		t.Fatal(err)
	}
	req := gosip.NewRequest(gosip.REGISTER, registrar)
	req.SetDestination(x.addr.String())
	req.AppendHeader(gosip.NewHeader("Contact", "<sip:ben@"+pc.LocalAddr().String()+">"))
	req.AppendHeader(gosip.NewHeader("Expires", "300"))
	req.AppendHeader(&gosip.ToHeader{Address: registrar})
	req.AppendHeader(&gosip.FromHeader{Address: registrar, Params: gosip.HeaderParams{{K: "tag", V: "1"}}})
	res, err := client.Do(t.Context(), req)
	if err == nil && res.StatusCode == 401 {
		res, err = client.DoDigestAuth(t.Context(), req, res, sipgo.DigestAuth{Username: "ben", Password: "pw-of-ben"})
	}
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	x.apply(`{"devices":[{"id":"desk","mac":"001565123456","vendor":"yealink","label":"Desk","lines":[{"contact_method_id":"l2"}]}]}`)
	select {
	case req := <-asked:
		if header(req, "Event") != "check-sync;reboot=false" || req.Recipient.User != "ben" {
			t.Errorf("%s", req)
		}
	case <-time.After(within):
		t.Fatal("it is not asked")
	}
}
