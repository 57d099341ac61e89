package provisioning

import (
	"reflect"
	"slices"
	"strings"

	"strowger/store"
)

// A DirectoryEntry is what everybody in an organization may know of a colleague.
type DirectoryEntry struct {
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
	JobTitle   string `json:"job_title"`
	Department string `json:"department"`
	Extension  string `json:"extension"`
}

// DirectoryFilters are what the directory can be searched by.
func DirectoryFilters() []string { return append(FiltersOf[DirectoryEntry](), "full_name") }

var directorySorts = fields[DirectoryEntry]("first_name", "last_name", "job_title", "department").
	with("extension", byDigits(func(e *DirectoryEntry) string { return e.Extension }))

// DirectorySorts are what the directory can be sorted by.
func DirectorySorts() []string { return directorySorts.names() }

// Directory lists those who can be called inside an organization, by last name.
// Besides the fields, the filter full_name finds a part of a name, the first or
// the last name first.
func (s *Service) Directory(org string, q Query) (Page, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return Page{}, err
	}
	named := func(*store.User) bool { return true }
	if name, given := q.takeFilter("full_name"); given {
		name = folded(name)
		named = func(u *store.User) bool {
			return slices.ContainsFunc(byFullName.texts, func(text func(*store.User) string) bool { return strings.Contains(folded(text(u)), name) })
		}
	}
	filters, err := q.compile(reflect.TypeFor[DirectoryEntry]())
	if err != nil {
		return Page{}, err
	}
	key, err := directorySorts.keyOf(s, sn, q, func(b []byte, e *DirectoryEntry) []byte { return sortKey(b, e.LastName, e.FirstName) })
	if err != nil {
		return Page{}, err
	}
	all := func(yield func(string, *DirectoryEntry) bool) {
		for _, u := range sn.Users.All() {
			if u.Extension == "" || !named(u) {
				continue
			}
			e := &DirectoryEntry{FirstName: u.FirstName, LastName: u.LastName, JobTitle: u.JobTitle, Department: u.Department, Extension: u.Extension}
			// No two have one number, and a cursor tells nothing else.
			if !yield(u.Extension, e) {
				return
			}
		}
	}
	picked, more, err := pick(all, key, q, filters)
	if err != nil {
		return Page{}, err
	}
	page := Page{Items: make([]any, len(picked))}
	for i, p := range picked {
		page.Items[i] = p.record
	}
	if more {
		page.NextCursor = q.cursor(picked[len(picked)-1].place)
	}
	return page, nil
}
