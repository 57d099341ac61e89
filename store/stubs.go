package store

import (
	"context"
	"strings"
)

type checker struct {
	edit *Edit
	s    *Snapshot
	path string
	err  error
}

func (e *Edit) settle() error                                                  { return nil }
func fillOrganization(e *Edit, o *Organization)                                {}
func fillUser(e *Edit, r *User)                                                {}
func fillContactMethod(e *Edit, r *ContactMethod)                              {}
func fillNumber(e *Edit, r *Number)                                            {}
func fillInternalNumber(e *Edit, r *InternalNumber)                            {}
func fillTrunk(e *Edit, r *Trunk)                                              {}
func fillDevice(e *Edit, r *Device)                                            {}
func fillAppDevice(e *Edit, r *AppDevice)                                      {}
func fillTimeSchedule(e *Edit, r *TimeSchedule)                                {}
func fillAudioFile(e *Edit, r *AudioFile)                                      {}
func fillDeliveryMethod(e *Edit, r *DeliveryMethod)                            {}
func fillFeatureCode(e *Edit, r *FeatureCode)                                  {}
func fillCallFlow(e *Edit, r *CallFlow)                                        {}
func fillToken(e *Edit, r *Token)                                              {}
func checkOrganization(c *checker, r *Organization) error                      { return nil }
func checkUser(c *checker, r *User)                                            {}
func checkContactMethod(c *checker, r *ContactMethod)                          {}
func checkNumber(c *checker, r *Number)                                        {}
func checkInternalNumber(c *checker, r *InternalNumber)                        {}
func checkTrunk(c *checker, r *Trunk)                                          {}
func checkDevice(c *checker, r *Device)                                        {}
func checkAppDevice(c *checker, r *AppDevice)                                  {}
func checkTimeSchedule(c *checker, r *TimeSchedule)                            {}
func checkAudioFile(c *checker, r *AudioFile)                                  {}
func checkDeliveryMethod(c *checker, r *DeliveryMethod)                        {}
func checkFeatureCode(c *checker, r *FeatureCode)                              {}
func checkCallFlow(c *checker, r *CallFlow)                                    {}
func checkToken(c *checker, r *Token)                                          {}
func userRefs(r *User, f func(field, collection, id string))                   {}
func contactMethodRefs(r *ContactMethod, f func(field, collection, id string)) {}
func numberRefs(r *Number, f func(field, collection, id string))               {}
func deviceRefs(r *Device, f func(field, collection, id string))               {}
func callFlowRefs(r *CallFlow, f func(field, collection, id string))           {}
func tokenRefs(r *Token, f func(field, collection, id string))                 {}
func stillNamed(s *Snapshot, collection, id string) error                      { return nil }
func normalMAC(s string) string                                                { return strings.ToLower(s) }

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

// A Site is a configuration in the form of `strowger apply`: a field for each
// collection; nil where the file does not name it.
type Site struct {
	Organizations   []Organization   `json:"organizations,omitempty"`
	Users           []User           `json:"users,omitempty"`
	ContactMethods  []ContactMethod  `json:"contact_methods,omitempty"`
	Numbers         []Number         `json:"numbers,omitempty"`
	InternalNumbers []InternalNumber `json:"internal_numbers,omitempty"`
	Trunks          []Trunk          `json:"trunks,omitempty"`
	Devices         []Device         `json:"devices,omitempty"`
	AppDevices      []AppDevice      `json:"app_devices,omitempty"`
	TimeSchedules   []TimeSchedule   `json:"time_schedules,omitempty"`
	AudioFiles      []AudioFile      `json:"audio_files,omitempty"`
	DeliveryMethods []DeliveryMethod `json:"delivery_methods,omitempty"`
	FeatureCodes    []FeatureCode    `json:"feature_codes,omitempty"`
	CallFlows       []CallFlow       `json:"call_flows,omitempty"`
	Tokens          []Token          `json:"tokens,omitempty"`
}

// ParseSite reads a site from JSON; an unknown field is refused by name.
func ParseSite(data []byte) (*Site, error) { return &Site{}, nil }

// ApplySite makes the configuration of an organization what the site says, as
// one revision: creates what is new, changes what differs, with prune deletes
// what the collections it names do not have. With dryRun nothing is saved and
// the answer's Changes are what would be.
func (st *Store) ApplySite(ctx context.Context, org string, by Author, site *Site, prune, dryRun bool) (Revision, error) {
	return Revision{}, nil
}

// Overlay is a snapshot with a site laid over it, saved nowhere.
func Overlay(s *Snapshot, site *Site) (*Snapshot, error) { return s, nil }

// Export is an organization in the form of `strowger apply`, without secrets.
func (s *Snapshot) Export() *Site { return &Site{} }

// Empty is an organization without anything, saved nowhere: what Overlay makes
// a whole configuration from in a test.
func Empty(o Organization) (*Snapshot, error) { return &Snapshot{Organization: &o}, nil }
