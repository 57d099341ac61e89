package registrar

// Account is a credential that may register and call: a SIP account, or one of
// the app devices of an application line.
type Account struct {
	Org         string
	Username    string // the digest user name
	AOR         string // user part of the address of record; an app device's is its line's
	LineID      string
	DeviceID    string // of an app device
	UserID      string
	MaxContacts int // 0: 10
	HA1MD5      string
	HA1SHA256   string
}

// Accounts is what the registrar asks of the configuration.
type Accounts interface {
	// Find says which organization a request for host is meant for. An unknown
	// host means the one organization that has username. The realm is due in
	// either case: a request that is for nobody is challenged like any other.
	Find(host, username string) (org, realm string, ok bool)
	// Account is the credential of that digest user name.
	Account(org, username string) (Account, bool)
	// Registered is the account behind a binding as it is now; false when the
	// line, the device or the organization is gone.
	Registered(org, lineID, deviceID string) (Account, bool)
	// Domain is the organization's own, "" if it has none.
	Domain(org string) string
	// Changed goes through the AORs of whose accounts anything may be another
	// than at the call before.
	Changed(f func(org, aor string))
}
