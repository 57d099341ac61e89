package store

import "context"

type writer struct{}

func newWriter(*Store) *writer { return &writer{} }
func (*writer) close()         {}

func (st *Store) everythingOf(ctx context.Context, org string) ([]Op, error) { return nil, nil }

// SaveBindings writes bindings and returns when they are on disk.
func (st *Store) SaveBindings(ctx context.Context, put []Binding, del []BindingKey) error { return nil }

// SaveBindingsLater writes plain refreshes within a second.
func (st *Store) SaveBindingsLater(put []Binding) {}

// LoadBindings goes through all saved bindings.
func (st *Store) LoadBindings(ctx context.Context, f func(*Binding) error) error { return nil }

// SaveCall queues a call's record and its trace.
func (st *Store) SaveCall(c *Call, t *Trace) {}

// Call finds a call's record.
func (st *Store) Call(ctx context.Context, org, id string) (*Call, error) {
	return nil, notFound("calls", id)
}

// Calls lists call records, newest first.
func (st *Store) Calls(ctx context.Context, org, before string, limit int) ([]*Call, error) {
	return nil, nil
}

// Trace finds a call's trace.
func (st *Store) Trace(ctx context.Context, org, id string) (*Trace, error) {
	return nil, notFound("calls", id)
}

// PutRecording writes a line of the ledger; it is on disk when it returns.
func (st *Store) PutRecording(ctx context.Context, r *CallRecording) error { return nil }

// Recording finds a recording.
func (st *Store) Recording(ctx context.Context, org, id string) (*CallRecording, error) {
	return nil, notFound("recordings", id)
}

// Recordings lists recordings, newest first.
func (st *Store) Recordings(ctx context.Context, org, before string, limit int) ([]*CallRecording, error) {
	return nil, nil
}

// AllRecordings goes through all recordings of all organizations.
func (st *Store) AllRecordings(ctx context.Context, f func(*CallRecording) error) error { return nil }

// DeleteRecording removes a recording's line of the ledger.
func (st *Store) DeleteRecording(ctx context.Context, org, id string) error { return nil }

// PutVoicemail writes a message's record; it is on disk when it returns.
func (st *Store) PutVoicemail(ctx context.Context, r *Voicemail) error { return nil }

// Voicemail finds a message.
func (st *Store) Voicemail(ctx context.Context, org, id string) (*Voicemail, error) {
	return nil, notFound("voicemails", id)
}

// Voicemails lists messages, newest first.
func (st *Store) Voicemails(ctx context.Context, org, before string, limit int) ([]*Voicemail, error) {
	return nil, nil
}

// AllVoicemails goes through all messages of all organizations.
func (st *Store) AllVoicemails(ctx context.Context, f func(*Voicemail) error) error { return nil }

// DeleteVoicemail removes a message's record.
func (st *Store) DeleteVoicemail(ctx context.Context, org, id string) error { return nil }
