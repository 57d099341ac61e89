package provisioning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"strowger/store"
)

// retainEvery is how often what is older than an organization keeps it is looked
// for, and retainAtOnce how much of each kind goes in one pass: what is left goes
// in the next.
const (
	retainEvery  = time.Hour
	retainAtOnce = 5000
	retainChunk  = 500 // that one audit row stands for
)

// KeepRetention deletes what organizations do not want to keep any longer, and
// imports' files whose time is over, a pass now and one each hour, until ctx is
// done.
func (s *Service) KeepRetention(ctx context.Context) {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		s.forgetImports()
		if _, err := s.Retain(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("what is older than it is to be kept stays", "err", err)
		}
		if err := s.finishRemovals(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("files of what was deleted are there still", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Retain makes one pass over all organizations and answers how many records it
// deleted. What a crash cuts short the next pass does: the audit row comes first,
// then the lines of the ledger go, with the promise that their files do.
func (s *Service) Retain(ctx context.Context) (deleted int, err error) {
	for _, org := range s.store.Directory().Organizations() {
		sn, ok := s.store.Snapshot(org)
		if !ok {
			continue
		}
		r := sn.Organization.Retention
		for _, one := range []struct {
			days int
			what string
			pass func(ctx context.Context, org, what string, days int) (int, error)
		}{
			{r.RecordingDays, "recordings", retain(s, s.store.OldRecordings, func(r *store.CallRecording) (string, time.Time) { return r.ID, r.CreatedAt }, each[store.CallRecording](s, s.deleteRecording))},
			{r.VoicemailDays, "voicemails", retain(s, s.store.OldVoicemails, func(v *store.Voicemail) (string, time.Time) { return v.ID, v.CreatedAt }, each[store.Voicemail](s, s.deleteVoicemail))},
			{r.CallDays, "calls", retain(s, s.store.OldCalls, func(c *store.Call) (string, time.Time) { return c.ID, c.StartedAt },
				func(ctx context.Context, _ string, gone []*store.Call, _ func(*store.Call) string) error {
					return s.store.DeleteCalls(ctx, gone)
				})},
		} {
			if one.days == 0 {
				continue
			}
			n, failed := one.pass(ctx, org, one.what, one.days)
			deleted += n
			// One organization's disk trouble is not another's.
			err = errors.Join(err, failed)
		}
	}
	return deleted, err
}

// retain makes the pass over one kind of record: the oldest first, a chunk at a
// time.
func retain[T any](s *Service, old func(ctx context.Context, org string, before time.Time, limit int) ([]*T, error),
	key func(*T) (id string, at time.Time), remove func(ctx context.Context, org string, gone []*T, id func(*T) string) error,
) func(ctx context.Context, org, what string, days int) (int, error) {
	return func(ctx context.Context, org, what string, days int) (deleted int, err error) {
		before := s.now().AddDate(0, 0, -days)
		for deleted < retainAtOnce && ctx.Err() == nil {
			gone, err := old(ctx, org, before, retainChunk)
			if err != nil || len(gone) == 0 {
				return deleted, err
			}
			first, from := key(gone[0])
			_, to := key(gone[len(gone)-1])
			// The same chunk has the same id: one that a crash cut short is not there
			// twice.
			err = s.store.PutAccessEvent(ctx, &store.AccessEvent{
				ID: "retention." + what + "." + first, Org: org, At: s.now().UTC(), Event: store.RetentionPassed,
				Detail: fmt.Sprintf("%d %s from %s to %s, older than %d days", len(gone), what, from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339), days),
			})
			if err == nil {
				err = remove(ctx, org, gone, func(r *T) string { id, _ := key(r); return id })
			}
			if err != nil {
				return deleted, fmt.Errorf("%s of %s: %w", what, org, err)
			}
			deleted += len(gone)
			s.log.Info("older than it is to be kept, and deleted", "organization", org, "what", what, "count", len(gone), "days", days)
		}
		return deleted, ctx.Err()
	}
}

// each removes records one by one, and their files then. One that is gone already
// is no trouble.
func each[T any](s *Service, remove func(ctx context.Context, org, id string) (files []string, err error)) func(ctx context.Context, org string, gone []*T, id func(*T) string) error {
	return func(ctx context.Context, org string, gone []*T, id func(*T) string) (err error) {
		var files []string
		for _, r := range gone {
			if err = ctx.Err(); err != nil {
				break
			}
			more, failed := remove(ctx, org, id(r))
			var missing *Refusal
			if failed != nil && !(errors.As(failed, &missing) && missing.Status == 404) {
				err = failed
				break
			}
			files = append(files, more...)
		}
		return errors.Join(err, removeFiles(s.store, s.data, s.log, files))
	}
}
