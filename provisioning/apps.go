package provisioning

import (
	"strings"

	"strowger/store"
)

// An AppProfile is what an app shows of its user and may change.
type AppProfile struct {
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
	JobTitle   string `json:"job_title"`
	Department string `json:"department"`
}

// An AppSelf is what an app that was activated may know of itself and its user.
type AppSelf struct {
	DeviceID string `json:"device_id"`
	AppProfile
	Settings AppSettings `json:"settings"`
}

var (
	// ErrToken is the answer to a token that opens nothing: made up, expired, or
	// taken away.
	ErrToken = &Refusal{Status: 401, Detail: store.Say("Authorization: the token is not valid")}

	errNoApp  = &Refusal{Status: 401, Detail: store.Say("Authorization: want the token of an app, which its activation answered")}
	errAppOff = &Refusal{Status: 403, Field: "features.app", Detail: store.Say("features.app: the mobile app is switched off for the user")}
)

// AuthenticateApp finds out whose token a text is that an activation answered. The
// caller has nothing but what is for apps. Wrong ones are not counted: nobody finds
// one of 256 random bits, and an app that was removed goes on asking, next to others
// behind the same address.
func (s *Service) AuthenticateApp(text string) (Caller, error) {
	if !strings.HasPrefix(text, appTokenPrefix) {
		return Caller{}, errNoApp
	}
	owner, ok := s.store.Directory().ByCode(store.CodeHash(text))
	if !ok || owner.Collection != appDevices.name {
		return Caller{}, ErrToken
	}
	sn, ok := s.store.Snapshot(owner.Org)
	if !ok {
		return Caller{}, ErrToken
	}
	device, u, ok := appOf(sn, owner.ID)
	switch {
	case !ok:
		return Caller{}, ErrToken
	case !u.Features.App:
		return Caller{}, errAppOff
	}
	return Caller{Role: store.TokenUser, Organization: owner.Org, UserID: u.ID, DeviceID: device.ID,
		Name: strings.TrimSpace("app "+device.Name) + " of " + personName(u)}, nil
}

// AppSelf answers what an app may know, with the tag of its user's content.
func (s *Service) AppSelf(app Caller) (self *AppSelf, etag string, err error) {
	sn, err := s.snapshot(app.Organization)
	if err != nil {
		return nil, "", err
	}
	device, u, ok := appOf(sn, app.DeviceID)
	if !ok {
		return nil, "", appDevices.missing()
	}
	return &AppSelf{
		DeviceID:   device.ID,
		AppProfile: AppProfile{FirstName: u.FirstName, LastName: u.LastName, JobTitle: u.JobTitle, Department: u.Department},
		Settings:   appSettings(sn.Organization, u),
	}, ETag(u), nil
}

// appOf finds an app device and its user.
func appOf(sn *store.Snapshot, deviceID string) (*store.AppDevice, *store.User, bool) {
	device, ok := sn.AppDevices.Get(deviceID)
	if !ok {
		return nil, nil, false
	}
	u, ok := sn.Users.Get(device.UserID)
	return device, u, ok
}
