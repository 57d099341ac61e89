package store

import (
	"context"
	"encoding/binary"
	"strings"
	"sync"
	"time"
)

// lastSeen is the day that each user was last seen on: by a registration, in a
// call, or signed in. It is in memory as a whole. What is new of it is written
// with whatever else is, or when old records are swept: a crash loses some minutes
// of it at most, and who is still there is seen again.
type lastSeen struct {
	mu      sync.RWMutex
	days    map[userKey]uint32 // since 1970, in UTC
	unsaved map[userKey]struct{}
}

const day = 24 * time.Hour

func (st *Store) loadSeen(ctx context.Context) error {
	st.seen.days, st.seen.unsaved = map[userKey]uint32{}, map[userKey]struct{}{}
	return st.backend.View(ctx, func(r Reader) error {
		return r.Range(BucketSeen, []byte{}, nil, func(key, value []byte) error {
			n, size := binary.Uvarint(value)
			if size <= 0 {
				return undecodable(BucketSeen, key)
			}
			org, user, _ := strings.Cut(string(key), "\x00")
			st.seen.days[userKey{org, user}] = uint32(n)
			return nil
		})
	})
}

// saw notes that a user was there. But for the first time in a day, that is a look
// into a map.
func (st *Store) saw(org, user string, at time.Time) {
	if user == "" {
		return
	}
	k, n := userKey{org, user}, uint32(max(at.Unix(), 0)/int64(day/time.Second))
	st.seen.mu.RLock()
	known := st.seen.days[k] >= n
	st.seen.mu.RUnlock()
	if known || n == 0 {
		return
	}
	st.seen.mu.Lock()
	defer st.seen.mu.Unlock()
	if st.seen.days[k] < n {
		st.seen.days[k] = n
		st.seen.unsaved[k] = struct{}{}
	}
}

// sawCall notes who was in a call: whoever began it, and who answered. That a
// telephone rang says nothing of its user.
func (st *Store) sawCall(c *Call) {
	st.saw(c.Org, c.CallerUserID, c.StartedAt)
	for i := range c.Legs {
		if l := &c.Legs[i]; !l.AnsweredAt.IsZero() {
			st.saw(c.Org, l.UserID, l.AnsweredAt)
		}
	}
}

// LastSeen is the day, in UTC, that a user was last seen on: by a registration, in
// a call, or signed in; false: never since the user was made.
func (st *Store) LastSeen(org string, u *User) (time.Time, bool) {
	st.seen.mu.RLock()
	n, ok := st.seen.days[userKey{org, u.ID}]
	st.seen.mu.RUnlock()
	at := time.Unix(int64(n)*int64(day/time.Second), 0).UTC()
	// Another person may have had the id.
	return at, ok && !at.Before(u.CreatedAt.UTC().Truncate(day))
}

// dirty says whether something has not been written.
func (s *lastSeen) dirty() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.unsaved) > 0
}

// take gives out what has not been written, to be written now.
func (s *lastSeen) take() (taken map[userKey]struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken = s.unsaved
	if len(taken) > 0 {
		s.unsaved = map[userKey]struct{}{}
	}
	return taken
}

// keep takes back what could not be written.
func (s *lastSeen) keep(taken map[userKey]struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range taken {
		s.unsaved[k] = struct{}{}
	}
}

// seenOps are what writes days, of users who are still there.
func (st *Store) seenOps(ops []Op, taken map[userKey]struct{}) []Op {
	st.seen.mu.RLock()
	defer st.seen.mu.RUnlock()
	for k := range taken {
		if n, ok := st.seen.days[k]; ok {
			ops = append(ops, Op{Bucket: BucketSeen, Key: recordKey(k.org, k.user), Value: binary.AppendUvarint(nil, uint64(n))})
		}
	}
	return ops
}

// forgetSeen forgets the users whom a change has removed.
func (st *Store) forgetSeen(old, next *Snapshot) {
	st.seen.mu.Lock()
	defer st.seen.mu.Unlock()
	drop := func(k userKey) {
		delete(st.seen.days, k)
		delete(st.seen.unsaved, k)
	}
	switch {
	case old == nil:
	case next == nil:
		for k := range st.seen.days {
			if k.org == old.Organization.ID {
				drop(k)
			}
		}
	default:
		for user := range next.Users.Changed(old.Users) {
			if _, there := next.Users.Get(user); !there {
				drop(userKey{next.Organization.ID, user})
			}
		}
	}
}
