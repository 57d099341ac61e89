package provisioning

import (
	"bytes"
	"cmp"
	"context"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"strowger/store"
)

// A letter is what a mail to a user says, in the user's language.
type letter struct {
	Language string
	Subject  string
	Greeting string
	Lead     string
	Action   string // what the link does
	URL      string // empty: there is none
	Typed    string // before Code
	Code     string // empty: there is none
	Until    string // when link and code end; empty: there is neither
	Warning  string
	QR       bool // the link as an image, qr.png
}

// letterWords are the texts of letters in one language.
type letterWords struct {
	language                                          string
	at                                                func(time.Time) string
	greeting                                          string
	invited, inviteLead, activate, typed, inviteUntil string
	inviteWarning                                     string
	reset, resetLead, choose, resetUntil, resetIgnore string
	verify, verifyLead, confirm, verifyIgnore         string
	moved, movedLead, movedWarning                    string
}

// In the texts %org, %name, %login, %email and %at stand for what their names say.
var letterLanguages = []*letterWords{
	{
		language: "en", greeting: "Hello %name,",
		at:         func(t time.Time) string { return t.Format("Monday, 2 January 2006, 15:04 (MST)") },
		invited:    "Your telephone line at %org",
		inviteLead: "A telephone line at %org is ready for you. Scan the QR code with the app on your mobile phone, or open the link on the device that has the app:",
		activate:   "Activate the app", typed: "Or type this code in the app:",
		inviteUntil:   "Link and code are good for one device, until %at.",
		inviteWarning: "Please pass this mail on to nobody: who has the code can make calls as you.",
		reset:         "A new password for %org",
		resetLead:     "With this link you choose a new password for the login %login at %org:",
		choose:        "Choose a new password", resetUntil: "The link is good once, until %at.",
		resetIgnore: "If you have not asked for it, there is nothing to do: your password stays as it is.",
		verify:      "Is this your address at %org?",
		verifyLead:  "%email was entered as your email address at %org. Please confirm that it is yours:",
		confirm:     "Confirm the address", verifyIgnore: "If you do not know %org or are not %name, please do not open the link: until it is confirmed, nothing else is sent to this address that opens an account.",
		moved:        "Your email address at %org was changed",
		movedLead:    "An administrator has entered another email address for you at %org. Links to choose a password are not sent to this one any more.",
		movedWarning: "If you did not expect this, please ask your administrator.",
	},
	{
		language: "de", greeting: "Hallo %name,",
		at: func(t time.Time) string {
			return germanDays[t.Weekday()] + t.Format(", 2. ") + germanMonths[t.Month()-1] + t.Format(" 2006, 15:04 Uhr (MST)")
		},
		invited:    "Ihr Telefonanschluss bei %org",
		inviteLead: "bei %org ist ein Telefonanschluss für Sie eingerichtet. Scannen Sie den QR-Code mit der App auf Ihrem Mobiltelefon, oder öffnen Sie den Link auf dem Gerät mit der App:",
		activate:   "App aktivieren", typed: "Oder geben Sie in der App diesen Code ein:",
		inviteUntil:   "Link und Code gelten für ein Gerät, bis %at.",
		inviteWarning: "Bitte geben Sie diese E-Mail nicht weiter: Wer den Code hat, kann in Ihrem Namen telefonieren.",
		reset:         "Ein neues Passwort für %org",
		resetLead:     "mit diesem Link wählen Sie ein neues Passwort für die Anmeldung %login bei %org:",
		choose:        "Neues Passwort wählen", resetUntil: "Der Link gilt einmal, bis %at.",
		resetIgnore: "Wenn Sie das nicht angefordert haben, müssen Sie nichts tun: Ihr Passwort bleibt, wie es ist.",
		verify:      "Ist das Ihre Adresse bei %org?",
		verifyLead:  "%email wurde als Ihre E-Mail-Adresse bei %org eingetragen. Bitte bestätigen Sie, dass es Ihre ist:",
		confirm:     "Adresse bestätigen", verifyIgnore: "Wenn Sie %org nicht kennen oder nicht %name sind, öffnen Sie den Link bitte nicht: Bis zur Bestätigung wird an diese Adresse nichts weiter gesendet, was ein Konto öffnet.",
		moved:        "Ihre E-Mail-Adresse bei %org wurde geändert",
		movedLead:    "die Verwaltung von %org hat für Sie eine andere E-Mail-Adresse eingetragen. Links zur Wahl eines Passworts gehen nicht mehr an diese hier.",
		movedWarning: "Wenn Sie das nicht erwartet haben, fragen Sie bitte Ihre Verwaltung.",
	},
	{
		language: "es", greeting: "Hola, %name:",
		at: func(t time.Time) string {
			return spanishDays[t.Weekday()] + t.Format(", 2 de ") + spanishMonths[t.Month()-1] + t.Format(" de 2006, 15:04 (MST)")
		},
		invited:    "Su línea de teléfono en %org",
		inviteLead: "%org ha preparado una línea de teléfono para usted. Escanee el código QR con la aplicación de su móvil, o abra el enlace en el dispositivo que tiene la aplicación:",
		activate:   "Activar la aplicación", typed: "O escriba este código en la aplicación:",
		inviteUntil:   "El enlace y el código valen para un dispositivo, hasta el %at.",
		inviteWarning: "No reenvíe este correo a nadie: quien tenga el código puede llamar en su nombre.",
		reset:         "Una contraseña nueva para %org",
		resetLead:     "Con este enlace puede elegir una contraseña nueva para el usuario %login en %org:",
		choose:        "Elegir una contraseña nueva", resetUntil: "El enlace vale una sola vez, hasta el %at.",
		resetIgnore: "Si no lo ha pedido, no tiene que hacer nada: su contraseña sigue igual.",
		verify:      "¿Es esta su dirección en %org?",
		verifyLead:  "%email se ha registrado como su correo electrónico en %org. Confirme, por favor, que es suyo:",
		confirm:     "Confirmar la dirección", verifyIgnore: "Si no conoce %org o no es %name, no abra el enlace, por favor: hasta que se confirme, no se envía a esta dirección nada más que abra una cuenta.",
		moved:        "Su correo electrónico en %org ha cambiado",
		movedLead:    "Un administrador ha registrado otro correo electrónico para usted en %org. Los enlaces para elegir una contraseña ya no se envían a este.",
		movedWarning: "Si no lo esperaba, pregunte a su administrador.",
	},
}

var (
	germanDays    = [...]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}
	germanMonths  = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
	spanishDays   = [...]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"}
	spanishMonths = [...]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
)

// wordsFor finds the texts in a user's language, else in the organization's, else
// in one of others, the best first.
func wordsFor(u *store.User, o *store.Organization, others ...string) *letterWords {
	for _, wanted := range append([]string{u.Language, o.Language}, others...) {
		for _, w := range letterLanguages {
			if short, _, _ := strings.Cut(strings.ToLower(wanted), "-"); short == w.language {
				return w
			}
		}
	}
	return letterLanguages[0]
}

// atOf is a time in a user's time zone.
func (w *letterWords) atOf(u *store.User, o *store.Organization, at time.Time) string {
	zone, err := time.LoadLocation(cmp.Or(u.TimeZone, o.TimeZone))
	if err != nil {
		zone = time.UTC
	}
	return w.at(at.In(zone))
}

// fill puts a user's own into the texts of a letter. at is shown in the user's
// time zone.
func (w *letterWords) fill(u *store.User, o *store.Organization, at time.Time, l letter) letter {
	own := strings.NewReplacer("%org", o.Name, "%name", cmp.Or(fullName(u), u.Login), "%login", u.Login, "%email", u.Email, "%at", w.atOf(u, o, at))
	l.Language = w.language
	for _, text := range []*string{&l.Subject, &l.Greeting, &l.Lead, &l.Action, &l.Typed, &l.Until, &l.Warning} {
		*text = own.Replace(*text)
	}
	return l
}

// mail is a letter as text and as HTML, with the QR code within.
func (l letter) mail(to string) (store.Mail, error) {
	m := store.Mail{To: []string{to}, Subject: l.Subject}
	if l.QR {
		png, err := qrPNG(l.URL)
		if err != nil {
			return m, err
		}
		m.Attachments = []store.Attachment{{Name: "qr.png", Type: "image/png", ContentID: "qr", Data: png}}
	}
	var text, html bytes.Buffer
	if err := letterText.Execute(&text, l); err != nil {
		return m, err
	}
	if err := letterHTML.Execute(&html, l); err != nil {
		return m, err
	}
	m.Text, m.HTML = text.String(), html.String()
	return m, nil
}

var letterText = texttemplate.Must(texttemplate.New("letter").Parse(`{{.Greeting}}

{{.Lead}}
{{if .URL}}
    {{.URL}}
{{end}}{{if .Code}}
{{.Typed}}

    {{.Code}}
{{end}}{{if .Until}}
{{.Until}}
{{end}}
{{.Warning}}
`))

// Mail programs know little of styles: what there is stands with each element.
var letterHTML = htmltemplate.Must(htmltemplate.New("letter").Parse(`<!DOCTYPE html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><title>{{.Subject}}</title></head>
<body style="margin:0;padding:24px;background:#f4f5f7;font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#1c2430">
<div style="max-width:520px;margin:0 auto;padding:24px;background:#fff;border:1px solid #dde1e7;border-radius:6px">
<p>{{.Greeting}}</p>
<p>{{.Lead}}</p>
{{if .QR}}<p><img src="cid:qr" alt="{{.URL}}" width="240" height="240" style="display:block;border:1px solid #dde1e7"></p>
{{end}}{{if .URL}}<p><a href="{{.URL}}" style="display:inline-block;padding:10px 18px;background:#1f5fbf;color:#fff;text-decoration:none;border-radius:4px">{{.Action}}</a></p>
<p style="word-break:break-all"><a href="{{.URL}}" style="color:#1f5fbf">{{.URL}}</a></p>
{{end}}{{if .Code}}<p>{{.Typed}}<br><strong style="font-family:ui-monospace,monospace;font-size:20px;letter-spacing:1px">{{.Code}}</strong></p>
{{end}}{{if .Until}}<p>{{.Until}}</p>
{{end}}<p style="color:#5a6472;font-size:13px">{{.Warning}}</p>
</div></body></html>
`))

// mailInvitation promises the mail of an invitation, whose id the user has.
func (s *Service) mailInvitation(ctx context.Context, org string, to *store.User, inv *IssuedInvitation) error {
	sn, err := s.snapshot(org)
	if err != nil {
		return err
	}
	w := wordsFor(to, sn.Organization)
	m, err := w.fill(to, sn.Organization, inv.ExpiresAt, letter{
		Subject: w.invited, Greeting: w.greeting, Lead: w.inviteLead, Action: w.activate, URL: inv.URL,
		Typed: w.typed, Code: inv.Code, Until: w.inviteUntil, Warning: w.inviteWarning, QR: true,
	}).mail(to.Email)
	if err != nil {
		return err
	}
	_, err = s.Mail(ctx, org, to.Invitation.DeliveryID, m)
	return err
}
