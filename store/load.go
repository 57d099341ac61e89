package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
)

var metaRevision = []byte("revision")

func metaHead(org string) []byte { return []byte("head/" + org) }

// load reads the whole configuration. The big collections are read beside each
// other, each into a table of its own, so that 50,000 users are there in a
// fraction of a second.
func load(ctx context.Context, backend Backend) (*world, error) {
	defer pauseCollector()()
	w := &world{organizations: map[string]*atomic.Pointer[Snapshot]{}}
	all := map[string]*Snapshot{}
	if err := loadHeads(ctx, backend, w, all); err != nil {
		return nil, err
	}
	jobs := []func() error{
		func() error { return loadTable(ctx, backend, users, all) },
		func() error { return loadTable(ctx, backend, contactMethods, all) },
		func() error { return loadSecrets(ctx, backend, all) },
		func() error { return loadTable(ctx, backend, numbers, all) },
		func() error { return loadTable(ctx, backend, internalNumbers, all) },
		func() error { return loadTable(ctx, backend, trunks, all) },
		func() error { return loadTable(ctx, backend, devices, all) },
		func() error { return loadTable(ctx, backend, appDevices, all) },
		func() error { return loadTable(ctx, backend, timeSchedules, all) },
		func() error { return loadTable(ctx, backend, audioFiles, all) },
		func() error { return loadTable(ctx, backend, deliveryMethods, all) },
		func() error { return loadTable(ctx, backend, featureCodes, all) },
		func() error { return loadTable(ctx, backend, callFlows, all) },
		func() error { return loadTable(ctx, backend, tokens, all) },
		func() error { return loadTable(ctx, backend, plans, all) },
	}
	if err := together(jobs); err != nil {
		return nil, err
	}
	var index []func() error
	var afterwards []func()
	snapshots := make([]*Snapshot, 0, len(all))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		s := all[id]
		snapshots = append(snapshots, s)
		jobs, after := s.indexJobs()
		index, afterwards = append(index, jobs...), append(afterwards, after)
		p := new(atomic.Pointer[Snapshot])
		p.Store(s)
		w.organizations[id] = p
	}
	if err := together(index); err != nil {
		return nil, err
	}
	for _, f := range afterwards {
		f()
	}
	w.directory = newDirectory(snapshots)
	return w, nil
}

// indexJobs make all indexes of a snapshot; refs come from several collections.
func (s *Snapshot) indexJobs() (jobs []func() error, after func()) {
	var lineRefs, otherRefs []keyed[reference]
	jobs = []func() error{
		func() error {
			lineRefs = contactMethods.indexAll(s, nil)
			return nil
		},
		func() error {
			refs := users.indexAll(s, nil)
			refs = numbers.indexAll(s, refs)
			internalNumbers.indexAll(s, nil)
			trunks.indexAll(s, nil)
			refs = devices.indexAll(s, refs)
			appDevices.indexAll(s, nil)
			featureCodes.indexAll(s, nil)
			timeSchedules.indexAll(s, nil)
			audioFiles.indexAll(s, nil)
			deliveryMethods.indexAll(s, nil)
			plans.indexAll(s, nil)
			refs = callFlows.indexAll(s, refs)
			refs = tokens.indexAll(s, refs)
			otherRefs = refs
			return nil
		},
	}
	return jobs, func() { s.refs = bulk(append(lineRefs, otherRefs...)) }
}

// together runs jobs on all cores and answers the first error in their order.
func together(jobs []func() error) error {
	errs := make([]error, len(jobs))
	var next atomic.Int64
	done := make(chan struct{})
	workers := min(runtime.GOMAXPROCS(0), len(jobs))
	for range workers {
		go func() {
			defer func() { done <- struct{}{} }()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(jobs) {
					return
				}
				errs[i] = jobs[i]()
			}
		}()
	}
	for range workers {
		<-done
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func loadHeads(ctx context.Context, backend Backend, w *world, all map[string]*Snapshot) error {
	return backend.View(ctx, func(r Reader) error {
		data, err := r.Get(BucketMeta, metaRevision)
		if err != nil {
			return err
		}
		if len(data) == 8 {
			w.revision = binary.BigEndian.Uint64(data)
		}
		return r.Range(BucketOrganizations, nil, nil, func(key, value []byte) error {
			o := new(Organization)
			if !decode(string(value), o.fields) || o.ID != string(key) {
				return undecodable(BucketOrganizations, key)
			}
			s := &Snapshot{Organization: o}
			head, err := r.Get(BucketMeta, metaHead(o.ID))
			if err != nil {
				return err
			}
			if len(head) == 8 {
				s.Revision = binary.BigEndian.Uint64(head)
			}
			all[o.ID] = s
			return nil
		})
	})
}

func undecodable(b Bucket, key []byte) error {
	return fmt.Errorf("%s/%q does not decode: %w", b, key, ErrDamaged)
}

// byOrganization goes through a bucket whose keys begin with an organization's
// id, and calls end after the last record of each.
func byOrganization(ctx context.Context, backend Backend, b Bucket, all map[string]*Snapshot,
	each func(id, value []byte) bool, end func(*Snapshot)) error {
	return backend.View(ctx, func(r Reader) error {
		var org []byte
		var s *Snapshot
		err := r.Range(b, nil, nil, func(key, value []byte) error {
			i := bytes.IndexByte(key, 0)
			if i < 0 {
				return undecodable(b, key)
			}
			if s == nil || !bytes.Equal(org, key[:i]) {
				if s != nil {
					end(s)
				}
				org = append(org[:0], key[:i]...)
				if s = all[string(org)]; s == nil {
					return fmt.Errorf("%s/%q is of no organization: %w", b, key, ErrDamaged)
				}
			}
			if !each(key[i+1:], value) {
				return undecodable(b, key)
			}
			return nil
		})
		if err == nil && s != nil {
			end(s)
		}
		return err
	})
}

// roomFor is how many records share an allocation, at most.
const roomFor = 16

func loadTable[T any](ctx context.Context, backend Backend, k *kind[T], all map[string]*Snapshot) error {
	var keys []string
	var vals []*T
	var r *T
	var c codec
	fields := func(c *codec) { k.fields(r, c) }
	// A few records share an allocation: quicker, and when one of them is replaced
	// little stays behind.
	var room []T
	return byOrganization(ctx, backend, k.bucket, all,
		func(id, value []byte) bool {
			if len(room) == 0 {
				room = make([]T, roomFor)
			}
			r, room = &room[0], room[1:]
			if !c.read(string(value), fields) || k.meta(r).ID != string(id) {
				return false
			}
			keys, vals = append(keys, k.meta(r).ID), append(vals, r)
			return true
		},
		func(s *Snapshot) {
			*k.table(s) = buildTable(keys, vals)
			keys, vals = keys[:0], vals[:0]
		})
}

func loadSecrets(ctx context.Context, backend Backend, all map[string]*Snapshot) error {
	entries := map[string][]keyed[Secret]{}
	var sec *Secret
	var c codec
	fields := func(c *codec) { sec.fields(c) }
	return byOrganization(ctx, backend, BucketSecrets, all,
		func(path, value []byte) bool {
			collection, id, _ := strings.Cut(string(path), "/")
			sec = new(Secret)
			if !c.read(string(value), fields) || new(secretTables).of(collection) == nil {
				return false
			}
			entries[collection] = append(entries[collection], keyed[Secret]{id, sec})
			return true
		},
		func(s *Snapshot) {
			for collection, list := range entries {
				*s.secrets.of(collection) = bulk(list)
			}
			clear(entries)
		})
}
