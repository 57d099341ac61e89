package store

import (
	"encoding/json"
	"fmt"
)

// A State is a record as a change found or left it; the zero State is that of none.
// It is kept in the form that the database has, a tenth of the JSON that it is
// shown in: one import may be the change of a hundred thousand records.
type State struct {
	collection string // empty: data is JSON, as it came over the API or from a file of format 2
	data       []byte
}

// state is that of a record that encodes to data.
func (k *kind[T]) state(r *T, data []byte) State {
	if k.public != nil {
		data = k.encode(k.public(r))
	}
	return State{k.name, data}
}

func (s State) none() bool { return len(s.data) == 0 }

// read makes r, whose fields are given, the record.
func (s State) read(r any, fields func(*codec)) error {
	if s.collection == "" {
		return json.Unmarshal(s.data, r)
	}
	if !decode(string(s.data), fields) {
		return fmt.Errorf("a former state in %s does not decode: %w", s.collection, ErrDamaged)
	}
	return nil
}

// JSON is the record as the API shows it; nil for none.
func (s State) JSON() (json.RawMessage, error) {
	if len(s.data) == 0 || s.collection == "" {
		return s.data, nil
	}
	k, ok := collections[s.collection]
	if !ok {
		return nil, fmt.Errorf("unknown collection %s: %w", s.collection, ErrDamaged)
	}
	r, ok := k.record(s.data)
	if !ok {
		return nil, fmt.Errorf("a former state in %s does not decode: %w", s.collection, ErrDamaged)
	}
	return json.Marshal(r)
}

// MarshalJSON implements json.Marshaler.
func (s State) MarshalJSON() ([]byte, error) {
	text, err := s.JSON()
	if text == nil {
		text = json.RawMessage("null")
	}
	return text, err
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *State) UnmarshalJSON(text []byte) error {
	*s = State{data: append([]byte(nil), text...)}
	return nil
}

// text is the field of a state in JSON.
func (s *State) text(c *codec, num uint64) {
	if c.reading || s.collection == "" {
		c.blob(num, &s.data)
	}
}

// stored is the field of one in the form of the database.
func (s *State) stored(c *codec, num uint64, collection string) {
	if !c.reading {
		if s.collection != "" {
			c.blob(num, &s.data)
		}
		return
	}
	var data []byte
	if c.blob(num, &data); data != nil {
		*s = State{collection, data}
	}
}
