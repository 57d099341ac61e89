package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"strowger/provisioning"
	"strowger/store"
	"strowger/store/bolt"
)

// Names below the data directory.
const (
	dbFile     = "strowger.db"
	keyFile    = "secret.key"
	socketFile = "admin.sock"
)

// keySize is secret.key's, in bytes: of an AES-256 key.
const keySize = 32

// A dataDir is an open store and what belongs to it on disk.
type dataDir struct {
	dir     string
	store   *store.Store
	backend *bolt.Backend
}

// openData opens the store below dir, and makes it where there is none yet.
// Whoever opens it closes it.
func openData(ctx context.Context, dir string, log *slog.Logger) (*dataDir, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data directory cannot be made: %w", err)
	}
	backend, err := bolt.Open(filepath.Join(dir, dbFile), bolt.Options{Log: log})
	if err != nil {
		return nil, err
	}
	key, err := secretKey(dir)
	if err != nil {
		backend.Close()
		return nil, err
	}
	st, err := store.Open(ctx, backend, store.Options{Key: key, Log: log})
	if err != nil {
		backend.Close()
		return nil, err
	}
	return &dataDir{dir, st, backend}, nil
}

// Close writes what is still queued.
func (d *dataDir) Close() error { return d.store.Close() }

// service is what an administrator may do with the store. The options have what is
// of the running exchange, where it runs.
func (d *dataDir) service(o provisioning.Options) *provisioning.Service {
	o.Data, o.Backup = d.dir, d.store.Backup
	o.Check = func(ctx context.Context, report func(store.Problem)) error {
		problems, err := d.store.Check(ctx)
		for _, p := range problems {
			report(p)
		}
		return err
	}
	return provisioning.New(d.store, o)
}

// secretKey reads the key that seals passwords, and makes it for a fresh store.
// It is made with a link, so that of two processes that start at once both get
// the one that came first.
func secretKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, keyFile)
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(dir, path)
	}
	if err != nil {
		return nil, fmt.Errorf("the key that seals passwords cannot be read: %w", err)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("%s has %d bytes; want %d", path, len(key), keySize)
	}
	return key, nil
}

func makeKey(dir, path string) ([]byte, error) {
	key := make([]byte, keySize)
	rand.Read(key) // never fails
	tmp, err := os.CreateTemp(dir, keyFile+".*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(key)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := syncDir(dir); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// syncDir makes new names in a directory last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// maxSocketPath is what a Unix socket's address can hold.
const maxSocketPath = 107

// socketPath gives a path to the admin socket that an address can hold; done
// lets go of it.
func socketPath(dir string) (path string, done func(), err error) {
	path = filepath.Join(dir, socketFile)
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), socketFile), func() { d.Close() }, nil
}
