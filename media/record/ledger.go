package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// States of an Entry. Each is in the ledger before the work of the next begins.
const (
	Expected  = "expected"  // a capture is owed
	Capturing = "capturing" // packets go to the spool
	Captured  = "captured"  // rendered, hashed and durable
	Delivered = "delivered" // and handed over to be brought wherever it must be
	Failed    = "failed"    // not to be had: an alarm
)

// Kinds of an Entry.
const (
	KindRecording = "recording"
	KindVoicemail = "voicemail"
)

// An Entry is one capture's line of the ledger.
type Entry struct {
	ID          string // unique in the exchange: letters, digits, . _ -; 1 to 64
	Kind        string // KindRecording if empty
	State       string
	Spool       string // below the data directory; empty once it is removed. What could not be rendered is kept
	File        string // below the data directory
	SHA256      string
	Error       string // why it failed, or what it lacks
	Bytes       int64
	DurationMS  int64
	Interrupted bool
	CreatedAt   time.Time
	Org         string
	Meta        json.RawMessage // the caller's, kept as it is
}

// ErrGone is a Ledger's answer to Put, and Deliver's, where whose capture it was has
// been deleted: what there is of it goes, too.
var ErrGone = errors.New("nobody wants it any more")

// A Ledger keeps entries. Each call returns when it is on disk. Put replaces
// the entry of that ID; deleting one that is absent is no error.
type Ledger interface {
	Put(ctx context.Context, e Entry) error
	Delete(ctx context.Context, e Entry) error
	Unfinished(ctx context.Context) ([]Entry, error) // neither delivered nor failed
}

// checkID: an ID becomes a file name.
func checkID(id string) error {
	ok := len(id) >= 1 && len(id) <= 64 && id[0] != '.'
	for i := 0; ok && i < len(id); i++ {
		c := id[i]
		ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
	}
	if !ok {
		return fmt.Errorf("recording id %q: want 1 to 64 of letters, digits, '.', '_' and '-', and no '.' in front", id)
	}
	return nil
}

// Counters for metrics, since the start.
type Counters struct {
	Expected, Capturing, Captured, Delivered, Failed uint64 // entries that reached the state
	Interrupted                                      uint64 // cut off by a crash, and saved as far as they went
	Truncated                                        uint64 // alarm: captured, but packets were lost or damaged on the way to the disk
	Late                                             uint64 // alarm: the capture began after the call did
	Undecoded                                        uint64 // alarm: sound came that we can't decode; its packets are kept
	Missing                                          uint64 // alarm: expected, and not to be had
	DroppedPackets                                   uint64 // the disk did not keep up
	Trouble                                          uint64 // alarm: writes that failed and are tried again
	Active                                           int    // being captured now
	Queue                                            int    // captures that wait for rendering, delivery or the ledger
}
