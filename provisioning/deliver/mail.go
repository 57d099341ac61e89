package deliver

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	stdmail "net/mail"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"strowger/store"
)

// A mailServer is where an organization's mail goes.
type mailServer struct {
	store.MailServer
	org string // that deliveries to it are on behalf of
}

// mailServer is the organization's own, else that of the default organization,
// which is the operator's.
func (e *Engine) mailServer(org string) (*mailServer, error) {
	for _, from := range []string{org, e.st.Directory().Default()} {
		sn, ok := e.st.Snapshot(from)
		if !ok || sn.Organization.Mail.Host == "" {
			continue
		}
		s := &mailServer{MailServer: sn.Organization.Mail, org: from}
		if sec, ok := sn.Secret("organizations", from); ok {
			var err error
			if s.Password, err = e.st.OpenSecret(sec); err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, fmt.Errorf("the password of the mail server cannot be opened: %w", err)
			}
		}
		return s, nil
	}
	return nil, errors.New("no mail server is set: an administrator does it in the organization's mail")
}

// message begins one. The same id is the same message, for a server that was
// given it twice.
func (s *mailServer) message(id string, at time.Time, to []string, subject, text string) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.From(s.From); err != nil {
		return nil, permanent("the sender of the mail: %v", err)
	}
	if err := m.To(to...); err != nil {
		return nil, permanent("the recipient of the mail: %v", err)
	}
	m.SetMessageIDWithValue(id + "@" + s.domain())
	m.SetDateWithValue(at)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies
	m.Subject(strings.Join(strings.Fields(subject), " "))
	m.SetBodyString(mail.TypeTextPlain, text)
	return m, nil
}

func (s *mailServer) domain() string {
	a, err := stdmail.ParseAddress(s.From)
	if err != nil {
		return s.Host
	}
	return a.Address[strings.LastIndexByte(a.Address, '@')+1:]
}

// sendMail hands a message over to the server. It is done when the server has taken
// it, whatever becomes of the connection after that.
func (e *Engine) sendMail(ctx context.Context, s *mailServer, m *mail.Msg) error {
	config := &tls.Config{ServerName: s.Host, RootCAs: e.roots, MinVersion: tls.VersionTLS12}
	var wire net.Conn
	defer func() {
		if wire != nil {
			wire.Close() // the library leaves it open where signing in fails
		}
	}()
	o := []mail.Option{
		mail.WithPort(s.port()), mail.WithTimeout(stallTimeout), mail.WithTLSConfig(config), mail.WithHELO(s.domain()),
		mail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			c, err := e.dial(dialing, s.org, network, address)
			if err != nil {
				return nil, err
			}
			wire = c
			if s.TLS != store.MailTLS {
				return c, nil
			}
			secure := tls.Client(c, config)
			return secure, secure.HandshakeContext(dialing)
		}),
	}
	switch s.TLS {
	case store.MailSTARTTLS:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	case store.MailTLS: // the connection is secure already, which the library looks at
		o = append(o, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		o = append(o, mail.WithTLSPolicy(mail.NoTLS))
	}
	if s.Username != "" {
		o = append(o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.Username), mail.WithPassword(s.Password))
	}
	client, err := mail.NewClient(s.Host, o...)
	if err != nil {
		return permanent("the mail server: %v", err)
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("mail server %s: %w", s.Host, err)
	}
	defer context.AfterFunc(ctx, func() { wire.Close() })()
	defer client.CloseWithSMTPClient(conn)
	err = client.SendWithSMTPClient(conn, m)
	var refusal *mail.SendError
	if errors.As(err, &refusal) && refusal.Reason == mail.ErrSMTPRcptTo && !refusal.IsTemp() {
		return permanent("mail server %s: %v", s.Host, err) // nobody has that address
	}
	if err != nil {
		return fmt.Errorf("mail server %s: %w", s.Host, err)
	}
	return nil
}

func (s *mailServer) port() int {
	if s.Port != 0 {
		return s.Port
	}
	return map[store.MailSecurity]int{store.MailSTARTTLS: 587, store.MailTLS: 465, store.MailPlain: 25}[s.TLS]
}

func (s *mailServer) where(to []string) string {
	return strings.Join(to, ", ") + " by " + net.JoinHostPort(s.Host, strconv.Itoa(s.port()))
}

// mail sends what a job promises.
func (e *Engine) mail(ctx context.Context, j *store.Job) (receipt, error) {
	s, err := e.mailServer(j.Org)
	if err != nil {
		return receipt{}, err
	}
	content, err := e.st.OpenMail(j)
	if err != nil {
		return receipt{}, err
	}
	m, err := s.message(j.ID, j.CreatedAt, content.To, content.Subject, content.Text)
	if err != nil {
		return receipt{}, err
	}
	if content.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, content.HTML)
	}
	for _, a := range content.Attachments {
		typed := mail.WithFileContentType(mail.ContentType(cmp.Or(a.Type, "application/octet-stream")))
		if a.ContentID != "" {
			m.EmbedReadSeeker(a.Name, bytes.NewReader(a.Data), typed, mail.WithFileContentID("<"+a.ContentID+">"))
		} else {
			m.AttachReadSeeker(a.Name, bytes.NewReader(a.Data), typed)
		}
	}
	return receipt{where: s.where(content.To)}, e.sendMail(ctx, s, m)
}

// mostMail is how large a recording is mailed without a setting, in MB: what the
// usual server takes once it is encoded.
const mostMail = 15

// toEmail mails the audio. The library holds it in memory once it is encoded,
// which max_mb bounds.
func toEmail(ctx context.Context, e *Engine, m *method, p *parcel) (string, error) {
	s, err := e.mailServer(m.org)
	if err != nil {
		return "", err
	}
	most, err := strconv.ParseInt(cmp.Or(m.settings["max_mb"], strconv.Itoa(mostMail)), 10, 64)
	if err != nil {
		return "", permanent("settings.max_mb: %v", err)
	}
	kind := "audio/wav"
	// An MP3 is never larger; an original that is out of all proportion is not read.
	if m.settings["format"] == "mp3" && p.size <= 16*most<<20 {
		if err := p.toMP3(ctx, e); err != nil {
			return "", err
		}
		kind = "audio/mpeg"
	}
	if p.size > most<<20 {
		return "", permanent("the audio has %.1f MB, settings.max_mb is %d", float64(p.size)/(1<<20), most)
	}
	list, err := stdmail.ParseAddressList(m.settings["to"])
	if err != nil {
		return "", permanent("settings.to: %v", err)
	}
	to := make([]string, len(list))
	for i, a := range list {
		to[i] = a.Address
	}
	a := p.about
	subject := cmp.Or(m.settings["subject"], fmt.Sprintf("Recording: %s to %s, %s", a.From, a.To, a.CreatedAt.UTC().Format("2006-01-02 15:04")))
	text := fmt.Sprintf("From:      %s\nTo:        %s\nAt:        %s\nDuration:  %s\nSHA-256:   %s\n",
		a.From, a.To, a.CreatedAt.UTC().Format(time.RFC1123), (time.Duration(a.DurationMS) * time.Millisecond).Round(time.Second), p.sha256)
	if p.test {
		subject, text = "A test by strowger", "This is how recordings will come.\n"
	}
	msg, err := s.message(p.id, a.CreatedAt, to, subject, text)
	if err != nil {
		return "", err
	}
	msg.AttachReadSeeker(path.Base(p.name), io.ReadSeeker(p.file), mail.WithFileContentType(mail.ContentType(kind)))
	return s.where(to), e.sendMail(ctx, s, msg)
}

// alert tells administrators by mail that a delivery method fails, at most once a
// day for each: the day is in the id of the mail.
func (e *Engine) alert(ctx context.Context, j *store.Job, why string) {
	sn, ok := e.st.Snapshot(j.Org)
	if !ok {
		return
	}
	if _, err := e.mailServer(j.Org); err != nil {
		return // nowhere to send it: the log and the outbox have it
	}
	var to []string
	for _, u := range sn.Users.All() {
		if u.Role == "admin" && u.Email != "" {
			to = append(to, u.Email)
		}
	}
	if len(to) == 0 {
		return
	}
	name := j.DeliveryMethodID
	if d, ok := sn.DeliveryMethods.Get(j.DeliveryMethodID); ok {
		name = d.Name
	}
	id := "alert." + j.DeliveryMethodID + "." + e.now().UTC().Format("20060102")
	_, err := e.st.QueueMail(ctx, j.Org, id, store.Mail{
		To: to, Subject: fmt.Sprintf("Recordings do not reach %q", name),
		Text: fmt.Sprintf("The delivery method %q fails:\n\n    %s\n\nIt is tried again for three days; what is given up then waits in the list of deliveries, "+
			"to be retried or discarded. Nothing is lost: every recording is kept on the exchange too.\n\nThis mail comes at most once a day.\n", name, why),
	})
	if err != nil {
		e.log.Warn("the mail about a failing delivery method was not queued", "method", j.DeliveryMethodID, "err", err)
	}
}
