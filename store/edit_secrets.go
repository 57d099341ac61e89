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
			e.dropSecret(next, k.name, id)
			return false, nil
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
		if k.secret.digest != nil {
			sec.HA1MD5, sec.HA1SHA256 = HA1(username, next.Organization.Realm, in.password)
		}
	}
	*t = t.with(id, &sec)
	e.ops = append(e.ops, Op{
		Bucket: BucketSecrets,
		Key:    recordKey(next.Organization.ID, path),
		Value:  encode(sec.fields),
	})
	return given, nil
}

// moved says that a record's secret would go to another server now.
func (k *kind[T]) moved(old, now *T) bool {
	return k.secret != nil && k.secret.goesTo != nil && k.secret.goesTo(old) != k.secret.goesTo(now)
}

// typeAgain refuses to hand what was kept for one server to another: who may
// change an address is not always who knows the password.
func typeAgain(path, field, was, now string) error {
	return invalid(path, field, "must be typed again: it was kept for "+was+" and would be sent to "+now)
}

// dropSecret takes a secret away, and keeps it for a restore of its record.
func (e *Edit) dropSecret(next *Snapshot, collection, id string) {
	t := next.secrets.of(collection)
	if t == nil {
		return
	}
	sec, ok := t.Get(id)
	if !ok {
		return
	}
	*t = t.without(id)
	key := recordKey(next.Organization.ID, collection+"/"+id)
	e.ops = append(e.ops,
		Op{Bucket: BucketSecrets, Key: key},
		Op{Bucket: BucketOldSecrets, Key: key, Value: encode(sec.fields)})
}

// newMailPassword is what the edit was given for the mail server's password,
// unless that is the one it has.
func (e *Edit) newMailPassword() string {
	given := e.Organization.password
	held, ok := e.base.secrets.organizations.Get(e.base.Organization.ID)
	if given == "" || !ok || e.vault == nil || e.Organization.now.Mail.Host != e.base.Organization.Mail.Host {
		return given
	}
	if text, err := e.vault.open(held.Sealed); err == nil && text == given {
		return ""
	}
	return given
}

// keepMailPassword seals a new password of the mail server, and drops that of one
// where nobody signs in any more.
func (e *Edit) keepMailPassword(next *Snapshot) (given bool, err error) {
	id, password := next.Organization.ID, e.Organization.password
	switch {
	case e.vault == nil:
		return false, nil
	case next.Organization.Mail.Username == "":
		e.dropSecret(next, inOrganizations, id)
		return false, nil
	case password == "":
		was, now := e.base.Organization.Mail.Host, next.Organization.Mail.Host
		if _, held := next.secrets.organizations.Get(id); held {
			if was != now && e.revive == nil {
				return false, typeAgain(inOrganizations+"/"+id, "mail.password", was, now)
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
		e.putMailPassword(next, sec)
		return false, nil
	case strings.ContainsAny(password, "\r\n\x00") || len(password) > 1024:
		return false, invalid(inOrganizations+"/"+id, "mail.password", "must be at most 1024 characters on one line")
	}
	var sec Secret
	if sec.Sealed, err = e.vault.seal(password); err != nil {
		return false, err
	}
	e.putMailPassword(next, sec)
	return true, nil
}

func (e *Edit) putMailPassword(next *Snapshot, sec Secret) {
	id := next.Organization.ID
	t := &next.secrets.organizations
	*t = t.with(id, &sec)
	e.ops = append(e.ops, Op{Bucket: BucketSecrets, Key: recordKey(id, inOrganizations+"/"+id), Value: encode(sec.fields)})
}
