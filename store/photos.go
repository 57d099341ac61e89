package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// PutPhoto gives a user a photo, or with no bytes takes it away. It is kept beside
// the user, goes with the user and is in no revision: to go back to one changes
// nobody's photo.
func (e *Edit) PutPhoto(userID string, image []byte) error {
	u, ok := e.Users.Get(userID)
	if !ok {
		return notFound(inUsers, userID)
	}
	version, op := "", Op{Bucket: BucketPhotos, Key: recordKey(e.base.Organization.ID, userID)}
	if len(image) > 0 {
		sum := sha256.Sum256(image)
		version, op.Value = hex.EncodeToString(sum[:8]), bytes.Clone(image)
	}
	if e.photos == nil {
		e.photos = map[string]string{}
	}
	e.photos[userID] = version
	e.ops = append(e.ops, op)
	return e.Users.Put(*u)
}

// photoOf is what a user's record says of the photo, whatever comes in the record
// itself.
func (e *Edit) photoOf(userID string) string {
	if version, put := e.photos[userID]; put {
		return version
	}
	if u, ok := e.base.Users.Get(userID); ok {
		return u.Photo
	}
	return ""
}

// Photo is a user's; nil: there is none.
func (st *Store) Photo(ctx context.Context, org, userID string) (image []byte, err error) {
	err = st.backend.View(ctx, func(r Reader) error {
		value, err := r.Get(BucketPhotos, recordKey(org, userID))
		image = bytes.Clone(value)
		return err
	})
	return image, err
}
