package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
)

// AppChange is what an app may change of its user. What is absent, or null, does
// not change.
type AppChange struct {
	FirstName  *string `json:"first_name,omitempty"`
	LastName   *string `json:"last_name,omitempty"`
	JobTitle   *string `json:"job_title,omitempty"`
	Department *string `json:"department,omitempty"`
}

// addApps makes what an app may do once it is activated, with the token that it was
// given then.
func (a *API) addApps() {
	users, _ := provisioning.FindCollection("users")
	self := func(r *request) (*answer, error) {
		shown, etag, err := a.svc.AppSelf(r.who)
		if err != nil {
			return nil, err
		}
		return (&answer{body: shown}).set("ETag", etag), nil
	}
	a.add(operation{
		method: http.MethodGet, path: "/app-devices/self", id: "get-app-self", tag: "app-devices",
		summary: "Read what an app shows: its user's name and its settings",
		text:    "For the app itself, with the `token` that its activation answered. 403 while the user's mobile app is switched off, 401 once the app device was removed.",
		app:     true, reach: forUser, result: reflect.TypeFor[provisioning.AppSelf](), run: self,
	})
	a.add(operation{
		method: http.MethodPatch, path: "/app-devices/self", id: "change-app-self", tag: "app-devices",
		summary: "Change what an app may change of its user",
		text:    "For the app itself, with the `token` that its activation answered. What is not named, or null, does not change.",
		app:     true, reach: forUser, params: []*huma.Param{ifMatchParam}, body: reflect.TypeFor[AppChange](), result: reflect.TypeFor[provisioning.AppSelf](),
		errors: []int{http.StatusPreconditionFailed},
		run: func(r *request) (*answer, error) {
			var change AppChange
			patch, err := narrowed(r.raw, &change)
			if err != nil {
				return nil, err
			}
			if _, _, err := a.svc.Change(r.Context(), r.org, r.author(""), users, r.who.UserID, patch, r.Header.Get("If-Match")); err != nil {
				return nil, err
			}
			return self(r)
		},
	})
}
