package provisioning

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"strowger/routing"
	"strowger/store"
)

// A CheckReport says what was looked at and what is wrong.
type CheckReport struct {
	Organizations int             `json:"organizations"`
	Records       int             `json:"records"`
	Recordings    int             `json:"recordings"`
	Voicemails    int             `json:"voicemails"`
	Sounds        int             `json:"sounds"`
	Problems      []store.Problem `json:"problems"`
}

// CheckAll verifies the database, the ledger of recordings and voicemails with
// the files it promises, the sounds that the configuration names, and that what
// calls are forwarded to leads somewhere.
func (s *Service) CheckAll(ctx context.Context) (*CheckReport, error) {
	r := &CheckReport{Problems: []store.Problem{}}
	found := func(where, what string, args ...any) {
		r.Problems = append(r.Problems, store.Problem{Where: where, What: fmt.Sprintf(what, args...)})
	}
	if s.check != nil {
		err := s.check(ctx, func(p store.Problem) { r.Problems = append(r.Problems, p) })
		if err != nil {
			return nil, err
		}
	}
	orgs := s.store.Directory().Organizations()
	r.Organizations = len(orgs)
	for _, org := range orgs {
		sn, ok := s.store.Snapshot(org)
		if !ok {
			continue
		}
		for _, n := range []int{sn.Users.Len(), sn.ContactMethods.Len(), sn.Numbers.Len(), sn.InternalNumbers.Len(),
			sn.Trunks.Len(), sn.Devices.Len(), sn.AppDevices.Len(), sn.TimeSchedules.Len(), sn.AudioFiles.Len(),
			sn.DeliveryMethods.Len(), sn.FeatureCodes.Len(), sn.CallFlows.Len(), sn.Tokens.Len(), sn.Plans.Len()} {
			r.Records += n
		}
		checkForwards(sn, found)
		for id, a := range sn.AudioFiles.All() {
			r.Sounds++
			where := org + "/audio_files/" + id
			if err := s.checkFile(ctx, store.AudioPath(org, id), a.SHA256); err != nil {
				found(where, "%v", err)
			}
		}
	}
	capture := func(where string, state store.RecordingState, failure, file, sum, spool string, unlessGone func(missing error) error) error {
		switch state {
		case store.RecordingFailed:
			found(where, "failed: %s", failure)
		case store.RecordingCaptured, store.RecordingDelivered:
			err := s.checkFile(ctx, file, sum)
			if errors.Is(err, errMissing) {
				err = unlessGone(err)
			}
			if err != nil {
				found(where, "%v", err)
			}
			if state == store.RecordingDelivered && spool != "" {
				found(where, "part of it could not be decoded (%s): the packets are in %s", failure, spool)
			}
		case store.RecordingExpected, store.RecordingCapturing:
			if s.live == nil {
				found(where, "unfinished: the next start of the exchange salvages it")
			}
		}
		return ctx.Err()
	}
	err := s.store.AllRecordings(ctx, func(c *store.CallRecording) error {
		r.Recordings++
		return capture(c.Org+"/recordings/"+c.ID, c.State, c.Error, c.File, c.SHA256, c.Spool, func(missing error) error {
			return unlessGone(ctx, s.store.Recording, c.Org, c.ID, missing)
		})
	})
	if err != nil {
		return nil, err
	}
	err = s.store.AllVoicemails(ctx, func(v *store.Voicemail) error {
		r.Voicemails++
		return capture(v.Org+"/voicemails/"+v.ID, v.State, v.Error, v.File, v.SHA256, v.Spool, func(missing error) error {
			return unlessGone(ctx, s.store.Voicemail, v.Org, v.ID, missing)
		})
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// checkForwards finds where calls would be sent to nobody.
func checkForwards(sn *store.Snapshot, found func(where, what string, args ...any)) {
	for f := range forwardings(sn) {
		if f.on && !routing.Leads(sn, f.dialled) {
			found(sn.Organization.ID+"/"+f.path, "%s leads nowhere: nobody has that number, and no trunk takes it", f.dialled)
		}
	}
	if sn.Organization.MainDestination != "" {
		return
	}
	for id, n := range sn.Numbers.All() {
		if n.Owner.Kind == store.OwnerCompany {
			found(sn.Organization.ID+"/numbers/"+id, "%s is the company's, and main_destination does not say who answers it", n.E164)
		}
	}
}

var errMissing = errors.New("missing")

// unlessGone says that a file is missing, unless its record is gone meanwhile, which
// goes first.
func unlessGone[T any](ctx context.Context, get func(ctx context.Context, org, id string) (*T, error), org, id string, missing error) error {
	if _, err := get(ctx, org, id); errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return missing
}

// checkFile reads a file below the data directory and compares its hash.
func (s *Service) checkFile(ctx context.Context, name, sum string) error {
	if name == "" {
		return errors.New("has no file")
	}
	f, err := s.openData(name)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the file %s is %w", name, errMissing)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return f.Read(p)
	})); err != nil {
		return fmt.Errorf("the file %s cannot be read: %w", name, err)
	}
	if have := hex.EncodeToString(h.Sum(nil)); sum != "" && have != sum {
		return fmt.Errorf("the file %s is not what was kept: its SHA-256 is %s, not %s", name, have, sum)
	}
	return nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// CanBackup says whether WriteBackup can.
func (s *Service) CanBackup() error {
	if s.backup == nil {
		return refuse(501, "this store cannot be copied while it is open")
	}
	return nil
}

// WriteBackup writes a consistent copy of the database. The key that seals
// passwords is not in it.
func (s *Service) WriteBackup(ctx context.Context, w io.Writer) error {
	if err := s.CanBackup(); err != nil {
		return err
	}
	return s.backup(ctx, w)
}
