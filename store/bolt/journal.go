package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"strowger/store"
)

// The journal is a small file beside the database, a ring of the last commits:
// the number of each is written, and on disk, before anyone is told that the
// commit is. bbolt has two meta pages and silently falls back to the older when
// the newer is damaged; then the journal knows of a commit that the database
// does not have.

const (
	journalMagic = "strowger journal\n"
	headerSize   = 64 // magic, process, store id, CRC-32C of all before it
	slotSize     = 32 // number, time, zero, CRC-32C of the store id and all before it
	slotCount    = 64
	journalSize  = headerSize + slotCount*slotSize
)

type journal struct {
	path string
	f    *os.File
	id   [16]byte
}

// journalPath is strowger.journal beside strowger.db.
func journalPath(db string) string { return strings.TrimSuffix(db, ".db") + ".journal" }

// openJournal compares the journal with the database and makes it this
// process's.
func openJournal(dbPath string, db *bbolt.DB) (*journal, error) {
	id, err := compareJournal(dbPath, db)
	if err != nil {
		return nil, err
	}
	j := &journal{path: journalPath(dbPath), id: id}
	if j.f, err = os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fileError("open", j.path, err)
	}
	info, err := j.f.Stat()
	if err == nil && info.Size() != journalSize {
		// Written in full, so that a commit never needs room for it.
		_, err = j.f.WriteAt(make([]byte, journalSize), 0)
	}
	if err == nil {
		err = j.writeHeader()
	}
	if err == nil {
		err = j.f.Sync()
	}
	if err != nil {
		j.f.Close()
		return nil, fileError("write", j.path, err)
	}
	return j, nil
}

// adopt gives the journal the id that a new database was just given.
func (j *journal) adopt(db *bbolt.DB) error {
	err := db.View(func(tx *bbolt.Tx) error {
		j.id = storeID(tx)
		return nil
	})
	if err == nil {
		err = j.writeHeader()
	}
	return fileError("write", j.path, err)
}

func (j *journal) writeHeader() error {
	header := make([]byte, headerSize)
	n := copy(header, journalMagic)
	binary.BigEndian.PutUint32(header[n:], uint32(os.Getpid()))
	copy(header[n+4:], j.id[:])
	binary.BigEndian.PutUint32(header[headerSize-4:], crc32.Checksum(header[:headerSize-4], castagnoli))
	_, err := j.f.WriteAt(header, 0)
	return err
}

// note writes that a commit is on disk.
func (j *journal) note(number int) error {
	if _, err := j.f.WriteAt(slot(j.id, uint64(number), time.Now()), headerSize+int64(number%slotCount)*slotSize); err != nil {
		return err
	}
	return datasync(j.f)
}

func (j *journal) close() {
	// Nobody holds the file any more.
	j.f.WriteAt(make([]byte, 4), int64(len(journalMagic)))
	j.f.Close()
}

func slot(id [16]byte, number uint64, at time.Time) []byte {
	b := make([]byte, 0, slotSize)
	b = binary.BigEndian.AppendUint64(b, number)
	b = binary.BigEndian.AppendUint64(b, uint64(at.UnixNano()))
	b = append(b, make([]byte, 12)...)
	return binary.BigEndian.AppendUint32(b, slotSum(id, b))
}

func slotSum(id [16]byte, b []byte) uint32 {
	return crc32.Update(crc32.Checksum(id[:], castagnoli), castagnoli, b)
}

// newest is the number of the last commit of a store that a journal tells of,
// 0 for none: another store's slots do not count.
func newest(data []byte, id [16]byte) (number uint64, at time.Time) {
	for i := range slotCount {
		from := headerSize + i*slotSize
		if from+slotSize > len(data) {
			break
		}
		b := data[from : from+slotSize]
		if slotSum(id, b[:slotSize-4]) != binary.BigEndian.Uint32(b[slotSize-4:]) {
			continue
		}
		if n := binary.BigEndian.Uint64(b); n > number {
			number, at = n, time.Unix(0, int64(binary.BigEndian.Uint64(b[8:])))
		}
	}
	return number, at
}

// compareJournal refuses a database that lacks a commit which the journal has.
// A journal that is not there proves nothing: the database was copied.
func compareJournal(dbPath string, db *bbolt.DB) (id [16]byte, err error) {
	// The journal first: what is committed meanwhile is in the database alone.
	path := journalPath(dbPath)
	data, unread := readSome(path, journalSize)
	var have uint64
	err = guard(dbPath, func() error {
		return db.View(func(tx *bbolt.Tx) error {
			id = storeID(tx)
			have = uint64(tx.ID())
			return nil
		})
	})
	switch {
	case err != nil:
		return id, err
	case errors.Is(unread, fs.ErrNotExist):
		return id, nil
	case unread != nil:
		return id, fileError("read", path, unread)
	}
	if !bytes.HasPrefix(data, []byte(journalMagic)) {
		return id, nil // never finished being made
	}
	if last, at := newest(data, id); last > have {
		return id, fmt.Errorf("%s is damaged: its newest %d commits, up to that of %s, are missing; restore a backup, or delete %s to go on without them: %w",
			dbPath, last-have, at.UTC().Format(time.RFC3339), path, store.ErrDamaged)
	}
	return id, nil
}

func readSome(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// journalProcess is the process that says in the journal that it has the
// database.
func journalProcess(dbPath string) int {
	data, err := readSome(journalPath(dbPath), headerSize)
	if err != nil || len(data) < headerSize || !bytes.HasPrefix(data, []byte(journalMagic)) {
		return 0
	}
	return int(binary.BigEndian.Uint32(data[len(journalMagic):]))
}
