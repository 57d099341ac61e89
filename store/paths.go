package store

import "path/filepath"

// AudioPath is where a sound lies below the data directory. Ids are unique in
// an organization only, so all but the default one have a directory, whose name
// can't be an id.
func AudioPath(org, id string) string {
	if org == DefaultOrganization {
		return filepath.Join("audio", id)
	}
	return filepath.Join("audio", "@"+org, id)
}
