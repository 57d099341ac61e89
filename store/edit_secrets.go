package store

import "strings"

// news is what an edit was given for a record's write-only fields that it does
// not have already: applying a file again changes nothing. A draft has no use
// for secrets.
func (ed *Editor[T]) news(id string) secretInput {
	in := ed.touched[id]
	if in == (secretInput{}) || ed.edit.vault == nil {
		return secretInput{}
	}
	held, ok := ed.edit.base.secrets.of(ed.kind.name).Get(id)
	if !ok {
		return in
	}
	if in.password != "" && in.password == held.Hash {
		in.password = ""
	}
	if in.code == held.Code || in.code == NoCode && held.Code == "" {
		in.code = ""
	}
	text := ""
	if len(held.Sealed) > 0 {
		var err error
		if text, err = ed.edit.vault.open(held.Sealed); err != nil {
			return in // what does not open is written anew
		}
	}
	switch {
	case in.settings != "":
		if mergeSettings(text, in.settings) == text {
			in.settings = ""
		}
	case text == "":
	case in.password == text:
		in.password = ""
	case in.pin == text:
		in.pin = ""
	}
	return in
}

// keepSecret brings a record's secret up to date and says whether a write-only
// field was given.
func (ed *Editor[T]) keepSecret(next *Snapshot, id string, old, r *T) (given bool, err error) {
	e, k := ed.edit, ed.kind
	if e.vault == nil {
		return false, nil
	}
	in := ed.touched[id]
	t := next.secrets.of(k.name)
	var sec Secret
	held, had := t.Get(id)
	if had {
		sec = *held
	} else if e.revive != nil && in == (secretInput{}) {
		sec, had = e.revive(k.name, id)
	}
	given = in != (secretInput{})
	path := k.name + "/" + id
	var username string
	if k.secret.digest != nil {
		username = k.secret.digest(r)
		if username == "" { // not a kind of record that has a password
			return false, e.dropSecret(next, k.name, id)
		}
		switch {
		case in.password != "":
		case len(sec.Sealed) == 0:
			in.password = GeneratePassword()
			e.generated = append(e.generated, GeneratedSecret{k.name, id, username, in.password})
			given = true
		case old == nil || k.secret.digest(old) != username:
			// The user name is part of what is hashed.
			if in.password, err = e.vault.open(sec.Sealed); err != nil {
				return false, err
			}
		}
	}
	if k.secret.lacks != nil {
		text := ""
		if len(sec.Sealed) > 0 {
			text, _ = e.vault.open(sec.Sealed) // what does not open is written anew
		}
		var made string
		if made, in = k.secret.lacks(r, text, in); made != "" {
			e.generated = append(e.generated, GeneratedSecret{Collection: k.name, ID: id, Password: made})
			given = true
		}
	}
	if old != nil && k.moved(old, r) && e.revive == nil && len(sec.Sealed) > 0 {
		text, err := e.vault.open(sec.Sealed)
		if err != nil {
			return false, err
		}
		if field := k.secret.kept(text, in); field != "" {
			return false, typeAgain(path, field, k.secret.goesTo(old), k.secret.goesTo(r))
		}
	}
	if in == (secretInput{}) {
		if !had || held != nil {
			return false, nil
		}
	} else {
		if err := k.secret.apply(e.vault, path, &sec, in); err != nil {
			return false, err
		}
		if in.password != "" && k.secret.digest != nil {
			sec.HA1MD5, sec.HA1SHA256 = HA1(username, next.Organization.Realm, in.password)
		}
	}
	*t = t.with(id, &sec)
	return given, e.save.op(Op{Bucket: BucketSecrets, Key: recordKey(next.Organization.ID, path), Value: encode(sec.fields)})
}

// moved says that a record's secret would go to another server now.
func (k *kind[T]) moved(old, now *T) bool {
	return k.secret != nil && k.secret.goesTo != nil && k.secret.goesTo(old) != k.secret.goesTo(now)
}

// typeAgain refuses to hand what was kept for one server to another: who may
// change an address is not always who knows the password.
func typeAgain(path, field, was, now string) error {
	return invalid(path, field, "must be typed again: it was kept for %s and would be sent to %s", was, now)
}

// dropSecret takes a secret away, and keeps it for a restore of its record.
func (e *Edit) dropSecret(next *Snapshot, collection, id string) error {
	t := next.secrets.of(collection)
	if t == nil {
		return nil
	}
	sec, ok := t.Get(id)
	if !ok {
		return nil
	}
	*t = t.without(id)
	key := recordKey(next.Organization.ID, collection+"/"+id)
	if err := e.save.op(Op{Bucket: BucketSecrets, Key: key}); err != nil {
		return err
	}
	return e.save.op(Op{Bucket: BucketOldSecrets, Key: key, Value: encode(sec.fields)})
}

// An ownSecret is a write-only field of the organization's own record.
type ownSecret struct {
	field  string // in the record
	below  string // of its path in the secrets: the record's own, or one below it
	text   func(*Organization) *string
	needed func(*Organization) bool   // otherwise it is dropped
	goesTo func(*Organization) string // where it is sent
}

const (
	mailPassword = iota
	clientSecret
)

var ownSecrets = [...]ownSecret{
	mailPassword: {
		field:  "mail.password",
		text:   func(o *Organization) *string { return &o.Mail.Password },
		needed: func(o *Organization) bool { return o.Mail.Username != "" },
		goesTo: func(o *Organization) string { return o.Mail.Host },
	},
	clientSecret: {
		field: "sign_in.openid.client_secret", below: OpenIDSecret,
		text:   func(o *Organization) *string { return &o.SignIn.OpenID.ClientSecret },
		needed: func(o *Organization) bool { return o.SignIn.OpenID.Issuer != "" },
		goesTo: func(o *Organization) string { return o.SignIn.OpenID.Issuer },
	},
}

// OpenIDSecret comes after an organization's id in the id of the secret that is
// its client secret at the OpenID provider.
const OpenIDSecret = "/openid"

// newOwnSecrets forgets what the edit was given that the organization has already,
// and says whether anything is left.
func (e *Edit) newOwnSecrets() bool {
	for i, k := range ownSecrets {
		given := &e.Organization.secrets[i]
		held, ok := e.base.secrets.organizations.Get(e.base.Organization.ID + k.below)
		if *given == "" || !ok || e.vault == nil || k.goesTo(e.Organization.now) != k.goesTo(e.base.Organization) {
			continue
		}
		if text, err := e.vault.open(held.Sealed); err == nil && text == *given {
			*given = ""
		}
	}
	return e.Organization.secrets != [len(ownSecrets)]string{}
}

// keepOwnSecrets seals what is new of them, and drops what is of no use any more.
func (e *Edit) keepOwnSecrets(next *Snapshot) (given bool, err error) {
	if e.vault == nil {
		return false, nil
	}
	for i, k := range ownSecrets {
		fresh, err := e.keepOwnSecret(next, k, e.Organization.secrets[i])
		if err != nil {
			return false, err
		}
		given = given || fresh
	}
	return given, nil
}

func (e *Edit) keepOwnSecret(next *Snapshot, k ownSecret, text string) (given bool, err error) {
	org := next.Organization.ID
	id, path := org+k.below, inOrganizations+"/"+org
	switch {
	case !k.needed(next.Organization):
		return false, e.dropSecret(next, inOrganizations, id)
	case text == "":
		was, now := k.goesTo(e.base.Organization), k.goesTo(next.Organization)
		if _, held := next.secrets.organizations.Get(id); held {
			if was != now && e.revive == nil {
				return false, typeAgain(path, k.field, was, now)
			}
			return false, nil
		}
		if e.revive == nil {
			return false, nil
		}
		sec, ok := e.revive(inOrganizations, id)
		if !ok {
			return false, nil
		}
		return false, e.putOwnSecret(next, id, sec)
	case strings.ContainsAny(text, "\r\n\x00") || len(text) > 1024:
		return false, invalid(path, k.field, "must be at most 1024 characters on one line")
	}
	var sec Secret
	if sec.Sealed, err = e.vault.seal(text); err != nil {
		return false, err
	}
	return true, e.putOwnSecret(next, id, sec)
}

func (e *Edit) putOwnSecret(next *Snapshot, id string, sec Secret) error {
	t := &next.secrets.organizations
	*t = t.with(id, &sec)
	return e.save.op(Op{Bucket: BucketSecrets, Key: recordKey(next.Organization.ID, inOrganizations+"/"+id), Value: encode(sec.fields)})
}
