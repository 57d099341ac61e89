package store

import (
	"slices"
	"strings"
)

// What a record names. A line's user and an app device's are in the groups that
// list them, so they are not here again. A number is named by its E.164 form.

func organizationRefs(o *Organization, f func(field, collection, id string)) {
	ref(f, "main_number", inNumbers, o.MainNumber)
	ref(f, "voicemail.greeting_audio_id", inAudioFiles, o.Voicemail.GreetingAudioID)
	ref(f, "music_on_hold_audio_id", inAudioFiles, o.MusicOnHoldAudioID)
}

func userRefs(u *User, f func(field, collection, id string)) {
	ref(f, "time_schedule_id", inTimeSchedules, u.TimeScheduleID)
	for i, id := range u.Routing.ContactMethodIDs {
		ref(f, at("routing.contact_method_ids", i), inContactMethods, id)
	}
	ref(f, "direct_number", inNumbers, u.DirectNumber)
}

func contactMethodRefs(m *ContactMethod, f func(field, collection, id string)) {
	ref(f, "time_schedule_id", inTimeSchedules, m.TimeScheduleID)
	ref(f, "inbound.when_unavailable.greeting_audio_id", inAudioFiles, m.Inbound.WhenUnavailable.GreetingAudioID)
	ref(f, "outbound.internal_announcement_id", inAudioFiles, m.Outbound.InternalAnnouncementID)
	ref(f, "outbound.external_announcement_id", inAudioFiles, m.Outbound.ExternalAnnouncementID)
	for i, id := range m.Recording.DeliveryMethodIDs {
		ref(f, at("recording.delivery_method_ids", i), inDeliveryMethods, id)
	}
	for i, e164 := range m.Outbound.CallerIDs {
		ref(f, at("outbound.caller_ids", i), inNumbers, e164)
	}
	for i, e164 := range m.Inbound.DIDNumbers {
		ref(f, at("inbound.did_numbers", i), inNumbers, e164)
	}
}

func numberRefs(n *Number, f func(field, collection, id string)) {
	ref(f, "trunk_id", inTrunks, n.TrunkID)
	if n.Owner.Kind == OwnerCallFlow {
		ref(f, "owner", inCallFlows, n.Owner.ID)
	}
}

func internalNumberRefs(n *InternalNumber, f func(field, collection, id string)) {
	if n.Owner.Kind == OwnerCallFlow {
		ref(f, "owner", inCallFlows, n.Owner.ID)
	}
}

func deviceRefs(d *Device, f func(field, collection, id string)) {
	for i, line := range d.Lines {
		ref(f, at("lines", i)+".contact_method_id", inContactMethods, line.ContactMethodID)
	}
}

// callFlowRefs: a node's settings name records by fields that end in _id
// or _ids.
func callFlowRefs(c *CallFlow, f func(field, collection, id string)) {
	for i, node := range c.Nodes {
		for name, collection := range flowSettings {
			ref(f, at("nodes", i)+".settings."+name, collection, node.Settings[name])
		}
		for _, id := range strings.Split(node.Settings["user_ids"], ",") {
			ref(f, at("nodes", i)+".settings.user_ids", inUsers, id)
		}
	}
}

var flowSettings = map[string]string{
	"user_id":          "users",
	"time_schedule_id": "time_schedules",
	"audio_file_id":    "audio_files",
}

func tokenRefs(t *Token, f func(field, collection, id string)) {
	ref(f, "user_id", inUsers, t.UserID)
}

func ref(f func(field, collection, id string), field, collection, id string) {
	if id != "" {
		f(field, collection, id)
	}
}

// stillNamed refuses the deletion of a record that others name, and says who
// they are.
func stillNamed[T any](s *Snapshot, k *kind[T], old *T) error {
	id := k.meta(old).ID
	others := s.Referrers(k.name, id)
	if n, ok := any(old).(*Number); ok {
		id = n.E164
		others = append(others, s.Referrers(k.name, id)...)
	}
	// The organization is one record, and in no index.
	organizationRefs(s.Organization, func(field, collection, named string) {
		if collection == k.name && named == id {
			others = append(others, inOrganizations+"/"+s.Organization.ID+"."+field)
		}
	})
	if len(others) == 0 {
		return nil
	}
	const shown = 5
	list := others[:min(shown, len(others))]
	if len(others) > shown {
		list = append(slices.Clip(list), "…")
	}
	return conflicting(k.name+"/"+k.meta(old).ID, "", Say("is still used by %s", List(list...)), others...)
}
