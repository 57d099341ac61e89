// Package provisioning owns what an administrator may do: create, change and
// delete records, import and export, apply a file, hand out tokens. It leaves
// keeping them to store, what they mean for a call to routing, and how a
// request and its answer look to provisioning/api.
package provisioning

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"strowger/store"
)

// Options of a [Service].
type Options struct {
	// Data is the data directory: audio/, recordings/ and voicemail/ are below.
	Data string
	// Live is the running exchange, nil on a stopped store.
	Live Live
	// Sender sends deliveries and mail at once, to try them; nil on a stopped
	// store.
	Sender Sender
	// Now is the wall clock, time.Now if nil.
	Now func() time.Time
	// Log is slog.Default() if nil.
	Log *slog.Logger
	// Backup writes a consistent copy of the database; nil: not to be had.
	Backup func(ctx context.Context, w io.Writer) error
	// Check reads the whole database and reports what is wrong with it; nil:
	// not to be had.
	Check func(ctx context.Context, report func(store.Problem)) error
	// Listen are the SIP listeners, as --sip has them: where phones and apps
	// register. One at udp://:5060 if empty.
	Listen []string
	// DeviceCAs are the makers' authorities that the HTTPS listener asks phones for a
	// certificate of; nil: it asks for none.
	DeviceCAs *DeviceCAs
}

// A Service does what an administrator asks for, over one store. It is safe
// for concurrent use.
type Service struct {
	store *store.Store
	data  string
	live  Live
	send  Sender
	now   func() time.Time
	log   *slog.Logger

	backup func(context.Context, io.Writer) error
	check  func(context.Context, func(store.Problem)) error

	registrars []Registrar
	deviceCAs  *DeviceCAs
	wrongCodes *Limit // of invitations
	resets     *Limit // of forgotten passwords
	resetting  chan struct{}
	ceremonies awaited[ceremony] // of passkeys
	openIDs    awaited[openIDSignIn]
	challenges *Limit

	imports  imports
	decoding chan struct{} // one for each sound file that is being read
	drawing  chan struct{} // one for the photo that is being drawn
	sounds   sync.Mutex    // the names below audio/, and the records with the same ids
	guesses  *guesses
	failed   failedRows
	fetched  fetchRows // of desk phones
	setUp    setUp
	orders   sync.Map // of lists: whose to *ordered
}

// New makes the service over an open store. It neither owns nor closes it.
func New(st *store.Store, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Service{
		store: st, data: o.Data, live: o.Live, send: o.Sender, now: o.Now, log: o.Log, backup: o.Backup, check: o.Check, guesses: newGuesses(o.Now),
		decoding: make(chan struct{}, decodersAtOnce), drawing: make(chan struct{}, 1),
		registrars: parseListen(o.Listen), deviceCAs: o.DeviceCAs, wrongCodes: NewLimit(codeBurst, codeEvery, o.Now),
		resets: NewLimit(resetBurst, resetEvery, o.Now), resetting: make(chan struct{}, maxResetting),
		challenges: NewLimit(challengeBurst, challengeEvery, o.Now),
	}
	s.clearSounds()
	s.resumeImports()
	return s
}

// Store is the store that the service works on.
func (s *Service) Store() *store.Store { return s.store }
