package deliver

import (
	"bytes"
	"image/png"
	"log/slog"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"strowger/provisioning"
	"strowger/store"
	"strowger/store/storetest"
)

const newUsers = `{"users": [
	{"id": "mia", "first_name": "Mia", "last_name": "<b>Müller</b>", "email": "mia@example.com", "language": "de", "time_zone": "Asia/Tokyo"},
	{"id": "ion", "first_name": "Ion", "email": "ion@example.com"}],
	"contact_methods": [{"id": "mia-app", "user_id": "mia", "kind": "app"}, {"id": "ion-app", "user_id": "ion", "kind": "app"}]}`

// decoded is what a QR code in a PNG says.
func decoded(t *testing.T, image string) string {
	t.Helper()
	drawn, err := png.Decode(bytes.NewReader([]byte(image)))
	if err != nil {
		t.Fatal(err)
	}
	dots, err := gozxing.NewBinaryBitmapFromImage(drawn)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(dots, nil)
	if err != nil {
		t.Fatal(err)
	}
	return read.GetText()
}

// The mail of an invitation is all that an app needs: the image in it leads to
// working credentials.
func TestInvitationMail(t *testing.T) {
	p := newPostOffice(t, false)
	o := newMailOffice(t, p, "starttls", "")
	o.e.Close()
	storetest.Apply(t, o.st, newUsers)
	svc := provisioning.New(o.st, provisioning.Options{Data: o.dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	o.e = Start(Options{Store: o.st, Data: o.dir, Roots: p.roots, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(o.e.Close)
	inv, err := svc.Invite(t.Context(), "default", store.Author{Who: "test"}, "mia", "https://pbx.example.com")
	if err != nil {
		t.Fatal(err)
	}
	<-p.taken
	m := p.last()
	got := parts(t, m.Header, m.Body)
	text, html, link := got["text/plain"], got["text/html"], decoded(t, got["image/png <qr>"])
	if link != inv.URL || !strings.HasPrefix(link, "https://pbx.example.com/a/") {
		t.Errorf("the image says %s, the invitation %s", link, inv.URL)
	}
	zone, _ := time.LoadLocation("Asia/Tokyo")
	for _, want := range []string{"Hallo Mia", inv.URL, inv.Code, inv.ExpiresAt.In(zone).Format("2006, 15:04 Uhr (JST)")} {
		if !strings.Contains(text, want) || !strings.Contains(html, want) {
			t.Errorf("%q is not in both of\n%s\n%s", want, text, html)
		}
	}
	if !strings.Contains(html, `src="cid:qr"`) || strings.Contains(html, "<b>") || !strings.Contains(html, `href="`+inv.URL+`"`) {
		t.Errorf("%s", html)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	done, err := svc.Activate(t.Context(), netip.MustParseAddr("192.0.2.7"), "pbx.example.com", provisioning.ActivationRequest{Code: strings.TrimPrefix(u.Path, "/a/"), OS: "android"})
	if err != nil || done.Settings.UserID != "mia" || done.SIP.Password == "" {
		t.Fatalf("%+v %v", done, err)
	}
	// Without a language of one's own it is the organization's.
	if _, err := svc.Invite(t.Context(), "default", store.Author{Who: "test"}, "ion", "https://pbx.example.com"); err != nil {
		t.Fatal(err)
	}
	<-p.taken
	m = p.last()
	if text := parts(t, m.Header, m.Body)["text/plain"]; !strings.Contains(text, "Hello Ion,") || !strings.Contains(text, "(UTC)") {
		t.Errorf("%s", text)
	}
}

// A mail server that is down for hours gets one mail, with the link that is good
// then, also when the user was invited again meanwhile.
func TestInvitationWaits(t *testing.T) {
	p := newPostOffice(t, false)
	o := newMailOffice(t, p, "starttls", "")
	o.e.Close()
	storetest.Apply(t, o.st, newUsers)
	p.refuse(&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not now"})
	svc := provisioning.New(o.st, provisioning.Options{Data: o.dir, Log: slog.New(slog.DiscardHandler)})
	var links []string
	for range 2 {
		inv, err := svc.Invite(t.Context(), "default", store.Author{Who: "test"}, "mia", "https://pbx.example.com")
		if err != nil || inv.State != "sent" {
			t.Fatalf("%+v %v", inv, err)
		}
		links = append(links, inv.URL)
		for _, j := range o.jobs() { // an attempt fails, as those of the next hours do
			_, failure := o.e.attempt(t.Context(), j)
			if err := o.e.settle(j, receipt{}, failure); failure == nil || err != nil {
				t.Fatal(failure, err)
			}
		}
	}
	p.refuse(nil)
	for _, j := range o.jobs() {
		sent, failure := o.e.attempt(t.Context(), j)
		if err := o.e.settle(j, sent, failure); failure != nil || err != nil {
			t.Fatal(failure, err)
		}
	}
	if left, err := o.st.Queued(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("%v is sent again, %v", left, err)
	}
	if jobs := o.jobs(); len(p.mails) != 1 || len(jobs) != 1 || jobs[0].State != store.JobDone {
		t.Fatalf("%d mails, jobs %+v", len(p.mails), jobs)
	}
	m := p.last()
	text := parts(t, m.Header, m.Body)["text/plain"]
	link := regexp.MustCompile(`https://\S+`).FindString(text)
	if link != links[1] {
		t.Fatalf("mailed %s of %v", link, links)
	}
	for i, want := range []bool{false, true} {
		_, err := svc.Activate(t.Context(), netip.MustParseAddr("192.0.2.7"), "pbx.example.com",
			provisioning.ActivationRequest{Code: strings.TrimPrefix(links[i], "https://pbx.example.com/a/")})
		if (err == nil) != want {
			t.Errorf("link %d: %v", i, err)
		}
	}
}
