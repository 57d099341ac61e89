package store

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Settings are names that each kind of delivery method or flow node chooses for
// itself, so that what is secret among them is told by its name. A setting that
// is taken for a secret by mistake can't be read back; one that is not would
// stand in every revision.

// secretWords make a setting a secret when they are a word of its name.
var secretWords = []string{
	"password", "passwd", "passphrase", "pass", "pwd", "pin", "secret", "secrets", "key", "apikey", "token", "tokens",
	"credential", "credentials", "auth", "authorization", "bearer", "cookie", "cookies", "header", "headers",
}

// openNames are names with such a word that hold nothing secret.
var openNames = []string{"host_key", "public_key", "known_hosts"}

// SecretSetting says whether a setting is write-only, by its name.
func SecretSetting(name string) bool {
	words := settingWords(name)
	snake := strings.Join(words, "_")
	if slices.Contains(openNames, snake) || strings.HasSuffix(snake, "_id") {
		return false
	}
	for _, w := range words {
		if slices.Contains(secretWords, w) {
			return true
		}
	}
	return false
}

// settingWords takes apart secret_key, secret-key, secretKey and SECRET.KEY.
func settingWords(name string) []string {
	var b strings.Builder
	lowered := false
	for _, r := range name {
		upper := r >= 'A' && r <= 'Z'
		if upper && lowered {
			b.WriteByte(' ')
		}
		lowered = r >= 'a' && r <= 'z'
		if !upper && !lowered && (r < '0' || r > '9') {
			r = ' '
		}
		b.WriteRune(r)
	}
	return strings.Fields(strings.ToLower(b.String()))
}

// takeSettings answers settings without the secrets among them, which go into
// secrets with prefix before their names. The map itself is the caller's and
// stays as it is.
func takeSettings(settings map[string]string, prefix string, secrets map[string]string) map[string]string {
	taken := false
	for name, value := range settings {
		if SecretSetting(name) {
			secrets[prefix+name], taken = value, true
		}
	}
	if !taken {
		return settings
	}
	open := maps.Clone(settings)
	maps.DeleteFunc(open, func(name, _ string) bool { return SecretSetting(name) })
	if len(open) == 0 {
		return nil
	}
	return open
}

// settingsText is the form in which secret settings are given and sealed: a
// JSON object with its names in order, empty for none.
func settingsText(settings map[string]string) string {
	if len(settings) == 0 {
		return ""
	}
	text, err := json.Marshal(settings)
	if err != nil {
		panic("store: settings have no JSON: " + err.Error())
	}
	return string(text)
}

// parseSettings reads what settingsText wrote; what else there may be is none.
func parseSettings(text string) map[string]string {
	settings := map[string]string{}
	if text != "" && json.Unmarshal([]byte(text), &settings) != nil {
		return map[string]string{}
	}
	return settings
}

// mergeSettings lays those given over those held: an empty one is taken away.
func mergeSettings(held, given string) string {
	all := parseSettings(held)
	for name, value := range parseSettings(given) {
		if value == "" {
			delete(all, name)
		} else {
			all[name] = value
		}
	}
	return settingsText(all)
}

func sealSettings(v *vault, path string, sec *Secret, in secretInput) (err error) {
	given := parseSettings(in.settings)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if len(name) > 128 || len(given[name]) > 8192 {
			return invalid(path, "settings", "%q must have a value of at most 8 KB", name)
		}
	}
	held := ""
	if len(sec.Sealed) > 0 {
		// What does not open is written anew.
		held, _ = v.open(sec.Sealed)
	}
	all := mergeSettings(held, in.settings)
	if all == "" {
		sec.Sealed = nil
		return nil
	}
	sec.Sealed, err = v.seal(all)
	return err
}

// noPasswordInURL refuses a password that nobody would look for.
func (c *checker) noPasswordInURL(field string, settings map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		u, err := url.Parse(strings.TrimSpace(settings[name]))
		if err != nil || u.User == nil {
			continue
		}
		if _, has := u.User.Password(); has {
			c.bad(field+"."+name, "must not hold a password: give it as the setting password")
		}
	}
}
