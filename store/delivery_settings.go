package store

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A setting is one that a kind of delivery method knows. Whether it is secret
// its name says.
type setting struct {
	name     string // one that ends in a dot stands for all that begin with it
	required bool   // of a secret: only its user can tell, since it may be kept
	check    func(value string) (rule Words)
}

// deliveryKinds are the settings of each kind of delivery method.
var deliveryKinds = map[string][]setting{
	"disk": {{name: "path", check: relativePath}},
	"email": {{name: "to", required: true, check: addresses}, {name: "subject"},
		{name: "format", check: oneOfWords("wav", "mp3")}, {name: "max_mb", check: number(1, 100)}},
	"sftp": {{name: "host", required: true, check: host}, {name: "port", check: number(1, 65535)}, {name: "username", required: true},
		{name: "password"}, {name: "private_key"}, {name: "passphrase"}, {name: "host_key", check: hostKey}, {name: "path"}},
	"s3": {{name: "endpoint", required: true, check: webAddress}, {name: "bucket", required: true}, {name: "region"}, {name: "prefix"},
		{name: "path_style", check: oneOfWords("true", "false")}, {name: "access_key_id"}, {name: "secret_access_key"}, {name: "session_token"}},
	"webdav": {{name: "url", required: true, check: webAddress}, {name: "username"}, {name: "password"}},
	"webhook": {{name: "url", required: true, check: webAddress}, {name: "content", check: oneOfWords("link", "audio")},
		{name: "base_url", check: webAddress}, {name: signingSecret, check: webhookSecret}, {name: "header."}},
}

// checkDeliverySettings looks at settings by their names: those of the record,
// and those that an edit gives it and that are secret.
func checkDeliverySettings(c *checker, d *DeliveryMethod) {
	known := deliveryKinds[d.Kind]
	given := slices.Collect(maps.Keys(d.Settings))
	secrets := parseSettings(c.edit.DeliveryMethods.touched[d.ID].settings)
	given = slices.AppendSeq(given, maps.Keys(secrets))
	slices.Sort(given)
	for _, name := range given {
		if !slices.ContainsFunc(known, func(s setting) bool { return s.is(name) }) {
			c.bad("settings."+name, "is no setting of kind %s, which has %s", d.Kind, settingNames(known))
		}
	}
	for _, s := range known {
		value := strings.TrimSpace(cmp.Or(d.Settings[s.name], secrets[s.name]))
		switch {
		case value == "" && s.required:
			c.bad("settings."+s.name, "must be given")
		case value != "" && s.check != nil:
			if rule := s.check(value); !rule.IsZero() {
				c.wrong("settings."+s.name, rule)
			}
		}
	}
}

// signingSecret is the setting of a webhook that its events are signed with.
const signingSecret = "secret"

const webhookPrefix = "whsec_"

// webhookSecret is one as Standard Webhooks has it.
func webhookSecret(v string) (rule Words) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(v, webhookPrefix))
	if err != nil || !strings.HasPrefix(v, webhookPrefix) || len(key) < 24 || len(key) > 64 {
		return Say("must be %s and 24 to 64 random bytes in base64, as Standard Webhooks says; without one a secret is generated", webhookPrefix)
	}
	return Words{}
}

// signed gives a webhook that has no secret, or loses the one that is held, one of 256
// random bits. It answers the secret that was made, and what is given with it.
func signed(d *DeliveryMethod, held string, in secretInput) (made string, with secretInput) {
	if d.Kind != "webhook" || parseSettings(mergeSettings(held, in.settings))[signingSecret] != "" {
		return "", in
	}
	key := make([]byte, 32)
	rand.Read(key)
	made = webhookPrefix + base64.StdEncoding.EncodeToString(key)
	return made, secretInput{settings: settingsText(map[string]string{signingSecret: made})}.over(in)
}

// destinationOf is the server that a delivery method's secrets are sent to.
func destinationOf(d *DeliveryMethod) string {
	for _, name := range []string{"host", "endpoint", "url"} {
		value := strings.TrimSpace(d.Settings[name])
		if u, err := url.Parse(value); err == nil && u.Host != "" {
			value = u.Scheme + "://" + u.Host
		}
		if value != "" {
			return value
		}
	}
	return ""
}

func (s setting) is(name string) bool {
	if strings.HasSuffix(s.name, ".") {
		return len(name) > len(s.name) && strings.HasPrefix(name, s.name)
	}
	return name == s.name
}

func settingNames(known []setting) string {
	names := make([]string, len(known))
	for i, s := range known {
		if names[i] = s.name; strings.HasSuffix(s.name, ".") {
			names[i] += "NAME"
		}
	}
	return strings.Join(names, ", ")
}

func relativePath(v string) Words {
	if strings.HasPrefix(v, "/") || strings.ContainsAny(v, "\\\x00") || slices.Contains(strings.Split(v, "/"), "..") {
		return Say("must be a folder below deliveries/ORGANIZATION in the data directory, such as archive/calls; an operator may mount another disk there")
	}
	return Words{}
}

func addresses(v string) Words {
	if _, err := mail.ParseAddressList(v); err != nil {
		return Say("must be one or more email addresses, separated by commas")
	}
	return Words{}
}

func host(v string) Words {
	if strings.ContainsAny(v, "/@ []") || len(v) > 253 {
		return Say("must be a host name or an IP address, without a port")
	}
	return Words{}
}

func hostKey(v string) Words {
	words := strings.Fields(v)
	if len(words) == 1 && strings.HasPrefix(v, "SHA256:") || len(words) >= 2 {
		return Words{}
	}
	return Say("must be a fingerprint like SHA256:…, or a key like ssh-ed25519 AAAA…")
}

func webAddress(v string) Words {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return Say("must be an https or http address, without a user name in it")
	}
	return Words{}
}

func number(least, most int) func(string) Words {
	return func(v string) Words {
		if n, err := strconv.Atoi(v); err != nil || n < least || n > most {
			return Say("must be a number from %d to %d", least, most)
		}
		return Words{}
	}
}

func oneOfWords(words ...string) func(string) Words {
	return func(v string) Words {
		if !slices.Contains(words, v) {
			return Say("must be one of %s", List(words...))
		}
		return Words{}
	}
}
