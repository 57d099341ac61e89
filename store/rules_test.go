package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"strowger/store"
	"strowger/store/storetest"
)

// site parses a text in the form of `strowger apply`.
func site(t testing.TB, text string) *store.Site {
	t.Helper()
	s, err := store.ParseSite([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

// base is the snapshot of storetest.Site.
func base(t testing.TB) *store.Snapshot {
	t.Helper()
	return over(t, draft(t), storetest.Site)
}

func draft(t testing.TB) *store.Snapshot {
	t.Helper()
	s, err := store.Draft(store.Organization{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func over(t testing.TB, s *store.Snapshot, text string) *store.Snapshot {
	t.Helper()
	next, err := store.Overlay(s, site(t, text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return next
}

func exported(t testing.TB, s *store.Snapshot) string {
	t.Helper()
	data, err := json.MarshalIndent(s.Export(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const (
	anyUser  = `"user_id": "anna"`
	sipLine  = `"id": "x", "user_id": "anna", "kind": "sip_account"`
	someUser = `"id": "u", "first_name": "U"`
)

// Each row lays a site over storetest.Site; want is in the one sentence that
// refuses it, or empty when it is taken.
func TestRules(t *testing.T) {
	s := base(t)
	for _, c := range []struct{ site, want string }{
		// Fields named with their rule.
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"did_numbers": ["+1555"]}}]}`,
			"contact_methods/x: inbound.did_numbers[0]: +1555 is not in /numbers"},
		{`{"users": [{"id": "u"}]}`, "users/u: first_name: must be given"},
		{`{"users": [{"id": "U!", "first_name": "U"}]}`, "users/U!: id: must be 1 to 64 of"},
		{`{"users": [{` + someUser + `}, {` + someUser + `}]}`, "users/u: id: is there twice"},
		{`{"users": [{"first_name": "U"}]}`, "users[0]: id: must be given"},
		{`{"users": [{` + someUser + `, "email": "nobody"}]}`, "users/u: email: \"nobody\" must be an email address"},
		{`{"users": [{` + someUser + `, "email": "Me <me@example.com>"}]}`, "must be an email address"},
		{`{"users": [{` + someUser + `, "time_zone": "Mars/Olympus"}]}`, "users/u: time_zone: \"Mars/Olympus\" is no IANA time zone"},
		{`{"users": [{` + someUser + `, "time_zone": "Local"}]}`, "is no IANA time zone"},
		{`{"users": [{` + someUser + `, "role": "owner"}]}`, "role: \"owner\" must be one of user, admin"},
		{`{"users": [{` + someUser + `, "reject_scope": "none"}]}`, "reject_scope"},
		{`{"users": [{` + someUser + `, "time_schedule_id": "never"}]}`, "time_schedule_id: time_schedules/never is not there"},
		{`{"users": [{` + someUser + `, "routing": {"mode": "sometimes"}}]}`, "routing.mode"},
		{`{"users": [{` + someUser + `, "routing": {"contact_method_ids": ["gone"]}}]}`, "routing.contact_method_ids[0]: contact_methods/gone is not there"},
		{`{"users": [{` + someUser + `, "routing": {"contact_method_ids": ["anna-desk"]}}]}`, "contact_methods/anna-desk is another user's"},
		{`{"users": [{"id": "ion", "first_name": "Ion", "routing": {"contact_method_ids": ["ion-mail"]}}]}`, "is an email address"},
		{`{"users": [{` + someUser + `, "forward": {"enabled": true}}]}`, "forward.number: must be given"},
		{`{"users": [{` + someUser + `, "forward": {"enabled": true, "number": "a b"}}]}`, "forward.number: \"a b\" must be what a user could dial"},
		{`{"users": [{` + someUser + `, "login": "ANNA@example.com"}]}`, "login: anna@example.com is already that of users/anna"},
		{`{"users": [{` + someUser + `, "first_name": "a\u0007"}]}`, "one line of printable text"},
		{`{"users": [{` + someUser + `, "mobile_number": "call me"}]}`, "mobile_number"},
		{`{"users": [{` + someUser + `, "extension": "105"}]}`, "users/u: extension: the user has no line that could carry it"},
		{`{"users": [{"id": "anna", "first_name": "Anna", "extension": "1x"}]}`, "extension: must be 1 to 6 digits"},
		{`{"users": [{` + someUser + `, "email": "anna@example.com"}]}`, ""},

		{`{"contact_methods": [{"id": "x", "kind": "app"}]}`, "user_id: must be given"},
		{`{"contact_methods": [{"id": "x", "user_id": "gone", "kind": "sip_account"}]}`, "user_id: users/gone is not there"},
		{`{"contact_methods": [{"id": "x", ` + anyUser + `, "kind": "pigeon"}]}`, "kind: \"pigeon\" must be one of app, sip_account"},
		{`{"contact_methods": [{"id": "x", ` + anyUser + `, "kind": "app"}]}`, "users/anna already has the application line contact_methods/anna-app"},
		{`{"contact_methods": [{"id": "anna-desk", ` + anyUser + `, "kind": "email", "email": {"address": "a@b.c"}}]}`, "kind: is sip_account and cannot become email"},
		{`{"contact_methods": [{"id": "x", ` + anyUser + `, "kind": "email"}]}`, "email: must be given"},
		{`{"contact_methods": [{` + sipLine + `, "email": {"address": "a@b.c"}}]}`, "email: is only for the kind email"},
		{`{"contact_methods": [{"id": "x", ` + anyUser + `, "kind": "email", "email": {"address": "a@b.c"}, "inbound": {"internal_numbers": ["300"]}}]}`, "takes no calls"},
		{`{"contact_methods": [{` + sipLine + `, "sip_account": {"username": "ion"}}]}`, "sip_account.username: ion is already that of contact_methods/ion-desk"},
		{`{"contact_methods": [{` + sipLine + `, "sip_account": {"username": "pixel-1"}}]}`, "sip_account.username: pixel-1 is already that of app_devices/pixel"},
		{`{"contact_methods": [{` + sipLine + `, "sip_account": {"username": "a b"}}]}`, "sip_account.username: \"a b\" must be 1 to 64 letters"},
		{`{"contact_methods": [{` + sipLine + `, "sip_account": {"username": "112"}}]}`, "sip_account.username: 112 is an emergency number"},
		{`{"contact_methods": [{` + sipLine + `, "sip_account": {"username": "app-x"}}]}`, "must not begin with app-"},
		{`{"contact_methods": [{` + sipLine + `, "sip_account": {"max_contacts": 1000}}]}`, "sip_account.max_contacts: 1000 must be 0 to 100"},
		{`{"contact_methods": [{` + sipLine + `, "sip_account": {"srtp": "maybe"}}]}`, "sip_account.srtp"},
		{`{"contact_methods": [{` + sipLine + `, "sip_account": {"codecs": ["PCMU", "PCMU"]}}]}`, "sip_account.codecs[1]: PCMU is there twice"},
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"internal_numbers": ["12345678"]}}]}`, "inbound.internal_numbers[0]: \"12345678\" must be 1 to 6 digits"},
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"internal_numbers": ["112"]}}]}`, "inbound.internal_numbers[0]: 112 is an emergency number"},
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"internal_numbers": ["202"]}}]}`, "inbound.internal_numbers[0]: 202 is already that of contact_methods/ion-desk"},
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"did_numbers": ["+40210000002"]}}]}`, "+40210000002 is already that of users/anna"},
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"did_numbers": ["+40210000001"]}}]}`, "+40210000001 is already that of the company"},
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"did_numbers": ["+40210000004"]}}]}`, "+40210000004 is already that of call_flows/menu"},
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"did_numbers": ["+40210000005", "+40210000005"]}}]}`, "did_numbers[1]: +40210000005 is there twice"},
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"when_unavailable": {"action": "forward"}}}]}`, "inbound.when_unavailable.forward_to: must be given for the action forward"},
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"when_unavailable": {"greeting_audio_id": "gone"}}}]}`, "greeting_audio_id: audio_files/gone is not there"},
		{`{"contact_methods": [{` + sipLine + `, "outbound": {"caller_ids": ["+40999"]}}]}`, "outbound.caller_ids[0]: +40999 is not in /numbers"},
		{`{"contact_methods": [{` + sipLine + `, "inbound": {"internal_numbers": ["310"]}, "outbound": {"internal_caller_id": "310"}}]}`, ""},
		{`{"contact_methods": [{` + sipLine + `, "outbound": {"internal_caller_id": "112"}}]}`, "outbound.internal_caller_id: 112 is an emergency number"},
		{`{"contact_methods": [{` + sipLine + `, "outbound": {"internal_caller_id": "399"}}]}`, "outbound.internal_caller_id: 399 is no internal number of the organization"},
		{`{"users": [{"id": "new", "first_name": "New"}], "contact_methods": [{"id": "news", "user_id": "new", "kind": "sip_account", "inbound": {"internal_numbers": ["310"]}},
			{` + sipLine + `, "outbound": {"internal_caller_id": "310"}}]}`, "outbound.internal_caller_id: 310 is the internal number of users/new"},
		{`{"contact_methods": [{"id": "x", ` + anyUser + `, "kind": "sip_account", "sip_account": {"username": "x", "password": "seven77"}}]}`, "sip_account.password: must be at least 8 characters"},
		{`{"contact_methods": [{"id": "x", ` + anyUser + `, "kind": "sip_account", "sip_account": {"username": "x", "password": "eight888"}}]}`, ""},
		{`{"contact_methods": [{` + sipLine + `, "outbound": {"announcement_to": "all"}}]}`, "outbound.announcement_to"},
		{`{"contact_methods": [{` + sipLine + `, "recording": {"delivery_method_ids": ["tape"]}}]}`, "recording.delivery_method_ids[0]: delivery_methods/tape is not there"},
		{`{"contact_methods": [{"id": "x", ` + anyUser + `, "kind": "pstn_forwarding", "pstn_forwarding": {"number": "0722"}}]}`, "pstn_forwarding.number: \"0722\" must be E.164"},
		{`{"contact_methods": [{"id": "x", ` + anyUser + `, "kind": "sip_forwarding", "sip_forwarding": {"domain": "a_b..c"}}]}`, "sip_forwarding.domain"},
		{`{"contact_methods": [{"id": "x", ` + anyUser + `, "kind": "sip_forwarding", "sip_forwarding": {"domain": "[2001:db8::1]", "username": "x", "transport": "TLS"}}]}`, ""},
		{`{"contact_methods": [{"id": "ion-desk", ` + anyUser + `, "kind": "sip_account", "sip_account": {"username": "ion"}}]}`, "users/ion: routing.contact_method_ids[0]: contact_methods/ion-desk is another user's"},
		{`{"contact_methods": [{"id": "ion-mobile", ` + anyUser + `, "kind": "pstn_forwarding", "pstn_forwarding": {"number": "+40722000000"}}]}`, "user_id: is still in the routing of users/ion"},

		{`{"numbers": [{"id": "y", "e164": "0740"}]}`, "numbers/y: e164: \"0740\" must be E.164"},
		{`{"numbers": [{"id": "y", "e164": "+40210000005"}]}`, "numbers/y: e164: +40210000005 is already that of numbers/n5"},
		{`{"numbers": [{"id": "n5", "e164": "+40210000009"}]}`, "e164: is +40210000005 and cannot become +40210000009"},
		{`{"numbers": [{"id": "n5", "e164": "+40210000005", "owner": {"kind": "user", "id": "gone"}}]}`, "owner.id: users/gone is not there"},
		{`{"numbers": [{"id": "n5", "e164": "+40210000005", "owner": {"kind": "user", "id": "anna"}}]}`, "users/anna already has the direct number +40210000002"},
		{`{"numbers": [{"id": "n5", "e164": "+40210000005", "owner": {"kind": "company"}}]}`, "the company already has the main number +40210000001"},
		{`{"numbers": [{"id": "n5", "e164": "+40210000005", "owner": {"kind": "company", "id": "x"}}]}`, "owner.id: must be empty for company"},
		{`{"numbers": [{"id": "n5", "e164": "+40210000005", "trunk_id": "gone"}]}`, "trunk_id: trunks/gone is not there"},
		{`{"internal_numbers": [{"number": "300"}]}`, "internal_numbers/300: owner: must be given"},
		{`{"internal_numbers": [{"number": "300", "owner": {"kind": "contact_method", "id": "gone"}}]}`, "owner.id: contact_methods/gone is not there"},

		{`{"trunks": [{"id": "x", "host": "h"}, {"id": "y", "host": "h"}]}`, ""}, // named for the host, and for the id
		{`{"trunks": [{"id": "x", "host": "h", "name": "One"}, {"id": "y", "host": "h", "name": "one "}]}`, "name: one is already that of trunks/"},
		{`{"time_schedules": [{"id": "x", "name": "Holidays"}, {"id": "y", "name": "HOLIDAYS"}]}`, "name: holidays is already that of time_schedules/"},
		{`{"audio_files": [{"id": "x", "name": "Waltz"}, {"id": "y", "name": "waltz"}]}`, "name: waltz is already that of audio_files/"},
		{`{"delivery_methods": [{"id": "x", "name": "Archive", "kind": "disk"}, {"id": "y", "name": "archive", "kind": "disk"}]}`, "name: archive is already that of delivery_methods/"},
		{`{"plans": [{"id": "x", "name": "Pro", "price": "1"}]}`, "name: pro is already that of plans/pro"},
		{`{"call_flows": [{"id": "x", "name": "Night", "entry": "a", "nodes": [{"id": "a", "type": "hang_up"}]}, {"id": "y", "name": "night", "entry": "a", "nodes": [{"id": "a", "type": "hang_up"}]}]}`, "name: night is already that of call_flows/"},
		{`{"users": [{"id": "x", "first_name": "X", "language": "xx"}]}`, "language: \"xx\" must be one of the languages de, en,"},
		{`{"users": [{"id": "x", "first_name": "X", "language": "de-AT"}]}`, ""},
		{`{"users": [{"id": "x", "first_name": "X", "password": "$argon2id$x"}]}`, "users/x: email: must be given with a password"},
		{`{"users": [{"id": "x", "first_name": "X", "login": "x", "password": "$argon2id$x"}]}`, ""},
		{`{"users": [{"id": "x", "first_name": "X", "login": "kate@example.com"}, {"id": "y", "first_name": "Y", "login": "\u212Aate@example.com"}]}`, ""},
		{`{"users": [{"id": "x", "first_name": "X", "login": "sue@example.com"}, {"id": "y", "first_name": "Y", "login": "\u017Fue@example.com"}]}`, ""},
		{`{"users": [{"id": "x", "first_name": "X", "login": "\u00C4nne"}, {"id": "y", "first_name": "Y", "login": "\u00E4nne"}]}`, "login: änne is already that of users/"},
		{`{"delivery_methods": [{"id": "x", "kind": "webhook", "settings": {"url": "https://h.example.com", "secret": "s3cret"}}]}`, "settings.secret: must be whsec_ and 24 to 64 random bytes"},
		{`{"delivery_methods": [{"id": "x", "kind": "webhook", "settings": {"url": "https://h.example.com", "secret": "whsec_c2hvcnQ="}}]}`, "settings.secret: must be whsec_"},
		{`{"delivery_methods": [{"id": "x", "kind": "webhook", "settings": {"url": "https://h.example.com", "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}}]}`, ""},

		{`{"delivery_methods": [{"id": "x", "kind": "disk", "settings": {"path": "` + strings.Repeat("p", 8193) + `"}}]}`, "settings: \"path\" must be a name of 1 to 64 characters with a value of at most 8 KB"},
		{`{"trunks": [{"id": "x"}]}`, "trunks/x: host: must be given"},
		{`{"trunks": [{"id": "x", "host": "h", "addresses": ["0.0.0.0/0"]}]}`, "addresses[0]: 0.0.0.0/0 would trust every caller"},
		{`{"trunks": [{"id": "x", "host": "h", "addresses": ["192.0.2.300"]}]}`, "addresses[0]: \"192.0.2.300\" must be an IP address or a CIDR prefix"},
		{`{"trunks": [{"id": "x", "host": "h", "auth": {"mode": "register"}}]}`, "auth.username: must be given for the mode register"},
		{`{"trunks": [{"id": "x", "host": "h", "transport": "sctp"}]}`, "transport: \"sctp\" must be one of udp, tcp, tls"},
		{`{"trunks": [{"id": "x", "host": "h", "prefixes": ["40"]}]}`, "prefixes[0]: \"40\" must be the beginning of an E.164 number"},
		{`{"trunks": [{"id": "x", "host": "h", "country": "ROM"}]}`, "country: \"ROM\" must be a country in two letters"},
		{`{"trunks": [{"id": "x", "host": "h", "country": "XX"}]}`, "country: no country whose numbers are known has the code XX"},
		{`{"trunks": [{"id": "x", "host": "h", "country": "Germany"}]}`, "country: \"GERMANY\" must be a country in two letters"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "country": "XX"}]}`, "organizations/default: country: no country whose numbers are known has the code XX"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "country": "D "}]}`, "organizations/default: country: \"D \" must be"},
		{`{"trunks": [{"id": "x", "host": "h", "identity_headers": ["x-foo"]}]}`, "identity_headers[0]"},

		{`{"devices": [{"id": "x", "mac": "00:15:65"}]}`, "devices/x: mac:"},
		{`{"devices": [{"id": "x", "mac": "00-15-65-aa-bb-cc"}]}`, "mac: 001565aabbcc is already that of devices/phone"},
		{`{"devices": [{"id": "x", "mac": "00:00:00:00:00:00", "vendor": "snom"}]}`, "devices/x: mac:"},
		{`{"devices": [{"id": "x", "mac": "01:00:5e:00:00:01", "vendor": "snom"}]}`, "devices/x: mac:"},
		{`{"devices": [{"id": "x", "mac": "001565000000"}]}`, `devices/x: vendor: "" must be one of yealink, grandstream, snom, poly, cisco, fanvil`},
		{`{"devices": [{"id": "x", "mac": "001565000000", "vendor": "acme"}]}`, "devices/x: vendor:"},
		{`{"devices": [{"id": "x", "mac": "001565000000", "vendor": "snom", "lines": [{"contact_method_id": "nobody"}]}]}`, "lines[0].contact_method_id: contact_methods/nobody is not there"},
		{`{"devices": [{"id": "x", "mac": "001565000000", "vendor": "snom", "lines": [{"contact_method_id": "ion-desk"}, {"contact_method_id": "ion-desk"}]}]}`, "lines[1].contact_method_id: contact_methods/ion-desk is there twice"},
		{`{"devices": [{"id": "x", "mac": "001565000000", "vendor": "snom", "lines": [{"contact_method_id": "anna-app"}]}]}`, "lines[0].contact_method_id: contact_methods/anna-app is no SIP account"},
		{`{"app_devices": [{"id": "x", "user_id": "anna", "username": "ion"}]}`, "username: ion is already that of contact_methods/ion-desk"},
		{`{"app_devices": [{"id": "pixel", "user_id": "ion"}]}`, "user_id: is anna and cannot become ion"},

		{`{"time_schedules": [{"id": "x", "ranges": [{"days": ["mon"], "from": "8:00", "to": "17:00"}]}]}`, "ranges[0].from: \"8:00\" must be a time of day"},
		{`{"time_schedules": [{"id": "x", "ranges": [{"days": ["mon"], "from": "08:00", "to": "24:01"}]}]}`, "ranges[0].to"},
		{`{"time_schedules": [{"id": "x", "ranges": [{"days": ["mon"], "from": "24:00", "to": "08:00"}]}]}`, "ranges[0].from"},
		{`{"time_schedules": [{"id": "x", "ranges": [{"days": ["mon"], "from": "08:00", "to": "08:00"}]}]}`, "is the same as from"},
		{`{"time_schedules": [{"id": "x", "ranges": [{"days": ["monday"], "from": "08:00", "to": "09:00"}]}]}`, "ranges[0].days[0]: \"monday\" must be one of mon"},
		{`{"time_schedules": [{"id": "x", "ranges": [{"from": "08:00", "to": "09:00"}]}]}`, "ranges[0].days: must name a day"},
		{`{"time_schedules": [{"id": "x", "exceptions": [{"date": "2026-02-30"}]}]}`, "exceptions[0].date: \"2026-02-30\" must be a date"},
		{`{"time_schedules": [{"id": "x", "ranges": [{"days": ["sat"], "from": "22:00", "to": "02:00"}, {"days": ["sun"], "from": "00:00", "to": "24:00"}]}]}`, ""},

		{`{"feature_codes": [{"id": "x", "code": "*78", "action": "dnd_off"}]}`, "code: *78 is already that of feature_codes/dnd"},
		{`{"feature_codes": [{"id": "x", "code": "112", "action": "dnd_off"}]}`, "code: 112 is an emergency number"},
		{`{"feature_codes": [{"id": "x", "code": "202", "action": "dnd_off"}]}`, "code: 202 is the internal number of contact_methods/ion-desk"},
		{`{"feature_codes": [{"id": "x", "code": "*1a", "action": "dnd_off"}]}`, "code: \"*1a\" must be 1 to 8 of"},
		{`{"feature_codes": [{"id": "x", "code": "*1", "action": "coffee"}]}`, "action: \"coffee\" must be one of"},
		{`{"delivery_methods": [{"id": "x", "kind": "fax"}]}`, "kind: \"fax\" must be one of disk"},
		{`{"delivery_methods": [{"id": "x", "kind": "disk", "settings": {"path": "/etc"}}]}`, "settings.path: must be a folder below"},
		{`{"delivery_methods": [{"id": "x", "kind": "disk", "settings": {"path": "a/../../b"}}]}`, "settings.path: must be a folder below"},
		{`{"delivery_methods": [{"id": "x", "kind": "disk", "settings": {"folder": "a"}}]}`, "settings.folder: is no setting of kind disk, which has path"},
		{`{"delivery_methods": [{"id": "x", "kind": "sftp", "settings": {"username": "u"}}]}`, "settings.host: must be given"},
		{`{"delivery_methods": [{"id": "x", "kind": "sftp", "settings": {"host": "h", "username": "u", "secret_key": "k"}}]}`, "settings.secret_key: is no setting of kind sftp"},
		{`{"delivery_methods": [{"id": "x", "kind": "sftp", "settings": {"host": "h", "username": "u", "port": "0"}}]}`, "settings.port: must be a number from 1 to 65535"},
		{`{"delivery_methods": [{"id": "x", "kind": "sftp", "settings": {"host": "h", "username": "u", "host_key": "no"}}]}`, "settings.host_key: must be a fingerprint"},
		{`{"delivery_methods": [{"id": "x", "kind": "email", "settings": {"to": "a@example.com", "format": "ogg"}}]}`, "settings.format: must be one of wav, mp3"},
		{`{"delivery_methods": [{"id": "x", "kind": "email", "settings": {"to": "nobody"}}]}`, "settings.to: must be one or more email addresses"},
		{`{"delivery_methods": [{"id": "x", "kind": "webhook", "settings": {"url": "ftp://x"}}]}`, "settings.url: must be an https or http address"},
		{`{"delivery_methods": [{"id": "x", "kind": "webhook", "settings": {"url": "https://x", "content": "fax"}}]}`, "settings.content: must be one of link, audio"},
		{`{"delivery_methods": [{"id": "x", "kind": "s3", "settings": {"endpoint": "https://x"}}]}`, "settings.bucket: must be given"},
		{`{"audio_files": [{"id": "x", "sha256": "abc"}]}`, "sha256: must be 64"},
		{`{"tokens": [{"id": "x", "role": "user"}]}`, "user_id: must be given for a user's token"},

		{`{"call_flows": [{"id": "x"}]}`, "call_flows/x: nodes: must have a node"},
		{`{"call_flows": [{"id": "x", "entry": "b", "nodes": [{"id": "a", "type": "hang_up"}]}]}`, "entry: \"b\" is no node of the flow"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "dance"}]}]}`, "nodes[0].type: \"dance\" must be one of announcement"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "announcement", "exits": {"next": "z"}}]}]}`, "nodes[0].exits.next: \"z\" is no node of the flow"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "user", "exits": {"next": "a"}}]}]}`, "a node of type user has no exit \"next\""},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "menu", "exits": {"*": "a", "12": "a"}}]}]}`, "has no exit \"12\""},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "webhook", "exits": {"vip": "a"}}]}]}`, ""},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "user", "settings": {"user_id": "gone"}}]}]}`, "nodes[0].settings.user_id: users/gone is not there"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "hang_up"}, {"id": "a", "type": "hang_up"}]}]}`, "nodes[1].id: a is there twice"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "hang_up", "settings": {"user_id": "ion"}}]}]}`, "nodes[0].settings.user_id: a node of type hang_up has no such setting"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "ring_group", "settings": {"user_ids": "ion,gone"}}]}]}`, "nodes[0].settings.user_ids: users/gone is not there"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "ring_group", "settings": {"user_ids": "ion,ion"}}]}]}`, "nodes[0].settings.user_ids"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "ring_group", "settings": {"user_ids": "ion,"}}]}]}`, "must be ids of users, separated by commas"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "ring_group", "settings": {"user_ids": "ion,anna", "ring_s": "20", "order": "in_turn"}}]}]}`, ""},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "ring_group"}]}]}`, ""},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "ring_group", "settings": {"order": "loudest"}}]}]}`, "nodes[0].settings.order: \"loudest\" must be one of all, in_turn"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "ring_group", "settings": {"ring_s": "soon"}}]}]}`, "nodes[0].settings.ring_s: \"soon\" must be a number"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "ring_group", "settings": {"ring_s": "4"}}]}]}`, "nodes[0].settings.ring_s: 4 must be 5 to 600"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "queue", "settings": {"user_ids": "ion", "audio_file_id": "hello", "timeout_s": "300", "max_callers": "10"}}]}]}`, ""},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "time_router", "settings": {"time_schedule_id": "gone"}}]}]}`, "nodes[0].settings.time_schedule_id"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "announcement", "settings": {"audio_file_id": "gone"}}]}]}`, "nodes[0].settings.audio_file_id"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "external", "settings": {"number": "call me"}}]}]}`, "nodes[0].settings.number"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "webhook", "settings": {"url": "ftp://example.com"}}]}]}`, "nodes[0].settings.url"},
		{`{"call_flows": [{"id": "x", "entry": "a", "nodes": [{"id": "a", "type": "hang_up", "name": "Goodbye"}]}]}`, ""},

		{`{"organizations": [{"id": "other"}]}`, "is not the organization being changed, default"},
		{`{"organizations": [{"id": "default", "realm": "else"}]}`, "organizations/default: realm: is fixed at creation"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000003"}]}`, "main_number: +40210000003 is already that of contact_methods/anna-desk"},
		{`{"organizations": [{"id": "default", "main_number": "+40"}]}`, "main_number: +40 is not in /numbers"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "emergency_numbers": ["202"]}]}`, "emergency_numbers[0]: 202 is the internal number of contact_methods/ion-desk"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "country": "US", "emergency_numbers": ["112", "933"]}]}`, "organizations/default: emergency_numbers: must have 911"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "country": "US", "emergency_numbers": ["911", "933"]}]}`, ""},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "extension_range": "900-100"}]}`, "extension_range"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "ring_timeout_s": 9999}]}`, "ring_timeout_s: 9999 must be 1 to 600"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "voicemail": {"greeting_audio_id": "none"}}]}`, "voicemail.greeting_audio_id: audio_files/none is not there"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "voicemail": {"email": "nobody"}}]}`, "voicemail.email"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "music_on_hold_audio_id": "none"}]}`, "music_on_hold_audio_id: audio_files/none is not there"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "billing_contact": {"email": "nobody"}}]}`, "billing_contact.email"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "billing_contact": {"phone": "call me"}}]}`, "billing_contact.phone"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "retention": {"recording_days": -1}}]}`, "retention.recording_days: -1 must be 0 to 3660"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "retention": {"call_days": 99999}}]}`, "retention.call_days"},
		{`{"organizations": [{"id": "default", "main_number": "+40210000001", "domain": "a b"}]}`, "domain: \"a b\" must be a domain name"},
	} {
		_, err := store.Overlay(s, site(t, c.site))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s\nis refused: %v", c.site, err)
		case c.want != "" && err == nil:
			t.Errorf("%s\nis taken, want %q", c.site, c.want)
		case c.want != "" && !strings.Contains(err.Error(), c.want):
			t.Errorf("%s\ngives  %v\nwant   %s", c.site, err, c.want)
		case err != nil && !errors.Is(err, store.ErrInvalid) && !errors.Is(err, store.ErrConflict):
			t.Errorf("%s\ngives %v, of no kind", c.site, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	s := over(t, draft(t), `{
	 "users": [{"id": "u", "first_name": " U "}],
	 "contact_methods": [{"id": "s", "user_id": "u", "kind": "sip_account"}, {"id": "a", "user_id": "u", "kind": "app"}],
	 "trunks": [{"id": "t", "host": "T.example", "addresses": ["192.0.2.9/24", "192.0.2.1/32"]}]}`)
	o := s.Organization
	if o.Realm != "strowger" || o.Country != "US" || o.ExtensionRange != "101-9999" || o.RingTimeoutS != 25 || strings.Join(o.EmergencyNumbers, " ") != "112 911" {
		t.Errorf("organization %+v", o)
	}
	u, _ := s.Users.Get("u")
	if u.FirstName != "U" || u.Role != "user" || u.RejectScope != store.RejectRFC || u.Routing.Mode != store.RouteFixed || u.Invitation.State != "none" || u.Extension != "101" {
		t.Errorf("user %+v", u)
	}
	line, _ := s.Line("s")
	if line.SIPAccount.Username != "s" || line.SIPAccount.SRTP != store.SRTPOff || line.Outbound.ExternalEnabled ||
		line.Inbound.WhenUnavailable.Action != store.UnavailableNone || line.Outbound.AnnouncementTo != store.AnnounceCallee {
		t.Errorf("line %+v %+v", line, line.SIPAccount)
	}
	if s.AOR(line) != "s" || line.AOR() != "s" {
		t.Errorf("AOR %s", s.AOR(line))
	}
	app, _ := s.Line("a")
	if got, ok := s.LineByUsername(app.AOR()); !ok || got != app {
		t.Errorf("no line by the AOR %s", app.AOR())
	}
	tr, _ := s.Trunks.Get("t")
	if tr.Host != "t.example" || tr.Auth.Mode != store.TrunkByAddress || tr.ForwardedIdentity != store.ForwardDiversion ||
		strings.Join(tr.Addresses, " ") != "192.0.2.0/24 192.0.2.1" {
		t.Errorf("trunk %+v", tr)
	}
}

func TestEmergencyNumbersFollowTheCountry(t *testing.T) {
	s := over(t, draft(t), `{"organizations": [{"id": "default", "country": "gb"}]}`)
	if got := strings.Join(s.Organization.EmergencyNumbers, " "); got != "112 999" {
		t.Errorf("GB: %s", got)
	}
	moved := *s.Organization
	moved.Country = "DE"
	next, err := store.Overlay(s, &store.Site{Organizations: []store.Organization{moved}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(next.Organization.EmergencyNumbers, " "); got != "110 112" {
		t.Errorf("moved to DE: %s", got)
	}
	s = over(t, s, `{"organizations": [{"id": "default", "country": "DE", "emergency_numbers": ["110", "19222"]}]}`)
	if got := strings.Join(s.Organization.EmergencyNumbers, " "); got != "110 19222 112" {
		t.Errorf("own list: %s", got)
	}
	moved = *s.Organization
	moved.Country = "US"
	next, err = store.Overlay(s, &store.Site{Organizations: []store.Organization{moved}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(next.Organization.EmergencyNumbers, " "); got != "112 911 19222" {
		t.Errorf("own list, moved to US: %s", got)
	}
	for _, none := range []string{"[]", "null"} {
		next := over(t, s, `{"organizations": [{"id": "default", "country": "US", "emergency_numbers": `+none+`}]}`)
		if got := strings.Join(next.Organization.EmergencyNumbers, " "); got != "112 911" {
			t.Errorf("%s: %s", none, got)
		}
	}
	for country, want := range map[string]string{"ZZ": "112 911", "nl": "112", "AU": "000 106 112"} {
		if got := strings.Join(store.EmergencyNumbers(country), " "); got != want {
			t.Errorf("%s: %s, want %s", country, got, want)
		}
	}
}

// A number and its owner are one truth from two sides.
func TestOwnership(t *testing.T) {
	s := base(t)
	number := func(s *store.Snapshot, id string) store.Owner {
		n, ok := s.Numbers.Get(id)
		if !ok {
			return store.Owner{}
		}
		return n.Owner
	}
	line := func(s *store.Snapshot, id string) *store.ContactMethod { m, _ := s.Line(id); return m }
	user := func(s *store.Snapshot, id string) *store.User { u, _ := s.Users.Get(id); return u }
	desk := store.Owner{Kind: store.OwnerContactMethod, ID: "anna-desk"}

	t.Run("from the fields", func(t *testing.T) {
		if number(s, "n3") != desk || number(s, "n2") != (store.Owner{Kind: store.OwnerUser, ID: "anna"}) || number(s, "n1") != (store.Owner{Kind: store.OwnerCompany}) {
			t.Error(exported(t, s))
		}
	})
	t.Run("from the number's record", func(t *testing.T) {
		s := over(t, s, `{"numbers": [{"id": "n5", "e164": "+40210000005", "owner": {"kind": "contact_method", "id": "anna-desk"}}]}`)
		if got := strings.Join(line(s, "anna-desk").Inbound.DIDNumbers, " "); got != "+40210000003 +40210000005" {
			t.Errorf("the line has %s", got)
		}
	})
	t.Run("moved by the number's record", func(t *testing.T) {
		s := over(t, s, `{"numbers": [{"id": "n3", "e164": "+40210000003", "owner": {"kind": "contact_method", "id": "ion-desk"}}]}`)
		if len(line(s, "anna-desk").Inbound.DIDNumbers) != 0 || len(line(s, "ion-desk").Inbound.DIDNumbers) != 1 {
			t.Error("the lines were not brought into line")
		}
	})
	t.Run("released by the number's record", func(t *testing.T) {
		s := over(t, s, `{"numbers": [{"id": "n2", "e164": "+40210000002", "owner": {"kind": "none"}}]}`)
		if user(s, "anna").DirectNumber != "" || number(s, "n2").Kind != store.OwnerNone {
			t.Error("anna still has her direct number")
		}
	})
	t.Run("an owner not given stays", func(t *testing.T) {
		s := over(t, s, `{"numbers": [{"id": "n3", "e164": "+40210000003", "label": "desk"}]}`)
		if number(s, "n3") != desk {
			t.Errorf("owner %+v", number(s, "n3"))
		}
	})
	t.Run("a list not given stays, an empty one gives back", func(t *testing.T) {
		same := over(t, s, `{"contact_methods": [{"id": "anna-desk", "user_id": "anna", "kind": "sip_account", "sip_account": {"username": "anna"}}]}`)
		if len(line(same, "anna-desk").Inbound.DIDNumbers) != 1 || len(line(same, "anna-desk").Inbound.InternalNumbers) != 1 {
			t.Error("numbers were lost")
		}
		none := over(t, s, `{"contact_methods": [{"id": "anna-desk", "user_id": "anna", "kind": "sip_account", "sip_account": {"username": "anna"}, "inbound": {"did_numbers": [], "internal_numbers": []}}]}`)
		if number(none, "n3").Kind != store.OwnerNone {
			t.Error("the number was not given back")
		}
		if _, ok := none.InternalNumberByDigits("201"); ok {
			t.Error("the internal number's record did not go")
		}
	})
	t.Run("moved between two lines in one change", func(t *testing.T) {
		s := over(t, s, `{"contact_methods": [
		 {"id": "anna-desk", "user_id": "anna", "kind": "sip_account", "sip_account": {"username": "anna"}, "inbound": {"did_numbers": [], "internal_numbers": ["202"]}},
		 {"id": "ion-desk", "user_id": "ion", "kind": "sip_account", "sip_account": {"username": "ion"}, "inbound": {"did_numbers": ["+40210000003"], "internal_numbers": ["201"]}}]}`)
		if number(s, "n3").ID != "ion-desk" || user(s, "ion").Extension != "201" {
			t.Error(exported(t, s))
		}
	})
	t.Run("two sides that disagree", func(t *testing.T) {
		_, err := store.Overlay(s, site(t, `{"numbers": [{"id": "n5", "e164": "+40210000005", "owner": {"kind": "contact_method", "id": "ion-desk"}}],
		 "contact_methods": [{"id": "anna-desk", "user_id": "anna", "kind": "sip_account", "sip_account": {"username": "anna"}, "inbound": {"did_numbers": ["+40210000003", "+40210000005"]}}]}`))
		if !errors.Is(err, store.ErrConflict) || !strings.Contains(err.Error(), "did_numbers[1]: +40210000005 is already that of contact_methods/ion-desk") {
			t.Error(err)
		}
	})
	t.Run("two lines that want one number", func(t *testing.T) {
		_, err := store.Overlay(s, site(t, `{"contact_methods": [
		 {"id": "x", "user_id": "anna", "kind": "sip_account", "inbound": {"did_numbers": ["+40210000005"]}},
		 {"id": "y", "user_id": "ion", "kind": "sip_account", "inbound": {"did_numbers": ["+40210000005"]}}]}`))
		if !errors.Is(err, store.ErrConflict) {
			t.Error(err)
		}
	})
	t.Run("main number moved", func(t *testing.T) {
		s := over(t, s, `{"organizations": [{"id": "default", "main_number": "+40210000005"}]}`)
		if number(s, "n1").Kind != store.OwnerNone || number(s, "n5").Kind != store.OwnerCompany {
			t.Error(exported(t, s))
		}
	})
	t.Run("internal number by its record", func(t *testing.T) {
		s := over(t, s, `{"internal_numbers": [{"number": "300", "owner": {"kind": "contact_method", "id": "ion-mobile"}}, {"number": "301", "owner": {"kind": "call_flow", "id": "menu"}}]}`)
		if got := line(s, "ion-mobile").Inbound.InternalNumbers; len(got) != 1 || got[0] != "300" {
			t.Errorf("the line has %q", got)
		}
		s = over(t, s, `{"internal_numbers": [{"number": "300", "owner": {"kind": "none"}}]}`)
		if _, ok := s.InternalNumberByDigits("300"); ok || len(line(s, "ion-mobile").Inbound.InternalNumbers) != 0 {
			t.Error("300 was not released")
		}
	})
}

func TestExtensions(t *testing.T) {
	s := base(t)
	ext := func(s *store.Snapshot, user string) string { u, _ := s.Users.Get(user); return u.Extension }
	if ext(s, "anna") != "101" || ext(s, "ion") != "202" {
		t.Fatalf("anna %s, ion %s", ext(s, "anna"), ext(s, "ion"))
	}
	t.Run("changing it changes the line", func(t *testing.T) {
		s := over(t, s, `{"users": [{"id": "anna", "first_name": "Anna", "extension": "150"}]}`)
		line, _ := s.Line("anna-app")
		if ext(s, "anna") != "150" || line.Inbound.InternalNumbers[0] != "150" || len(line.Inbound.InternalNumbers) != 1 {
			t.Errorf("extension %s, line %q", ext(s, "anna"), line.Inbound.InternalNumbers)
		}
		if _, ok := s.InternalNumberByDigits("101"); ok {
			t.Error("101 is still there")
		}
	})
	t.Run("one that is another's", func(t *testing.T) {
		_, err := store.Overlay(s, site(t, `{"users": [{"id": "anna", "first_name": "Anna", "extension": "202"}]}`))
		if !errors.Is(err, store.ErrConflict) {
			t.Error(err)
		}
	})
	t.Run("not what the line says", func(t *testing.T) {
		_, err := store.Overlay(s, site(t, `{"users": [{"id": "u", "first_name": "U", "extension": "300"}],
		 "contact_methods": [{"id": "x", "user_id": "u", "kind": "sip_account", "inbound": {"internal_numbers": ["301"]}}]}`))
		if err == nil || !strings.Contains(err.Error(), "300 is not the first internal number of contact_methods/x") {
			t.Error(err)
		}
	})
	t.Run("given with a new application line", func(t *testing.T) {
		s := over(t, s, `{"users": [{"id": "u", "first_name": "U", "extension": "300"}], "contact_methods": [{"id": "x", "user_id": "u", "kind": "app"}]}`)
		if ext(s, "u") != "300" {
			t.Errorf("extension %s", ext(s, "u"))
		}
	})
	t.Run("the lowest that are free", func(t *testing.T) {
		s := over(t, draft(t), `{"organizations": [{"id": "default", "extension_range": "110-116"}],
		 "feature_codes": [{"id": "f", "code": "111", "action": "echo"}],
		 "users": [{"id": "a", "first_name": "A"}, {"id": "b", "first_name": "B"}, {"id": "c", "first_name": "C"}, {"id": "d", "first_name": "D"}],
		 "contact_methods": [
		  {"id": "a", "user_id": "a", "kind": "app"}, {"id": "b", "user_id": "b", "kind": "app"}, {"id": "c", "user_id": "c", "kind": "app"},
		  {"id": "d", "user_id": "d", "kind": "sip_account", "inbound": {"internal_numbers": ["113"]}}]}`)
		if got := ext(s, "a") + ext(s, "b") + ext(s, "c"); got != "110114115" {
			t.Errorf("got %s, want 110, and neither the code 111, nor 112, nor 113", got)
		}
		s = over(t, s, `{"users": [{"id": "e", "first_name": "E"}], "contact_methods": [{"id": "e", "user_id": "e", "kind": "app"}]}`)
		_, err := store.Overlay(s, site(t, `{"contact_methods": [{"id": "f", "user_id": "d", "kind": "app"}]}`))
		if ext(s, "e") != "116" || !errors.Is(err, store.ErrConflict) || !strings.Contains(err.Error(), "no number of the extension range 110-116 is free") {
			t.Errorf("e has %s, then %v", ext(s, "e"), err)
		}
	})
	t.Run("the app line goes before older lines", func(t *testing.T) {
		st := storetest.New(t)
		storetest.Apply(t, st, `{"users": [{"id": "u", "first_name": "U"}], "contact_methods": [{"id": "old", "user_id": "u", "kind": "sip_account", "inbound": {"internal_numbers": ["500"]}}]}`)
		s := storetest.Apply(t, st, `{"contact_methods": [{"id": "zapp", "user_id": "u", "kind": "app"}]}`)
		if ext(s, "u") != "101" {
			t.Errorf("extension %s", ext(s, "u"))
		}
		_, err := st.Update(context.Background(), "default", store.Author{}, func(e *store.Edit) error { return e.ContactMethods.Delete("zapp") })
		s, _ = st.Snapshot("default")
		if err != nil || ext(s, "u") != "500" {
			t.Errorf("without the app line: %s %v", ext(s, "u"), err)
		}
	})
}

// Nothing that is still named goes; what names it may go with it.
func TestDeleting(t *testing.T) {
	st := storetest.New(t)
	storetest.Apply(t, st, storetest.Site)
	ctx := context.Background()
	for _, c := range []struct {
		what string
		edit func(*store.Edit) error
		want string
	}{
		{"user", func(e *store.Edit) error { return e.Users.Delete("ion") },
			"users/ion: is still used by call_flows/menu.nodes[1].settings.user_id, contact_methods/ion-desk.user_id, contact_methods/ion-mail.user_id, contact_methods/ion-mobile.user_id"},
		{"schedule", func(e *store.Edit) error { return e.TimeSchedules.Delete("office") }, "users/anna.time_schedule_id"},
		{"audio", func(e *store.Edit) error { return e.AudioFiles.Delete("hello") }, "contact_methods/anna-desk.inbound.when_unavailable.greeting_audio_id"},
		{"delivery", func(e *store.Edit) error { return e.DeliveryMethods.Delete("disk") }, "contact_methods/anna-desk.recording.delivery_method_ids[0]"},
		{"trunk", func(e *store.Edit) error { return e.Trunks.Delete("carrier") }, "numbers/n1.trunk_id"},
		{"number of a line", func(e *store.Edit) error { return e.Numbers.Delete("n3") }, "contact_methods/anna-desk"},
		{"direct number", func(e *store.Edit) error { return e.Numbers.Delete("n2") }, "users/anna.direct_number"},
		{"main number", func(e *store.Edit) error { return e.Numbers.Delete("n1") }, "organizations/default.main_number"},
		{"flow", func(e *store.Edit) error { return e.CallFlows.Delete("menu") }, "numbers/n4.owner"},
		{"line in a routing", func(e *store.Edit) error {
			return errors.Join(e.Devices.Delete("phone"), e.ContactMethods.Delete("ion-desk"))
		}, "users/ion.routing.contact_method_ids[0]"},
		{"line of a phone", func(e *store.Edit) error { return e.ContactMethods.Delete("ion-desk") }, "devices/phone.lines[0].contact_method_id"},
		{"unassigned number", func(e *store.Edit) error { return e.Numbers.Delete("n5") }, ""},
		{"line with numbers", func(e *store.Edit) error { return e.ContactMethods.Delete("anna-desk") }, ""},
		{"user with all", func(e *store.Edit) error {
			return errors.Join(e.AppDevices.Delete("pixel"), e.ContactMethods.Delete("anna-app"), e.Users.Delete("anna"))
		}, ""},
	} {
		before, _ := st.Snapshot("default")
		_, err := st.Update(ctx, "default", store.Author{}, c.edit)
		after, _ := st.Snapshot("default")
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		if !errors.Is(err, store.ErrConflict) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.what, err, c.want)
		}
		if before != after {
			t.Errorf("%s: refused, and something changed", c.what)
		}
	}
	s, _ := st.Snapshot("default")
	for _, id := range []string{"n2", "n3"} {
		if n, _ := s.Numbers.Get(id); n.Owner.Kind != store.OwnerNone {
			t.Errorf("the deleted still have %s: %+v", id, n.Owner)
		}
	}
	_, err := st.Update(ctx, "default", store.Author{}, func(e *store.Edit) error { return e.Users.Delete("nobody") })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleting what is not there: %v", err)
	}
}

// Applying what was exported, or the same file again, changes nothing; applying
// a pruned file removes the rest.
func TestApply(t *testing.T) {
	st := storetest.New(t)
	ctx := context.Background()
	by := store.Author{Who: "test", Summary: "apply"}
	plan, err := st.ApplySite(ctx, "default", by, site(t, storetest.Site), false, true)
	if err != nil || len(plan.Changes) == 0 || st.Revision() != 1 {
		t.Fatalf("dry run: %d changes, revision %d, %v", len(plan.Changes), st.Revision(), err)
	}
	done, err := st.ApplySite(ctx, "default", by, site(t, storetest.Site), false, false)
	if err != nil || len(done.Changes) != len(plan.Changes) || done.Revision != 2 {
		t.Fatalf("applied: %d changes, revision %d, %v", len(done.Changes), done.Revision, err)
	}
	s, _ := st.Snapshot("default")
	for what, text := range map[string]string{"the same file": storetest.Site, "the export": exported(t, s)} {
		for _, prune := range []bool{false, true} {
			again, err := st.ApplySite(ctx, "default", by, site(t, text), prune, false)
			if err != nil || len(again.Changes) != 0 || again.Revision != 2 {
				t.Errorf("%s, prune %v: revision %d, %v, %+v", what, prune, again.Revision, err, paths(again))
			}
		}
	}
	c, _ := s.Credential("anna")
	if md5, _ := store.HA1("anna", "strowger", "anna's secret"); c.HA1MD5 != md5 {
		t.Error("a secret that was not given again is not kept")
	}
	pruned, err := st.ApplySite(ctx, "default", by, site(t, `{"feature_codes": [{"id": "echo", "code": "*43", "action": "echo"}]}`), true, false)
	if err != nil || len(pruned.Changes) != 2 {
		t.Errorf("pruned: %v %v", err, paths(pruned))
	}
	s, _ = st.Snapshot("default")
	if s.FeatureCodes.Len() != 1 || s.Users.Len() != 2 {
		t.Error("pruned too much or too little")
	}
}

func paths(r store.Revision) (out []string) {
	for _, ch := range r.Changes {
		out = append(out, ch.Op+" "+ch.Path)
	}
	return out
}

func TestParseSite(t *testing.T) {
	for text, want := range map[string]string{
		`{"users": [{"id": "u", "frist_name": "U"}]}`: `there is no field "frist_name"`,
		`{"user": []}`:                         `there is no field "user"`,
		"{\n\"users\": [{\"id\": 7}]}":         "line 2: users.id: number is not what belongs there",
		"{\n\"users\": [\n}":                   "line 3",
		`{} {}`:                                "more after the end",
		`{"users": [{"created_at": "never"}]}`: "never",
		`[]`:                                   "array is not what belongs there",
	} {
		_, err := store.ParseSite([]byte(text))
		if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// TestAllMistakes: a record that breaks several rules is refused with each of them, once
// for each field.
func TestAllMistakes(t *testing.T) {
	st := storetest.Open(t, storetest.Memory(), store.Options{})
	_, err := st.Update(t.Context(), store.DefaultOrganization, store.Author{Who: "test"}, func(e *store.Edit) error {
		return e.Users.Put(store.User{Meta: store.Meta{ID: "ana"}, FirstName: "Ana", TimeZone: "Mars/Base", Language: "xx", MobileNumber: "soon", RejectScope: "none"})
	})
	var wrong *store.ValidationError
	if !errors.As(err, &wrong) {
		t.Fatalf("%v", err)
	}
	var fields []string
	for _, one := range wrong.All() {
		fields = append(fields, one.Field)
		if one.Record != "users/ana" || !strings.Contains(err.Error(), one.Rule.String()) {
			t.Errorf("%s: %s is not in %q", one.Field, one.Rule, err)
		}
	}
	slices.Sort(fields)
	want := []string{"users/ana.language", "users/ana.mobile_number", "users/ana.reject_scope", "users/ana.time_zone"}
	if !slices.Equal(fields, want) {
		t.Errorf("the mistakes are in %q, want %q", fields, want)
	}
}
