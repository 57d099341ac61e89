package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long a session lasts: without a request, and at all.
const (
	SessionIdle = 12 * time.Hour
	SessionAge  = 30 * 24 * time.Hour
)

// maxSessions of one user; one more replaces the one that was seen least lately.
const maxSessions = 50

// seenEvery is how often a session that is used is written.
const seenEvery = time.Minute

// ExpiresAt is when the session ends unless it is used.
func (s *Session) ExpiresAt() time.Time {
	idle, whole := s.SeenAt.Add(SessionIdle), s.CreatedAt.Add(SessionAge)
	if whole.Before(idle) {
		return whole
	}
	return idle
}

// sessions are all in memory: every request of a browser looks for one. What is on
// disk follows in the order of the changes here, which mu keeps.
type sessions struct {
	mu     sync.RWMutex
	byHash map[string]*Session
	ofUser map[userKey][]*Session
}

type userKey struct{ org, user string }

func (st *Store) loadSessions(ctx context.Context) error {
	all := &st.sessions
	all.byHash, all.ofUser = map[string]*Session{}, map[userKey][]*Session{}
	return st.backend.View(ctx, func(r Reader) error {
		return r.Range(BucketSessions, []byte{}, nil, func(key, value []byte) error {
			s := new(Session)
			if !decode(string(value), s.fields) {
				return undecodable(BucketSessions, key)
			}
			s.Org, _, _ = strings.Cut(string(key), "\x00")
			all.put(s)
			return nil
		})
	})
}

func (all *sessions) put(s *Session) {
	all.drop(s)
	all.byHash[s.Hash] = s
	k := userKey{s.Org, s.UserID}
	all.ofUser[k] = append(all.ofUser[k], s)
}

// drop forgets the session with the id of s.
func (all *sessions) drop(s *Session) {
	k := userKey{s.Org, s.UserID}
	left := slices.DeleteFunc(slices.Clone(all.ofUser[k]), func(other *Session) bool {
		if other.ID == s.ID {
			delete(all.byHash, other.Hash)
		}
		return other.ID == s.ID
	})
	if len(left) == 0 {
		delete(all.ofUser, k)
	} else {
		all.ofUser[k] = left
	}
}

// standing sums up what of a user a session depends on: whoever has another
// password or role, or is another person under the same id, signs in again.
func (s *Snapshot) standing(userID string) (sum string, ok bool) {
	u, ok := s.Users.Get(userID)
	if !ok {
		return "", false
	}
	sec, _ := s.Secret(inUsers, userID)
	h := sha256.Sum256(fmt.Appendf(nil, "%q %q %d", u.Role, sec.Hash, u.CreatedAt.UnixMilli()))
	return hex.EncodeToString(h[:16]), true
}

// good says whether a session is one still.
func (st *Store) good(s *Session) bool {
	sn, ok := st.Snapshot(s.Org)
	if !ok || !st.now().Before(s.ExpiresAt()) {
		return false
	}
	sum, ok := sn.standing(s.UserID)
	return ok && sum == s.standing
}

// SignIn begins a session of a user, who is as sn has them: where the password
// has changed since, the session is none. It is on disk when SignIn returns.
func (st *Store) SignIn(ctx context.Context, sn *Snapshot, s Session) error {
	sum, ok := sn.standing(s.UserID)
	if !ok {
		return notFound(inUsers, s.UserID)
	}
	s.Org, s.standing = sn.Organization.ID, sum
	s.CreatedAt = s.CreatedAt.UTC().Truncate(time.Millisecond)
	s.SeenAt = s.CreatedAt
	all := &st.sessions
	all.mu.Lock()
	all.put(&s)
	ops := []Op{sessionOp(&s)}
	for own := all.ofUser[userKey{s.Org, s.UserID}]; len(own) > maxSessions; own = all.ofUser[userKey{s.Org, s.UserID}] {
		oldest := slices.MinFunc(own[:len(own)-1], func(a, b *Session) int { return a.SeenAt.Compare(b.SeenAt) })
		all.drop(oldest)
		ops = append(ops, Op{Bucket: BucketSessions, Key: recordKey(oldest.Org, oldest.ID)})
	}
	saved := st.writer.saveLater(ops)
	all.mu.Unlock()
	err := <-saved
	if err != nil {
		all.mu.Lock()
		all.drop(&s)
		all.mu.Unlock()
		return err
	}
	st.saw(s.Org, s.UserID, s.SeenAt)
	return nil
}

func sessionOp(s *Session) Op {
	return Op{Bucket: BucketSessions, Key: recordKey(s.Org, s.ID), Value: encode(s.fields)}
}

// saveLater queues operations in the order of the calls; what became of them is
// for whoever wants to wait.
func (w *writer) saveLater(ops []Op) <-chan error {
	saved := make(chan error, 1)
	w.ledger.now(func(err error) { saved <- err }, entry{ops: ops})
	return saved
}

// SessionByHash finds the session that is known by a text with this SHA-256, and
// notes that it is used.
func (st *Store) SessionByHash(hash string) (*Session, bool) {
	all := &st.sessions
	all.mu.RLock()
	s, ok := all.byHash[hash]
	ok = ok && st.good(s)
	all.mu.RUnlock()
	if !ok {
		return nil, false
	}
	if now := st.now(); now.Sub(s.SeenAt) >= seenEvery {
		s = st.see(s, now)
	}
	return s, true
}

func (st *Store) see(s *Session, now time.Time) *Session {
	all := &st.sessions
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.byHash[s.Hash] != s {
		return s // ended, or seen by another request
	}
	seen := *s
	seen.SeenAt = now.UTC().Truncate(time.Millisecond)
	all.put(&seen)
	st.saw(s.Org, s.UserID, seen.SeenAt)
	st.writer.saveLater([]Op{sessionOp(&seen)})
	return &seen
}

// Sessions lists a user's sessions, the one that began last first.
func (st *Store) Sessions(org, userID string) []*Session {
	all := &st.sessions
	all.mu.RLock()
	defer all.mu.RUnlock()
	out := slices.DeleteFunc(slices.Clone(all.ofUser[userKey{org, userID}]), func(s *Session) bool { return !st.good(s) })
	slices.SortFunc(out, func(a, b *Session) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// EndSession ends one. It is over at once, and gone from disk when EndSession
// returns nil.
func (st *Store) EndSession(ctx context.Context, s *Session) error {
	st.sessions.mu.Lock()
	saved := st.dropSessions(s)
	st.sessions.mu.Unlock()
	return <-saved
}

// dropSessions is called with the sessions' mu held.
func (st *Store) dropSessions(gone ...*Session) <-chan error {
	var ops []Op
	for _, s := range gone {
		st.sessions.drop(s)
		ops = append(ops, Op{Bucket: BucketSessions, Key: recordKey(s.Org, s.ID)})
	}
	return st.writer.saveLater(ops)
}

// endSessions ends those of users who are gone or not who they were, but for the
// one in which a person changed their own password. It is called with the
// sessions' mu held, when the change can be seen. Until what it queues is on disk,
// the users' standing keeps the sessions from coming back with a restart.
func (st *Store) endSessions(old, next *Snapshot, keep string) {
	var gone []*Session
	end := func(own []*Session) {
		for _, s := range own {
			if st.good(s) {
				continue
			}
			if s.ID == keep && sameRole(old, next, s.UserID) {
				kept := *s
				kept.standing, _ = next.standing(s.UserID)
				if st.good(&kept) {
					st.sessions.put(&kept)
					st.writer.saveLater([]Op{sessionOp(&kept)})
					continue
				}
			}
			gone = append(gone, s)
		}
	}
	switch {
	case old == nil:
	case next == nil:
		for k, own := range st.sessions.ofUser {
			if k.org == old.Organization.ID {
				end(own)
			}
		}
	default:
		for user := range next.Users.Changed(old.Users) {
			end(st.sessions.ofUser[userKey{next.Organization.ID, user}])
		}
	}
	if len(gone) > 0 {
		st.dropSessions(gone...)
	}
}

func sameRole(old, next *Snapshot, userID string) bool {
	if old == nil || next == nil {
		return false
	}
	was, had := old.Users.Get(userID)
	is, has := next.Users.Get(userID)
	return had && has && was.Role == is.Role
}

// sweepSessions forgets those that are none any more.
func (st *Store) sweepSessions() (removed int) {
	st.sessions.mu.Lock()
	defer st.sessions.mu.Unlock()
	var gone []*Session
	for _, s := range st.sessions.byHash {
		if !st.good(s) {
			gone = append(gone, s)
		}
	}
	if len(gone) > 0 {
		st.dropSessions(gone...)
	}
	return len(gone)
}
