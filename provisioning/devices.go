package provisioning

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"strowger/store"
)

// PhonePath begins the path of a desk phone's configuration: its token and the
// name of a file follow.
const PhonePath = "/p/"

// A DeviceView is a desk phone as the API shows it.
type DeviceView struct {
	store.Device
	// ProvisioningURL is where the phone is to fetch its configuration. Only the
	// answer that makes it has it.
	ProvisioningURL string       `json:"provisioning_url,omitempty" readOnly:"true"`
	LastFetch       *store.Fetch `json:"last_fetch,omitempty" readOnly:"true"`
}

func viewDevice(s *Service, org string, _ *store.Snapshot, r *store.Device) any {
	v := &DeviceView{Device: *r}
	f, ok, err := s.store.Fetch(context.Background(), org, r.ID)
	if err != nil {
		s.log.Warn("when a phone fetched its configuration cannot be read", "device", r.ID, "err", err)
	}
	if ok {
		v.LastFetch = &f
	}
	return v
}

// newPhoneToken makes the secret part of a phone's address, 128 random bits in
// characters that can be typed on a phone.
func newPhoneToken() string {
	raw := make([]byte, 16)
	rand.Read(raw) // never fails
	return hex.EncodeToString(raw)
}

// withLine finds the desk phones that have a line.
var withLine = search[store.Device]{among: func(sn *store.Snapshot, line string) (ids []string) {
	for _, path := range sn.Referrers("contact_methods", line) {
		if rest, ok := strings.CutPrefix(path, "devices/"); ok {
			id, _, _ := strings.Cut(rest, ".")
			ids = append(ids, id)
		}
	}
	return ids
}}

// prepareDevice gives a new phone the address of its configuration, and keeps one from
// being held to a certificate that nobody asks it for.
func prepareDevice(s *Service, _ *store.Edit, r, old *store.Device) (func(any), error) {
	if r.RequireCertificate && (old == nil || !old.RequireCertificate) && s.live != nil && s.deviceCAs == nil {
		return nil, invalid("require_certificate", "the server asks phones for no certificate; it is to be started with --device-ca")
	}
	if old != nil {
		return nil, nil
	}
	token := newPhoneToken()
	r.Token = token
	return func(shown any) { shown.(*DeviceView).ProvisioningURL = PhonePath + token + "/" }, nil
}

// RotateDevice gives a desk phone a new address for its configuration; the one
// that it had is gone at once.
func (s *Service) RotateDevice(ctx context.Context, org string, by store.Author, id string) (*DeviceView, error) {
	if _, err := s.snapshot(org); err != nil {
		return nil, err
	}
	if by.Summary == "" {
		by.Summary = "rotate the address of a device's configuration"
	}
	token := newPhoneToken()
	_, err := s.store.Update(ctx, org, by, func(e *store.Edit) error {
		d, ok := e.Devices.Get(id)
		if !ok {
			return devices.missing()
		}
		changed := *d
		changed.Token = token
		return e.Devices.Put(changed)
	})
	if err != nil {
		return nil, err
	}
	record, _, err := s.Get(org, devices, id)
	if err != nil {
		return nil, err
	}
	v := record.(*DeviceView)
	v.ProvisioningURL = PhonePath + token + "/"
	return v, nil
}

// A Resync says how a desk phone was asked to fetch its configuration.
type Resync struct {
	Asked int `json:"asked"` // registrations of the phone's lines
}

// ResyncDevice asks a desk phone to fetch its configuration now. One that is not
// registered cannot be asked: it fetches by itself when it starts.
func (s *Service) ResyncDevice(org, id string) (*Resync, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	if _, ok := sn.Devices.Get(id); !ok {
		return nil, devices.missing()
	}
	if s.live == nil {
		return nil, ErrNotRunning
	}
	asked, err := s.live.Resync(org, id)
	if err != nil {
		return nil, asMissing(err, "device")
	}
	if asked == 0 {
		return nil, refuse(409, "the phone is not registered; it fetches its configuration when it starts, and once a day")
	}
	return &Resync{asked}, nil
}

// A Redirect is a line of the list that a maker's redirection service takes: it
// sends a phone that is new in the box to its configuration.
type Redirect struct {
	Vendor string `json:"vendor"`
	MAC    string `json:"mac"`
	Model  string `json:"model"`
	Label  string `json:"label"`
	URL    string `json:"url"`
}

// Redirects lists the desk phones of an organization, of one vendor or all, that
// are to be given their configuration and have an address for it. base is what
// the address begins with, scheme and host.
func (s *Service) Redirects(org, vendor, base string) ([]Redirect, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	if vendor != "" && !slices.Contains(store.DeviceVendors, vendor) {
		return nil, invalid("vendor", "%q; want one of %s", vendor, strings.Join(store.DeviceVendors, ", "))
	}
	all := []Redirect{}
	for id, d := range sn.Devices.All() {
		sec, ok := sn.Secret("devices", id)
		if !ok || d.Disabled || vendor != "" && d.Vendor != vendor {
			continue
		}
		token, err := s.store.OpenSecret(sec)
		if err != nil {
			return nil, fmt.Errorf("the address of device %s: %w", id, err)
		}
		all = append(all, Redirect{Vendor: d.Vendor, MAC: d.MAC, Model: d.Model, Label: d.Label, URL: base + PhonePath + token + "/"})
	}
	return all, nil
}
