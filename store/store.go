package store

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// A Store is the configuration and the memory of the exchange. Reading is an
// atomic load; changes go one at a time: valid, then on disk, then visible.
type Store struct {
	backend Backend
	now     func() time.Time
	vault   *vault
	log     *slog.Logger

	mu      sync.Mutex // one change at a time
	current atomic.Pointer[world]

	watchMu  sync.Mutex
	watchers map[*Watcher]struct{}

	unplaced bool // what a save wrote ahead is still there; with mu

	sessions sessions
	seen     lastSeen
	writer   *writer
	outbox   chan struct{} // one slot: something in it came to be due
}

// A world is what all readers see.
type world struct {
	revision      uint64
	directory     *Directory
	organizations map[string]*atomic.Pointer[Snapshot] // the map is replaced when one comes or goes
}

// Options of a store.
type Options struct {
	Now func() time.Time // nil: time.Now
	Key []byte           // secret.key, 32 bytes; without it nothing can be sealed or opened
	Log *slog.Logger     // nil: slog.Default
}

// Open loads the configuration. A store without organizations gets the default
// one. The store owns the backend from here on, and closes it when it fails.
func Open(ctx context.Context, backend Backend, opts Options) (*Store, error) {
	st, err := open(ctx, backend, opts)
	if err != nil {
		backend.Close()
	}
	return st, err
}

func open(ctx context.Context, backend Backend, opts Options) (*Store, error) {
	v, err := newVault(opts.Key)
	if err != nil {
		return nil, err
	}
	st := &Store{backend: backend, now: opts.Now, vault: v, log: opts.Log, watchers: map[*Watcher]struct{}{}, outbox: make(chan struct{}, 1)}
	if st.now == nil {
		st.now = time.Now
	}
	if st.log == nil {
		st.log = slog.Default()
	}
	if err := st.placeAtStart(ctx); err != nil {
		return nil, err
	}
	w, err := load(ctx, backend)
	if err != nil {
		return nil, err
	}
	st.current.Store(w)
	if err := st.loadSessions(ctx); err != nil {
		return nil, err
	}
	if err := st.loadSeen(ctx); err != nil {
		return nil, err
	}
	st.writer = newWriter(st)
	if len(w.organizations) == 0 {
		by := Author{Who: "strowger", Summary: "a fresh store"}
		if _, err := st.CreateOrganization(ctx, by, Organization{Meta: Meta{ID: DefaultOrganization}}); err != nil {
			st.writer.close()
			return nil, err
		}
	}
	return st, nil
}

// Close writes what is still queued and closes the backend.
func (st *Store) Close() error {
	st.writer.close()
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.backend.Close()
}

// Snapshot is the organization as it is now.
func (st *Store) Snapshot(org string) (*Snapshot, bool) {
	p, ok := st.current.Load().organizations[org]
	if !ok {
		return nil, false
	}
	return p.Load(), true
}

// Directory finds organizations as they are now.
func (st *Store) Directory() *Directory { return st.current.Load().directory }

// Revision is the number of the newest change.
func (st *Store) Revision() uint64 { return st.current.Load().revision }

// OpenSecret answers the password, the voicemail PIN or the settings, as a JSON
// object, that a secret holds.
func (st *Store) OpenSecret(sec Secret) (string, error) {
	if len(sec.Sealed) == 0 {
		return "", fmt.Errorf("the record has no password: %w", ErrNotFound)
	}
	return st.vault.open(sec.Sealed)
}

// Update changes an organization. The edit is checked as a whole when edit
// returns nil; then it is on disk, then visible, then Update returns its
// revision. After any error nothing has changed. An edit that changes nothing
// makes no revision: the answer has the number of the last one and no Changes.
func (st *Store) Update(ctx context.Context, org string, by Author, edit func(*Edit) error) (Revision, error) {
	return st.update(ctx, org, by, edit)
}

func (st *Store) update(ctx context.Context, org string, by Author, edit func(*Edit) error) (Revision, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	base, ok := st.Snapshot(org)
	if !ok {
		return Revision{}, notFound("organizations", org)
	}
	e := newEdit(base, st.now(), st.vault)
	e.by = by.UserID
	if err := edit(e); err != nil {
		return Revision{}, err
	}
	return st.commit(ctx, e, base, by)
}

// Try is Update without saving anything: the Changes of the answer are what would
// be done.
func (st *Store) Try(ctx context.Context, org string, by Author, edit func(*Edit) error) (Revision, error) {
	rev, _, _, err := st.Preview(ctx, org, by, edit)
	return rev, err
}

// Preview is Try that also answers the organization as it is, and as it would be.
func (st *Store) Preview(_ context.Context, org string, by Author, edit func(*Edit) error) (rev Revision, is, would *Snapshot, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	base, ok := st.Snapshot(org)
	if !ok {
		return Revision{}, nil, nil, notFound(inOrganizations, org)
	}
	e := newEdit(base, st.now(), st.vault)
	e.by = by.UserID
	if err := edit(e); err != nil {
		return Revision{}, nil, nil, err
	}
	next, err := e.check()
	if err != nil {
		return Revision{}, nil, nil, err
	}
	s := newSave(e, org, base.Revision, by)
	if next == base {
		return s.rev, base, base, nil
	}
	if err := e.record(next, s); err != nil {
		return Revision{}, nil, nil, err
	}
	if _, err := st.Directory().replace(base, next); err != nil {
		return Revision{}, nil, nil, err
	}
	s.rev.Generated, s.rev.Readdressed = nil, nil // they will be others
	return s.rev, base, next, nil
}

// commit is called with mu held. old is nil when the organization is new.
func (st *Store) commit(ctx context.Context, e *Edit, old *Snapshot, by Author) (Revision, error) {
	next, err := e.check()
	if err != nil {
		return Revision{}, err
	}
	if next == e.base {
		return newSave(e, e.base.Organization.ID, e.base.Revision, by).rev, nil
	}
	return st.publish(ctx, e, old, next, by, func(s *save) error { return e.record(next, s) })
}

// publish writes the change, which record takes down, and shows it. next is nil
// when the organization goes.
func (st *Store) publish(ctx context.Context, e *Edit, old, next *Snapshot, by Author, record func(*save) error) (Revision, error) {
	w := st.current.Load()
	org := e.base.Organization.ID
	s, err := st.begin(ctx, e, org, w.revision+1, by)
	if err != nil {
		return Revision{}, err
	}
	directory, err := s.save(record, func() (*Directory, error) { return w.directory.replace(old, next) }, next == nil)
	if err != nil {
		return Revision{}, err
	}
	st.show(w, s.rev, directory, old, next, by)
	s.place()
	return s.rev, nil
}

// show makes a change that is on disk what everybody sees.
func (st *Store) show(w *world, rev Revision, directory *Directory, old, next *Snapshot, by Author) {
	if next != nil {
		next.Revision = rev.Revision
	}
	st.sessions.mu.Lock() // so that nobody finds a session ended that goes on
	defer st.sessions.mu.Unlock()
	shown := &world{revision: rev.Revision, directory: directory, organizations: w.organizations}
	switch {
	case next == nil:
		shown.organizations = maps.Clone(w.organizations)
		delete(shown.organizations, rev.Org)
	case old == nil:
		shown.organizations = maps.Clone(w.organizations)
		p := new(atomic.Pointer[Snapshot])
		p.Store(next)
		shown.organizations[rev.Org] = p
	default:
		w.organizations[rev.Org].Store(next)
	}
	st.current.Store(shown)
	st.endSessions(old, next, by.Session)
	st.forgetSeen(old, next)
	st.wake()
}

// CreateOrganization makes a tenant. Its realm is fixed from then on.
func (st *Store) CreateOrganization(ctx context.Context, by Author, o Organization) (Revision, error) {
	if o.ID == "" {
		o.ID = NewID()
	} else if !validID(o.ID) {
		return Revision{}, invalid(inOrganizations+"/"+o.ID, "id", idRule)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if _, ok := st.Snapshot(o.ID); ok {
		return Revision{}, conflicting(inOrganizations+"/"+o.ID, "id", Say("is already that of an organization"))
	}
	if o.Realm == "" {
		o.Realm = DefaultRealm
	}
	e := newEdit(&Snapshot{Organization: &Organization{Meta: Meta{ID: o.ID}}}, st.now(), st.vault)
	if err := e.Organization.Put(o); err != nil {
		return Revision{}, err
	}
	e.Organization.now.CreatedAt = e.now
	return st.commit(ctx, e, nil, by)
}

// DeleteOrganization removes a tenant with all its configuration, its
// registrations, call records and messages, and promises that the files of its
// recordings, messages and sounds go. It answers those that nobody writes any more;
// of a capture that is still being made they stay promised. What it did stays in its
// revisions. The default organization cannot be removed.
func (st *Store) DeleteOrganization(ctx context.Context, by Author, org string) (rev Revision, files []string, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	old, ok := st.Snapshot(org)
	if !ok {
		return Revision{}, nil, notFound("organizations", org)
	}
	if org == st.Directory().Default() {
		return Revision{}, nil, conflicting(inOrganizations+"/"+org, "", Say("is the default organization, which cannot be deleted"))
	}
	st.writer.ends.Lock() // what is written beside it would stay
	defer st.writer.ends.Unlock()
	e := newEdit(old, st.now(), st.vault)
	rev, err = st.publish(ctx, e, old, nil, by, func(s *save) error {
		ops, settled, err := st.everythingOf(ctx, org, e.now)
		if err != nil {
			return err
		}
		files = settled
		s.change(Change{Path: inOrganizations + "/" + org, Op: OpDelete, Before: State{inOrganizations, encode(old.Organization.fields)}})
		for _, op := range ops {
			if err := s.op(op); err != nil {
				return err
			}
		}
		return s.op(Op{Bucket: BucketOrganizations, Key: []byte(org)})
	})
	if err != nil {
		return Revision{}, nil, err
	}
	return rev, files, nil
}
