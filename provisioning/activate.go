package provisioning

import (
	"cmp"
	"context"
	"net/netip"
	"strings"

	"strowger/store"
)

// An ActivationRequest is what an app sends with the code of an invitation.
type ActivationRequest struct {
	Code       string `json:"code"`
	OS         string `json:"os"`
	AppVersion string `json:"app_version"`
	Name       string `json:"name"`
}

// An Activation is what an app needs to register and to know itself: credentials
// and a token of its own, shown this once, and its user's settings.
type Activation struct {
	DeviceID string      `json:"device_id"`
	SIP      AppAccount  `json:"sip"`
	Settings AppSettings `json:"settings"`
	// Token is what the app asks with about itself, and changes its user's name
	// with: Authorization with Bearer.
	Token string `json:"token"`
}

// An AppAccount is an app device's SIP account.
type AppAccount struct {
	Registrar
	// User is that of the address it registers, sip:user@domain.
	User string `json:"user"`
	// Username and Password answer challenges of Realm.
	Username string `json:"username"`
	Password string `json:"password"`
	Realm    string `json:"realm"`
	HA1      string `json:"-"` // MD5, for programs that take no password
	ExpiresS int    `json:"expires_s"`
}

// AppSettings are what an app shows and begins with.
type AppSettings struct {
	UserID       string   `json:"user_id"`
	DisplayName  string   `json:"display_name"`
	Extension    string   `json:"extension"`
	Organization string   `json:"organization"`
	Language     string   `json:"language"`
	TimeZone     string   `json:"time_zone"`
	Codecs       []string `json:"codecs"` // best first
}

// appCodecs are what the exchange passes on and can record.
var appCodecs = []string{"opus", "G722", "PCMA", "PCMU"}

// registerS is how long phones and apps are told to register for, in seconds.
const registerS = 3600

// Activate uses an invitation up: it makes the app device and answers what that
// registers with. host is where the app reached us.
func (s *Service) Activate(ctx context.Context, source netip.Addr, host string, in ActivationRequest) (*Activation, error) {
	owner, hash, err := s.invited(source, in.Code)
	if err != nil {
		return nil, err
	}
	token := newToken(appTokenPrefix)
	device := store.AppDevice{Meta: store.Meta{ID: store.NewID()}, UserID: owner.ID, OS: strings.TrimSpace(in.OS),
		AppVersion: strings.TrimSpace(in.AppVersion), Name: strings.TrimSpace(in.Name), Password: store.GeneratePassword(), TokenCode: store.CodeHash(token)}
	by := store.Author{Who: "invitation of users/" + owner.ID, Summary: "activate an app"}
	var mail string
	_, err = s.store.Update(ctx, owner.Org, by, func(e *store.Edit) error {
		// Of two who come with one code at once, the second finds it used.
		u, ok := e.Users.Get(owner.ID)
		if !ok || !s.opens(e.Base(), owner.ID, hash) {
			return errCode
		}
		accepted := *u
		mail = u.Invitation.DeliveryID
		accepted.Invitation.State = InvitationAccepted
		accepted.InvitationCode = store.NoCode
		if !u.UnverifiedEmail() {
			accepted.EmailVerification = &store.EmailVerification{State: store.EmailVerified, Verified: u.Email}
		}
		if err := e.Users.Put(accepted); err != nil {
			return err
		}
		return e.AppDevices.Put(device)
	})
	if err != nil {
		return nil, relativeTo(err, appDevices.name+"/"+device.ID)
	}
	s.unsend(ctx, owner.Org, mail)
	sn, ok := s.store.Snapshot(owner.Org)
	if !ok {
		return nil, ErrNoOrganization
	}
	return s.activation(sn, device.ID, device.Password, token, host)
}

func (s *Service) activation(sn *store.Snapshot, deviceID, password, token, host string) (*Activation, error) {
	device, u, ok := appOf(sn, deviceID)
	if !ok {
		return nil, appDevices.missing()
	}
	line, has := appLine(sn, device.UserID)
	if !has {
		return nil, users.missing()
	}
	o := sn.Organization
	a := &Activation{DeviceID: device.ID,
		SIP: AppAccount{Registrar: s.RegistrarFor(o, host, "tls", "tcp", "udp"), User: line.AOR(),
			Username: device.Username, Password: password, Realm: o.Realm, ExpiresS: registerS},
		Settings: appSettings(o, u), Token: token,
	}
	a.SIP.HA1, _ = store.HA1(device.Username, o.Realm, password)
	return a, nil
}

func appSettings(o *store.Organization, u *store.User) AppSettings {
	return AppSettings{UserID: u.ID, DisplayName: fullName(u), Extension: u.Extension, Organization: o.Name,
		Language: cmp.Or(u.Language, o.Language), TimeZone: cmp.Or(u.TimeZone, o.TimeZone), Codecs: appCodecs}
}

func fullName(u *store.User) string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }
