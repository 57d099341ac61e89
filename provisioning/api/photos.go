package api

import (
	"bytes"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
)

// photoForever is for the address that names the version: another photo has
// another one.
const photoForever = "private, max-age=31536000, immutable"

// addPhotos makes what puts, shows and takes away photos, of users and of oneself.
func (a *API) addPhotos() {
	picture := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary", Description: "At most 10 MB and 16 million pixels."}}
	pictures := map[string]*huma.MediaType{"image/jpeg": picture, "image/png": picture, "image/webp": picture}
	for _, at := range []struct {
		path, whose, id string
		user            func(*request) (string, error)
	}{
		{"/users/{id}/photo", "a user's", "user-photo", func(r *request) (string, error) {
			if id := r.PathValue("id"); r.own(id) {
				return id, nil
			}
			return "", notFound("user")
		}},
		{"/me/photo", "one's own", "own-photo", func(r *request) (string, error) {
			if id := r.self(); id != "" {
				return id, nil
			}
			return "", notFound("user")
		}},
	} {
		a.add(operation{
			method: http.MethodPut, path: at.path, id: "put-" + at.id, tag: "users", summary: "Put " + at.whose + " photo",
			text: "A JPEG, PNG or WebP picture; what it is is told by its content. The square in its middle is drawn anew and kept, " +
				"as a JPEG of 256 pixels a side at most: nothing else of the file is.",
			reach: forUser, params: []*huma.Param{ifMatchParam}, maxBody: provisioning.MaxPhoto + 1, bodyMedia: pictures,
			result: reflect.TypeFor[provisioning.UserView](), errors: []int{http.StatusPreconditionFailed},
			run: func(r *request) (*answer, error) {
				id, err := at.user(r)
				if err != nil {
					return nil, err
				}
				u, err := a.svc.PutPhoto(r.Context(), r.org, r.author(""), id, r.Header.Get("If-Match"), r.Body)
				if err != nil {
					return nil, err
				}
				return (&answer{body: u}).set("ETag", `"`+u.Photo+`"`), nil
			},
		})
		a.add(operation{
			method: http.MethodGet, path: at.path, id: "get-" + at.id, tag: "users", summary: "Show " + at.whose + " photo",
			text:  "With `v`, the `photo` of the user, the answer may be kept for as long as one likes; without, it is asked for each time.",
			reach: forUser, params: []*huma.Param{queryParam("v", "The version that is wanted: what `photo` of the user is.", text())}, resultMedia: []string{"image/jpeg"},
			run: func(r *request) (*answer, error) {
				if err := onlyParams(r.Request, "v"); err != nil {
					return nil, err
				}
				id, err := at.user(r)
				if err != nil {
					return nil, err
				}
				photo, etag, version, err := a.svc.Photo(r.Context(), r.org, id)
				if err != nil {
					return nil, err
				}
				ans := &answer{write: func(w http.ResponseWriter, hr *http.Request) error {
					http.ServeContent(w, hr, "", time.Time{}, bytes.NewReader(photo))
					return nil
				}}
				ans.set("Content-Type", "image/jpeg").set("ETag", etag).set("Cache-Control", "private, no-cache")
				if r.URL.Query().Get("v") == version {
					ans.set("Cache-Control", photoForever)
				}
				return ans, nil
			},
		})
		a.add(operation{
			method: http.MethodDelete, path: at.path, id: "delete-" + at.id, tag: "users", summary: "Take " + at.whose + " photo away",
			reach: forUser, params: []*huma.Param{ifMatchParam}, status: http.StatusNoContent, errors: []int{http.StatusPreconditionFailed},
			run: func(r *request) (*answer, error) {
				id, err := at.user(r)
				if err != nil {
					return nil, err
				}
				return nil, a.svc.DeletePhoto(r.Context(), r.org, r.author(""), id, r.Header.Get("If-Match"))
			},
		})
	}
}
