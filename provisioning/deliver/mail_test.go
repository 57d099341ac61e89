package deliver

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	stdmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"strowger/media/audio"
	"strowger/store"
)

// postOffice is a real SMTP server that keeps what it takes.
type postOffice struct {
	host, port string
	roots      *x509.CertPool

	mu    sync.Mutex
	mails []*stdmail.Message
	to    []string
	deny  error         // what the next recipient is told
	taken chan struct{} // one for each mail
}

func newPostOffice(t *testing.T, implicit bool) *postOffice {
	t.Helper()
	// A certificate for 127.0.0.1, and who vouches for it.
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	p := &postOffice{roots: x509.NewCertPool(), taken: make(chan struct{}, 100)}
	p.roots.AddCert(web.Certificate())
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{p: p}, nil }))
	s.Domain, s.TLSConfig, s.MaxMessageBytes = "mail.example.com", &tls.Config{Certificates: web.TLS.Certificates}, 10<<20
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.host, p.port, _ = net.SplitHostPort(l.Addr().String())
	if implicit {
		l = tls.NewListener(l, s.TLSConfig)
	}
	served := make(chan struct{})
	go func() { defer close(served); s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-served })
	return p
}

type session struct {
	p      *postOffice
	signed bool
	to     []string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != "pbx" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		s.signed = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.signed {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.to = append(s.to, to)
	return s.p.deny
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := stdmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	s.p.mu.Lock()
	s.p.mails, s.p.to = append(s.p.mails, m), append(s.p.to, s.to...)
	s.p.mu.Unlock()
	s.p.taken <- struct{}{}
	return nil
}

func (s *session) Reset()        { s.to = nil }
func (s *session) Logout() error { return nil }

func (p *postOffice) last() *stdmail.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.mails) == 0 {
		return nil
	}
	return p.mails[len(p.mails)-1]
}

func (p *postOffice) refuse(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deny = err
}

// parts are the leaves of a mail: by media type, what they hold.
func parts(t *testing.T, header map[string][]string, body io.Reader) map[string]string {
	t.Helper()
	out := map[string]string{}
	h := stdmail.Header(header)
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		r := multipart.NewReader(body, params["boundary"])
		for {
			part, err := r.NextRawPart()
			if err != nil {
				return out
			}
			for kind, text := range parts(t, part.Header, part) {
				out[kind] = text
			}
		}
	}
	switch h.Get("Content-Transfer-Encoding") {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	if id := h.Get("Content-Id"); id != "" {
		kind += " " + id
	}
	out[kind] = string(text)
	return out
}

// newMailOffice mails by a post office.
func newMailOffice(t *testing.T, p *postOffice, security, more string) *office {
	o := newOffice(t, fmt.Sprintf(`{"organizations": [{"id": "default", "private_destinations": ["127.0.0.0/8"],
		"mail": {"host": %q, "port": %s, "tls": %q, "username": "pbx", "password": "secret", "from": "Exchange <pbx@example.com>"}}],
		"users": [{"id": "root", "first_name": "Ada", "role": "admin", "email": "ada@example.com"}, {"id": "anna", "first_name": "Anna", "email": "anna@example.com"}]%s}`,
		p.host, p.port, security, more))
	o.e.Close()
	o.e = Start(Options{Store: o.st, Data: o.dir, Roots: p.roots, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(o.e.Close)
	return o
}

func TestMail(t *testing.T) {
	for _, security := range []string{"starttls", "tls"} {
		t.Run(security, func(t *testing.T) {
			p := newPostOffice(t, security == "tls")
			o := newMailOffice(t, p, security, "")
			j, err := o.st.QueueMail(t.Context(), "default", "welcome", store.Mail{To: []string{"anna@example.com"}, Subject: "Willkommen, Änna", Text: "Your code is 4711.\n",
				HTML: `<p>Your code: <img src="cid:qr"></p>`, Attachments: []store.Attachment{
					{Name: "qr.png", Type: "image/png", ContentID: "qr", Data: []byte("PNG")}, {Name: "terms.pdf", Type: "application/pdf", Data: []byte("PDF")}}})
			if err != nil {
				t.Fatal(err)
			}
			<-p.taken
			o.e.Close()
			if j, err = o.st.Job(t.Context(), "default", j.ID); err != nil || !strings.HasPrefix(j.Where+j.LastError, "anna@example.com") && j.State != store.JobQueued {
				t.Errorf("%+v %v", j, err)
			}
			m := p.last()
			subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
			if subject != "Willkommen, Änna" || m.Header.Get("Message-Id") != "<welcome@example.com>" || m.Header.Get("From") != `"Exchange" <pbx@example.com>` {
				t.Errorf("%v", m.Header)
			}
			got := parts(t, m.Header, m.Body)
			for kind, want := range map[string]string{"text/plain": "Your code is 4711.", "text/html": `src="cid:qr"`, "image/png <qr>": "PNG", "application/pdf": "PDF"} {
				if !strings.Contains(got[kind], want) {
					t.Errorf("%s: %q in %q", kind, got[kind], got)
				}
			}
		})
	}
}

func TestMailServerRefuses(t *testing.T) {
	p := newPostOffice(t, false)
	o := newMailOffice(t, p, "starttls", "")
	if where, err := o.e.TryMail(t.Context(), "default", "anna@example.com"); err != nil || !strings.HasPrefix(where, "anna@example.com by 127.0.0.1:") {
		t.Fatalf("%s %v", where, err)
	}
	<-p.taken
	server, err := o.e.mailServer("default")
	if err != nil {
		t.Fatal(err)
	}
	send := func(s mailServer) error {
		m, err := s.message("x", o.e.now(), []string{"anna@example.com"}, "s", "t")
		if err != nil {
			t.Fatal(err)
		}
		return o.e.sendMail(t.Context(), &s, m)
	}
	wrong := *server
	wrong.Password = "wrong"
	err = send(wrong)
	wantError(t, err, "535")
	if isPermanent(err) {
		t.Error("a wrong password is for ever")
	}
	plainly := *server
	plainly.TLS, plainly.Username = store.MailPlain, ""
	wantError(t, send(plainly), "502") // sign in first
	p.refuse(&smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 1}, Message: "later"})
	if err := send(*server); err == nil || isPermanent(err) {
		t.Errorf("a mailbox that is busy: %v", err)
	}
	p.refuse(&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody here"})
	err = send(*server)
	wantError(t, err, "nobody here")
	if !isPermanent(err) {
		t.Error("an address that nobody has is tried for days")
	}
	o.e.roots = x509.NewCertPool()
	wantError(t, send(*server), "certificate")
}

func TestRecordingByEmail(t *testing.T) {
	p := newPostOffice(t, false)
	o := newMailOffice(t, p, "starttls", `, "delivery_methods": [{"id": "m", "kind": "email", "settings": {"to": "anna@example.com, ben@example.com", "max_mb": "1"}}]`)
	o.capture("rec", sound, "m")
	<-p.taken
	o.e.Close()
	m := p.last()
	got := parts(t, m.Header, m.Body)
	if got["audio/wav"] != string(sound) || !strings.Contains(got["text/plain"], hash(sound)) || !strings.Contains(m.Header.Get("Subject"), "+12025550142 to 101") {
		t.Errorf("%v: %d bytes of audio", m.Header, len(got["audio/wav"]))
	}
	if to := strings.Join(p.to, " "); to != "anna@example.com ben@example.com" {
		t.Errorf("to %s", to)
	}
	o.capture("long", make([]byte, 1<<20+1), "m")
	_, err := o.once("long")
	wantError(t, err, "settings.max_mb is 1")
	if !isPermanent(err) {
		t.Error("it will not get smaller")
	}
}

// As MP3 it is what was captured, smaller, and the ledger proves that it was sent.
func TestRecordingByEmailAsMP3(t *testing.T) {
	p := newPostOffice(t, false)
	o := newMailOffice(t, p, "starttls", `, "delivery_methods": [{"id": "m", "kind": "email", "settings": {"to": "anna@example.com", "format": "mp3"}}]`)
	f, err := o.e.silence()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	wav, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	o.e.Close()
	o.capture("rec", wav, "m")
	_, err = o.once("rec")
	if err != nil {
		t.Fatal(err)
	}
	m := p.last()
	got := parts(t, m.Header, m.Body)
	mp3 := []byte(got["audio/mpeg"])
	clip, err := audio.Decode(t.Context(), mp3)
	if err != nil || clip.Duration() < time.Second || clip.Duration() > 1300*time.Millisecond || len(mp3) > len(wav)/3 {
		t.Errorf("%d bytes of WAV became %d bytes of MP3, %v, %v", len(wav), len(mp3), clip.Duration(), err)
	}
	if !strings.Contains(got["text/plain"], hash(mp3)) {
		t.Errorf("the proof is of something else: %s", got["text/plain"])
	}
	o.capture("broken", []byte("no sound"), "m")
	_, err = o.once("broken")
	wantError(t, err, "not a WAV file")
	if !isPermanent(err) {
		t.Error("it will not become one")
	}
}

// Administrators hear of a method that fails, once a day, however much fails.
func TestAlertOnceADay(t *testing.T) {
	p := newPostOffice(t, false)
	o := newMailOffice(t, p, "starttls", `, "delivery_methods": [{"id": "m", "name": "Archive", "kind": "webhook", "settings": {"url": "http://10.0.0.1", "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}}]`)
	for i := range 5 {
		o.capture(fmt.Sprintf("rec%d", i), sound, "m")
	}
	o.e.Close()
	for _, j := range o.jobs() {
		if err := o.e.settle(j, receipt{}, permanent("no such bucket")); err != nil {
			t.Fatal(err)
		}
	}
	o.e = Start(Options{Store: o.st, Data: o.dir, Roots: p.roots, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(o.e.Close)
	<-p.taken
	o.e.Close()
	mails := 0
	for _, j := range o.jobs() {
		if j.Kind == store.JobMail {
			mails++
		}
	}
	m := p.last()
	body := parts(t, m.Header, m.Body)["text/plain"]
	if mails != 1 || len(p.mails) != 1 || strings.Join(p.to, " ") != "ada@example.com" || !strings.Contains(body, "Archive") || !strings.Contains(body, "no such bucket") {
		t.Errorf("%d mails, %d taken, to %v: %s", mails, len(p.mails), p.to, body)
	}
}

// Tenants without a mail server of their own mail by the operator's.
func TestOperatorsMailServer(t *testing.T) {
	p := newPostOffice(t, false)
	o := newMailOffice(t, p, "starttls", "")
	if _, err := o.st.CreateOrganization(t.Context(), store.Author{Who: "test"}, store.Organization{Meta: store.Meta{ID: "acme"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.e.TryMail(t.Context(), "acme", "coyote@example.com"); err != nil {
		t.Fatal(err)
	}
	<-p.taken
	none := newOffice(t, `{}`)
	_, err := none.e.TryMail(t.Context(), "default", "anna@example.com")
	wantError(t, err, "no mail server is set")
}
