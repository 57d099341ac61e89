package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"strowger/store"
)

// A method is a delivery method with its secrets, for one attempt.
type method struct {
	org, id, kind string
	settings      map[string]string
}

// kinds bring a parcel to its destination; what they answer is where it is now.
// The same parcel again takes the place of the first.
var kinds = map[string]func(ctx context.Context, e *Engine, m *method, p *parcel) (where string, err error){
	"disk": toDisk, "email": toEmail, "sftp": toSFTP, "s3": toS3, "webdav": toWebDAV, "webhook": toWebhook,
}

// method finds one as it is set now.
func (e *Engine) method(org, id string) (*method, error) {
	sn, ok := e.st.Snapshot(org)
	if !ok {
		return nil, goneError{fmt.Errorf("organization %s is gone", org)}
	}
	d, ok := sn.DeliveryMethods.Get(id)
	if !ok {
		return nil, permanent("the delivery method %s was deleted", id)
	}
	m := &method{org: org, id: id, kind: d.Kind, settings: maps.Clone(d.Settings)}
	if m.settings == nil {
		m.settings = map[string]string{}
	}
	if sec, ok := sn.Secret("delivery_methods", id); ok {
		text, err := e.st.OpenSecret(sec)
		if errors.Is(err, store.ErrNotFound) {
			return m, nil
		}
		if err == nil {
			err = json.Unmarshal([]byte(text), &m.settings)
		}
		if err != nil {
			return nil, fmt.Errorf("the secrets of the delivery method cannot be opened: %w", err)
		}
	}
	return m, nil
}

func (m *method) deliver(ctx context.Context, e *Engine, p *parcel) (string, error) {
	to, ok := kinds[m.kind]
	if !ok {
		return "", permanent("nothing is delivered by %s yet", m.kind)
	}
	return to(ctx, e, m, p)
}
