package provisioning

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

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
// the files it promises, and the sounds that the configuration names.
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
		for id, a := range sn.AudioFiles.All() {
			r.Sounds++
			where := org + "/audio_files/" + id
			if err := s.checkFile(ctx, store.AudioPath(org, id), a.SHA256); err != nil {
				found(where, "%v", err)
			}
		}
	}
	capture := func(where string, state store.RecordingState, failure, file, sum, spool string, leaving func(missing error) error) error {
		switch state {
		case store.RecordingFailed:
			found(where, "failed: %s", failure)
		case store.RecordingCaptured, store.RecordingDelivered:
			err := s.checkFile(ctx, file, sum)
			if errors.Is(err, errMissing) {
				err = leaving(err)
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
			return leaving(ctx, s, c.Org, c.ID, missing, s.store.Recording, s.store.OldRecordings,
				func(r store.Retention) int { return r.RecordingDays }, func(c *store.CallRecording) string { return c.ID })
		})
	})
	if err != nil {
		return nil, err
	}
	err = s.store.AllVoicemails(ctx, func(v *store.Voicemail) error {
		r.Voicemails++
		return capture(v.Org+"/voicemails/"+v.ID, v.State, v.Error, v.File, v.SHA256, v.Spool, func(missing error) error {
			return leaving(ctx, s, v.Org, v.ID, missing, s.store.Voicemail, s.store.OldVoicemails,
				func(r store.Retention) int { return r.VoicemailDays }, func(v *store.Voicemail) string { return v.ID })
		})
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

var errMissing = errors.New("missing")

// leaving judges a record whose file is missing. All is well when the record is
// gone meanwhile, and when it is the one that retention deletes right now, which
// takes the file first and then the record, the oldest before all others.
func leaving[T any](ctx context.Context, s *Service, org, id string, missing error, get func(ctx context.Context, org, id string) (*T, error),
	old func(ctx context.Context, org string, before time.Time, limit int) ([]*T, error), days func(store.Retention) int, idOf func(*T) string,
) error {
	if sn, ok := s.store.Snapshot(org); ok && days(sn.Organization.Retention) > 0 {
		oldest, err := old(ctx, org, s.now().AddDate(0, 0, -days(sn.Organization.Retention)), 1)
		switch {
		case err != nil || len(oldest) == 0 || idOf(oldest[0]) != id:
		case s.live == nil:
			return errors.New("unfinished: the next start of the exchange deletes it")
		default:
			return nil
		}
	}
	// Asked for last: by now what retention had in its hands may have gone.
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
