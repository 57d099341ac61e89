package store

import "context"

// SaveFetch notes that a desk phone was given a file. It is on disk when it
// returns.
func (st *Store) SaveFetch(org, device string, f Fetch) error {
	s, ok := st.Snapshot(org)
	if ok {
		_, ok = s.Devices.Get(device)
	}
	if !ok {
		return notFound(inDevices, device)
	}
	return st.writer.ledger.wait(entry{ops: []Op{{Bucket: BucketFetches, Key: recordKey(org, device), Value: encode(f.fields)}}})
}

// Fetch is the last file that a desk phone was given; false: none yet.
func (st *Store) Fetch(ctx context.Context, org, device string) (f Fetch, ok bool, err error) {
	key := recordKey(org, device)
	err = st.backend.View(ctx, func(r Reader) error {
		data, err := r.Get(BucketFetches, key)
		if err != nil || data == nil {
			return err
		}
		if ok = decode(string(data), f.fields); !ok {
			return undecodable(BucketFetches, key)
		}
		return nil
	})
	return f, ok, err
}
