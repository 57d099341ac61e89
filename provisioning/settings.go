package provisioning

import (
	"maps"

	"strowger/store"
)

// dropSettings turns the null of a secret setting in a merge patch into the
// empty text that takes it away in the store: merged like other members it
// would only be absent, as every secret that is kept is.
func dropSettings(_ *Service, input map[string]any) (map[string]any, error) {
	settings, ok := input["settings"].(map[string]any)
	if !ok {
		return input, nil
	}
	settings = maps.Clone(settings)
	for name, v := range settings {
		if v == nil && store.SecretSetting(name) {
			settings[name] = ""
		}
	}
	out := maps.Clone(input)
	out["settings"] = settings
	return out, nil
}

// showSettings adds the secrets among new settings for the one answer that
// shows them. The map that is shown belongs to the store.
func showSettings(shown, given map[string]string) map[string]string {
	out := maps.Clone(shown)
	for name, value := range given {
		if value != "" && store.SecretSetting(name) {
			out[name] = value
		}
	}
	return out
}
