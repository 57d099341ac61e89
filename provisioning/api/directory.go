package api

import (
	"net/http"
	"reflect"

	"strowger/provisioning"
)

func (a *API) addDirectory() {
	entry := reflect.TypeFor[provisioning.DirectoryEntry]()
	a.add(operation{
		method: http.MethodGet, path: "/directory", id: "list-directory", tag: "directory",
		summary: "List those who can be called inside the organization, by last name",
		text:    "For everybody of the organization, and so without anything else of a user. `full_name` finds a part of a name, the first or the last name first.",
		reach:   forUser, params: listParams(provisioning.DirectoryFilters(), provisioning.DirectorySorts()...),
		result: a.listOf(entry, "directory"), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			q, err := provisioning.ParseQuery(r.URL.Query(), reservedParams...)
			if err != nil {
				return nil, err
			}
			q.All = wantsCSV(r.Request)
			page, err := a.svc.Directory(r.org, q)
			if err != nil {
				return nil, err
			}
			return listAnswer(r, "directory", entry, page)
		},
	})
}
