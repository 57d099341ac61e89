package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// A postbox is a mail server that keeps what it gets.
type postbox chan string

// newPostbox listens on a port of 127.0.0.1.
func newPostbox(t testing.TB) (box postbox, port int) {
	t.Helper()
	box = make(postbox, 16)
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return box, nil }))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() { defer close(served); s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-served })
	return box, l.Addr().(*net.TCPAddr).Port
}

func (postbox) Mail(string, *smtp.MailOptions) error { return nil }
func (postbox) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (postbox) Reset()                               {}
func (postbox) Logout() error                        { return nil }

func (b postbox) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err == nil {
		b <- string(raw)
	}
	return err
}

// next is the next mail, its lines as they were written.
func (b postbox) next(t testing.TB) string {
	t.Helper()
	select {
	case raw := <-b:
		text, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader([]byte(raw))))
		if err != nil {
			t.Fatalf("%v in\n%s", err, raw)
		}
		return string(text)
	case <-time.After(20 * time.Second):
		t.Fatal("no mail came")
		return ""
	}
}

// TestPasswordResetKeepsPhones: who chooses a new password by a mailed link is signed
// out everywhere, and the phones are not: they stay registered, a call goes on, and
// they register again with what they had.
func TestPasswordResetKeepsPhones(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	b, _ := s.phone("102")
	x := newExchange(t, s)
	box, port := newPostbox(t)
	x.api(http.MethodPatch, "/organizations/default", record{"private_destinations": []string{"127.0.0.0/8"}, "mail": record{"host": "127.0.0.1", "port": port, "tls": "none", "from": "pbx@example.com"}}, nil)
	x.api(http.MethodPatch, "/users/"+a.UserID, record{"email": "a@example.com", "password": "the old one"}, nil)

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := http.Client{Jar: jar}
	ask := func(method, path string, body record) int {
		t.Helper()
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequest(method, "http://"+x.http+"/api/v1"+path, bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if status := ask(http.MethodPost, "/session", record{"login": "a@example.com", "password": "the old one"}); status != 200 {
		t.Fatalf("the sign-in is answered %d", status)
	}

	phone, other := mustUA(t, x, a).mustRegister(t), mustUA(t, x, b).mustRegister(t)
	call, _ := connect(t, phone, other, "102")
	before := x.registrationsOf(a)
	if len(before) != 1 {
		t.Fatalf("registrations %+v", before)
	}

	x.api(http.MethodPost, "/users/"+a.UserID+"/password-reset", nil, nil)
	key := regexp.MustCompile(`/reset#(\S+)`).FindStringSubmatch(box.next(t))
	if key == nil {
		t.Fatal("the mail has no link")
	}
	if status := ask(http.MethodPut, "/password-resets", record{"key": key[1], "new": "the new one"}); status != 204 {
		t.Fatalf("the new password is answered %d", status)
	}
	if status := ask(http.MethodGet, "/session", nil); status != 401 {
		t.Errorf("the session lives: %d", status)
	}
	if status := ask(http.MethodPost, "/session", record{"login": "a@example.com", "password": "the old one"}); status != 401 {
		t.Errorf("the old password is answered %d", status)
	}
	if after := x.registrationsOf(a); len(after) != 1 || after[0].Contact != before[0].Contact || after[0].ExpiresAt.Sub(before[0].ExpiresAt).Abs() > time.Second {
		t.Errorf("registrations %+v, and before %+v", after, before)
	}
	call.mustHangUp(t)
	if status, res, err := phone.Register(600); err != nil || status != 200 {
		t.Errorf("the phone registers no longer: %d %v\n%s", status, err, res.text)
	}
	call, _ = connect(t, other, phone, "101")
	call.mustHangUp(t)
	x.idle()
}
