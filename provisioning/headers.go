package provisioning

import "strings"

// headings are the names that files from elsewhere give to a user's fields, in
// English, German and Spanish, as plain makes them. A field's own name, and that in
// words, need no entry.
var headings = map[string][]string{
	"first_name":       {"firstname", "givenname", "forename", "vorname", "rufname", "nombre", "nombres", "nombredepila"},
	"last_name":        {"lastname", "surname", "familyname", "nachname", "familienname", "zuname", "apellido", "apellidos"},
	"email":            {"email", "emailaddress", "mail", "workemail", "emailadresse", "mailadresse", "correo", "correoelectronico", "direcciondecorreo"},
	"job_title":        {"jobtitle", "title", "position", "role in company", "jobposition", "titel", "stelle", "funktion", "berufsbezeichnung", "stellenbezeichnung", "cargo", "puesto"},
	"department":       {"department", "dept", "team", "division", "abteilung", "bereich", "departamento", "area", "seccion"},
	"mobile_number":    {"mobilenumber", "mobile", "mobilephone", "cell", "cellphone", "handy", "handynummer", "mobil", "mobiltelefon", "mobilnummer", "movil", "celular", "telefonomovil", "numerodemovil"},
	"extension":        {"extension", "ext", "internalnumber", "shortnumber", "durchwahl", "nebenstelle", "interne nummer", "internenummer", "extensiontelefonica", "interno", "anexo"},
	"direct_number":    {"directnumber", "did", "ddi", "directline", "phone", "phonenumber", "directphone", "direktwahl", "rufnummer", "telefonnummer", "telefon", "numerodirecto", "telefono", "lineadirecta"},
	"time_zone":        {"timezone", "tz", "zeitzone", "zonahoraria", "husohorario"},
	"language":         {"language", "lang", "locale", "sprache", "idioma", "lengua"},
	"login":            {"login", "username", "user", "loginname", "benutzername", "anmeldename", "benutzer", "usuario", "nombredeusuario"},
	"role":             {"role", "rolle", "rol"},
	"time_schedule_id": {"timeschedule", "schedule", "workinghours", "officehours", "zeitplan", "arbeitszeit", "arbeitszeiten", "horario", "horariolaboral"},
	"plan":             {"plan", "tarif", "license", "lizenz", "licencia"},
	"crm_user_id":      {"crmuserid", "crmid", "crmuser", "crm", "crmbenutzer", "crmkennung", "idcrm", "idusuariocrm"},
	"forward.number":   {"forwardnumber", "forwardto", "callforwarding", "rufumleitung", "weiterleitung", "rufweiterleitung", "desvio", "desviodellamadas"},
}

// headingOf finds the field of a heading that plain has made plain.
var headingOf = func() map[string]string {
	out := make(map[string]string)
	for field, names := range headings {
		for _, name := range names {
			out[plain(name)] = field
		}
	}
	return out
}()

var unaccented = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "ß", "ss", "á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ñ", "n")

// plain leaves of a heading only what tells it from others: small letters without
// accents, digits, and the dots of nested fields.
func plain(heading string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, unaccented.Replace(strings.ToLower(heading)))
}

// GuessField is the field that a column of a file is likely to hold: of that name,
// of that name in words, or of one that people use for it. What is not known comes
// back as the field name that it would be.
func GuessField(column string, header []string) string {
	name := fieldNameOf(column)
	for i := range userFields {
		if userFields[i].name == name {
			return name
		}
	}
	if notImported[name] {
		return name
	}
	p := plain(column)
	if field, ok := headingOf[p]; ok {
		return field
	}
	if p == "name" {
		// Beside a first name it is the last one.
		for _, other := range header {
			if headingOf[plain(other)] == "first_name" {
				return "last_name"
			}
		}
		return "first_name"
	}
	return name
}

// fieldNameOf turns "First name" into first_name.
func fieldNameOf(header string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(header)))
}
