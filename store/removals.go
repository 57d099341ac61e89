package store

import (
	"context"
	"encoding/binary"
	"path/filepath"
	"slices"
	"strings"
)

// A removal is the promise that a file goes, made in the commit that removes the
// record which names it. It is kept until the file is gone: whatever stops the
// exchange between the two, the next start has it.

// filesOf are the files of a record, and whether nobody writes them any more.
func filesOf(b Bucket, key, value []byte) (files []string, settled bool, err error) {
	switch b {
	case BucketRecordings:
		r, err := recordings.decode(key, value)
		if err != nil {
			return nil, false, err
		}
		return filesOfRecording(r), r.State.settled(), nil
	case BucketVoicemails:
		v, err := voicemails.decode(key, value)
		if err != nil {
			return nil, false, err
		}
		return filesOfVoicemail(v), v.State.settled(), nil
	case BucketAudioFiles:
		org, id, _ := strings.Cut(string(key), "\x00")
		return []string{filepath.ToSlash(AudioPath(org, id))}, true, nil
	}
	return nil, false, nil
}

func filesOfRecording(r *CallRecording) []string { return named(r.Spool, r.File) }

func filesOfVoicemail(v *Voicemail) []string { return named(v.Spool, v.File) }

func named(files ...string) []string {
	return slices.DeleteFunc(files, func(file string) bool { return file == "" })
}

// settled says whether the recorder is done with a capture's packets.
func (s RecordingState) settled() bool { return s != RecordingExpected && s != RecordingCapturing }

// DeleteRecordingAndFiles removes a recording's line of the ledger and promises
// that its files go, which it answers. allowed may refuse it.
func (st *Store) DeleteRecordingAndFiles(ctx context.Context, org, id string, allowed func(*CallRecording) error) (files []string, err error) {
	return deleteAndFiles(ctx, st, recordings, org, id, allowed, filesOfRecording)
}

// DeleteVoicemailAndFiles does that with a message.
func (st *Store) DeleteVoicemailAndFiles(ctx context.Context, org, id string, allowed func(*Voicemail) error) (files []string, err error) {
	return deleteAndFiles(ctx, st, voicemails, org, id, allowed, filesOfVoicemail)
}

func deleteAndFiles[T any](ctx context.Context, st *Store, d *dated[T], org, id string, allowed func(*T) error, filesOf func(*T) []string) (files []string, err error) {
	since := binary.BigEndian.AppendUint64(nil, nanoseconds(st.now()))
	err = d.remove(ctx, st, org, id, func(r *T) (ops []Op, err error) {
		if err := allowed(r); err != nil {
			return nil, err
		}
		for _, file := range filesOf(r) {
			files = append(files, file)
			ops = append(ops, Op{Bucket: BucketRemovals, Key: []byte(file), Value: since})
		}
		return ops, nil
	})
	if err != nil {
		return nil, err
	}
	return files, nil
}

// Removals are the files below the data directory that go still.
func (st *Store) Removals(ctx context.Context) (files []string, err error) {
	err = st.backend.View(ctx, func(r Reader) error {
		return r.Range(BucketRemovals, nil, nil, func(key, _ []byte) error {
			files = append(files, string(key))
			return nil
		})
	})
	return files, err
}

// Removed ends the promises of files that are gone.
func (st *Store) Removed(files []string) error {
	if len(files) == 0 {
		return nil
	}
	ops := make([]Op, len(files))
	for i, file := range files {
		ops[i] = Op{Bucket: BucketRemovals, Key: []byte(file)}
	}
	return st.writer.ledger.wait(entry{ops: ops})
}
