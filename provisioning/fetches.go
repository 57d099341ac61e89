package provisioning

import (
	"context"
	"crypto/sha256"
	"strings"
	"sync"

	"strowger/store"
)

// maxFetchRows of one desk phone in a day: neither phones that ask again and again
// nor who found the address of one push the sign-ins out of the audit log.
const maxFetchRows = 50

// fetchRows are the fetches that were written on this day.
type fetchRows struct {
	mu      sync.Mutex
	day     int64 // since 1970
	written map[[sha256.Size]byte]struct{}
	rows    map[[2]string]int // by organization and phone
}

// take says whether a fetch is to be written, and whether it is the last of its phone.
// The same file to the same program at the same address is written once a day, the
// same refusal once an hour.
func (f *fetchRows) take(org, device, why string, x store.Fetch) (ok, last bool) {
	hour, phone := "", [2]string{org, device}
	if why != "" {
		hour = x.At.UTC().Format("15")
	}
	key := sha256.Sum256([]byte(strings.Join([]string{org, device, x.File, x.Address, x.UserAgent, why, hour}, "\x00")))
	f.mu.Lock()
	defer f.mu.Unlock()
	if day := x.At.Unix() / (24 * 3600); day != f.day || f.rows == nil {
		f.day, f.written, f.rows = day, map[[sha256.Size]byte]struct{}{}, map[[2]string]int{}
	}
	if _, before := f.written[key]; before || f.rows[phone] == maxFetchRows {
		return false, false
	}
	f.written[key] = struct{}{}
	f.rows[phone]++
	return true, f.rows[phone] == maxFetchRows
}

// NoteFetch keeps that a desk phone, or somebody who has its address, asked for a file:
// why it was refused, or empty, that it was given. A phone works also where this cannot
// be written.
func (s *Service) NoteFetch(ctx context.Context, org string, d *store.Device, f store.Fetch, why string) {
	log := s.log.With("org", org, "device", d.ID, "file", f.File, "address", f.Address, "user_agent", f.UserAgent)
	event := store.PhoneFetched
	if why != "" {
		log.Info("a phone was denied a file", "why", why)
		event = store.PhoneDenied
	} else {
		log.Info("a phone fetched its configuration")
		if err := s.store.SaveFetch(org, d.ID, f); err != nil {
			log.Warn("a phone's fetch is not noted", "err", err)
		}
	}
	ok, last := s.fetched.take(org, d.ID, why, f)
	if !ok {
		return
	}
	detail := "devices/" + d.ID + " (" + d.MAC + ")"
	if why != "" {
		detail += ": " + why
	}
	detail = shorten(detail, 500)
	if last {
		detail += "; more of this day are not listed"
	}
	s.write(ctx, &store.AccessEvent{
		Org: org, At: f.At, Event: event, Source: f.Address, UserAgent: f.UserAgent,
		DeviceID: d.ID, File: f.File, Detail: detail,
	})
}
