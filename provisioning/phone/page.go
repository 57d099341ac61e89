package phone

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"strowger/provisioning"
)

// pageWords are the texts of the page that a person sees at the link of an
// invitation, in one language.
type pageWords struct {
	Language, Title, Install    string
	Here, SetUp, Elsewhere      string // on this device: Here, SetUp as a link; on another one
	OtherApp, SetUpOther, Scan  string // Acrobits' apps: for whom, the link, before their QR code
	Link, Code                  string // before each
	Once, Until, Warning        string // Until before the time
	Gone, GoneHint, Wait, Wrong string // why there is no invitation to be seen
}

var pageLanguages = []*pageWords{
	{
		Language: "en", Title: "Your telephone app",
		Install: "Install Linphone on your telephone or computer, from its app store or linphone.org.",
		Here:    "On this device:", SetUp: "set up Linphone",
		Elsewhere: "On another one: choose to sign in with a QR code there, and scan this.",
		OtherApp:  "If you rather use Groundwire or Acrobits Softphone", SetUpOther: "set up Groundwire",
		Scan: "On another one: open the QR code scanner in the app there, and scan this.",
		Link: "Where an app asks for a link, it is", Code: "where it asks for a code,",
		Once: "This works once,", Until: "until", Warning: "Give it to nobody: whoever comes first makes calls as you.",
		Gone: "This invitation is not valid", GoneHint: "It was used already, or is too old, or the link is not whole. Ask your administrator for a new one.",
		Wait: "There were too many wrong codes from here. Try again later.", Wrong: "Something failed. Try again later.",
	},
	{
		Language: "de", Title: "Ihre Telefon-App",
		Install: "Installieren Sie Linphone auf Ihrem Telefon oder Computer, aus dem App-Store oder von linphone.org.",
		Here:    "Auf diesem Gerät:", SetUp: "Linphone einrichten",
		Elsewhere: "Auf einem anderen: Wählen Sie dort die Anmeldung mit QR-Code, und scannen Sie diesen.",
		OtherApp:  "Wenn Sie lieber Groundwire oder Acrobits Softphone benutzen", SetUpOther: "Groundwire einrichten",
		Scan: "Auf einem anderen: Öffnen Sie dort in der App den QR-Code-Scanner, und scannen Sie diesen.",
		Link: "Fragt eine App nach einem Link, ist es", Code: "fragt sie nach einem Code,",
		Once: "Das geht einmal,", Until: "bis", Warning: "Geben Sie es niemandem: Wer zuerst kommt, telefoniert in Ihrem Namen.",
		Gone: "Diese Einladung gilt nicht", GoneHint: "Sie wurde schon benutzt oder ist zu alt, oder der Link ist nicht vollständig. Bitten Sie Ihren Administrator um eine neue.",
		Wait: "Von hier kamen zu viele falsche Codes. Versuchen Sie es später noch einmal.", Wrong: "Etwas ist schiefgegangen. Versuchen Sie es später noch einmal.",
	},
	{
		Language: "es", Title: "Su aplicación de teléfono",
		Install: "Instale Linphone en su teléfono u ordenador, desde la tienda de aplicaciones o linphone.org.",
		Here:    "En este dispositivo:", SetUp: "configurar Linphone",
		Elsewhere: "En otro: elija allí iniciar sesión con un código QR y escanee este.",
		OtherApp:  "Si prefiere Groundwire o Acrobits Softphone", SetUpOther: "configurar Groundwire",
		Scan: "En otro: abra allí el lector de códigos QR de la aplicación y escanee este.",
		Link: "Si una aplicación pide un enlace, es", Code: "si pide un código,",
		Once: "Funciona una sola vez,", Until: "hasta el", Warning: "No se lo dé a nadie: quien llegue primero llamará en su nombre.",
		Gone: "Esta invitación no es válida", GoneHint: "Ya se usó, ha caducado o el enlace no está completo. Pida otra a su administrador.",
		Wait: "Han llegado demasiados códigos incorrectos desde aquí. Inténtelo más tarde.", Wrong: "Algo ha fallado. Inténtelo más tarde.",
	},
}

// wordsIn finds the texts in the first language that we have.
func wordsIn(languages ...string) *pageWords {
	for _, wanted := range languages {
		short, _, _ := strings.Cut(strings.ToLower(wanted), "-")
		for _, w := range pageLanguages {
			if w.Language == short {
				return w
			}
		}
	}
	return pageLanguages[0]
}

// languagesOf are those that a browser asks for. Browsers name the best first,
// whatever weights they add.
func languagesOf(r *http.Request) []string {
	var out []string
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		name, _, _ := strings.Cut(part, ";")
		if name = strings.TrimSpace(name); name != "" && len(out) < 10 {
			out = append(out, name)
		}
	}
	return out
}

// page says what to do with the link, and uses nothing up.
func (h *Handler) page(w http.ResponseWriter, r *http.Request, source netip.Addr, code string) {
	scheme := "http://"
	if provisioning.OverTLS(r) {
		scheme = "https://"
	}
	languages := languagesOf(r)
	inv, err := h.svc.ShowInvitation(source, code, scheme+r.Host, languages...)
	if err != nil {
		h.noPage(w, wordsIn(languages...), err)
		return
	}
	h.write(w, http.StatusOK, map[string]any{
		"W": wordsIn(inv.Language), "Code": inv.Code, "URL": inv.URL, "QR": template.HTML(inv.QRSVG), // drawn by us, from a link that it escapes into squares
		"Linphone": template.URL("linphone-config:" + inv.URL), "Until": inv.Until,
		"Acrobits": template.URL(inv.AcrobitsURL), "AcrobitsQR": template.HTML(inv.AcrobitsQRSVG),
	})
}

// noPage says in a person's words why there is nothing to be seen.
func (h *Handler) noPage(w http.ResponseWriter, words *pageWords, err error) {
	status, why := h.whyNot(w, words, err)
	h.write(w, status, map[string]any{"W": words, "Why": why})
}

// whyNot finds a person's words for why an invitation opens nothing, and tells who
// guesses when to come again.
func (h *Handler) whyNot(w http.ResponseWriter, words *pageWords, err error) (status int, why string) {
	var refusal *provisioning.Refusal
	switch {
	case !errors.As(err, &refusal):
		h.o.Log.Error("an invitation failed", "err", err)
		return http.StatusInternalServerError, words.Wrong
	case refusal.Status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", seconds(refusal.RetryAfter))
		return refusal.Status, words.Wait
	}
	return refusal.Status, words.GoneHint
}

// seconds is a duration as Retry-After has it.
func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

func (h *Handler) write(w http.ResponseWriter, status int, shown map[string]any) {
	shown["Style"] = template.CSS(pageStyle)
	var b bytes.Buffer
	if err := invitationPage.Execute(&b, shown); err != nil {
		h.refused(w, err)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src '"+styleHash+"'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", shown["W"].(*pageWords).Language)
	w.Header().Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

const pageStyle = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}svg{display:block;margin:1rem 0;max-width:100%;height:auto}code{font-size:1.3rem;overflow-wrap:anywhere}summary{cursor:pointer}`

var styleHash = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}()

var invitationPage = template.Must(template.New("invitation").Parse(`<!DOCTYPE html>
<html lang="{{.W.Language}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>{{.W.Title}}</title>
<style>{{.Style}}</style>
</head>
<body>
<main>
{{- if .Why}}
<h1>{{.W.Gone}}</h1>
<p>{{.Why}}</p>
{{- else}}
<h1>{{.W.Title}}</h1>
<ol>
<li>{{.W.Install}}</li>
<li>{{.W.Here}} <a href="{{.Linphone}}">{{.W.SetUp}}</a>. {{.W.Elsewhere}}
{{.QR}}
{{- if .Acrobits}}
<details><summary>{{.W.OtherApp}}</summary>
<p>{{.W.Here}} <a href="{{.Acrobits}}">{{.W.SetUpOther}}</a>. {{.W.Scan}}</p>
{{.AcrobitsQR}}</details>
{{- end}}</li>
<li>{{.W.Link}} <code>{{.URL}}</code>; {{.W.Code}} <code>{{.Code}}</code>.</li>
</ol>
<p>{{.W.Once}} {{.W.Until}} {{.Until}}. {{.W.Warning}}</p>
{{- end}}
</main>
</body>
</html>
`))
