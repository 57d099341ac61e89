package provisioning

import (
	"reflect"

	"strowger/store"
)

// A TrunkView is a trunk as the API shows it, with its health.
type TrunkView struct {
	store.Trunk
	Up         bool   `json:"up" readOnly:"true"`    // calls go there: it is not known to be down
	State      string `json:"state" readOnly:"true"` // up down unknown
	Registered bool   `json:"registered" readOnly:"true"`
	Why        string `json:"why,omitempty" readOnly:"true"`
}

// collections are all kinds of records, those that others name first.
var collections = []Collection{
	timeSchedules, audioFiles, deliveryMethods, trunks, plans, users, contactMethods, callFlows, numbers, internalNumbers,
	devices, appDevices, featureCodes, tokens,
}

var (
	timeSchedules = &kind[store.TimeSchedule]{
		name: "time_schedules", one: "time schedule", named: true,
		table: func(s *store.Snapshot) store.Table[store.TimeSchedule] { return s.TimeSchedules },
		edit:  func(e *store.Edit) editor[store.TimeSchedule] { return &e.TimeSchedules },
		meta:  func(r *store.TimeSchedule) *store.Meta { return &r.Meta },
		order: func(b []byte, r *store.TimeSchedule) []byte { return sortKey(b, r.Name) },
		sorts: fields[store.TimeSchedule]("name", "time_zone"),
	}
	audioFiles = &kind[store.AudioFile]{
		name: "audio_files", one: "audio file", named: true,
		table:    func(s *store.Snapshot) store.Table[store.AudioFile] { return s.AudioFiles },
		edit:     func(e *store.Edit) editor[store.AudioFile] { return &e.AudioFiles },
		meta:     func(r *store.AudioFile) *store.Meta { return &r.Meta },
		order:    func(b []byte, r *store.AudioFile) []byte { return sortKey(b, r.Name) },
		readOnly: []string{"duration_ms", "sha256"},
		sorts:    fields[store.AudioFile]("name", "duration_ms"),
	}
	deliveryMethods = &kind[store.DeliveryMethod]{
		name: "delivery_methods", one: "delivery method", named: true,
		table: func(s *store.Snapshot) store.Table[store.DeliveryMethod] { return s.DeliveryMethods },
		edit:  func(e *store.Edit) editor[store.DeliveryMethod] { return &e.DeliveryMethods },
		meta:  func(r *store.DeliveryMethod) *store.Meta { return &r.Meta },
		order: func(b []byte, r *store.DeliveryMethod) []byte { return sortKey(b, r.Name) },
		early: dropSettings,
		prepare: func(_ *Service, _ *store.Edit, r, old *store.DeliveryMethod) (func(any), error) {
			return onCreation(old, func(shown *store.DeliveryMethod) { shown.Settings = showSettings(shown.Settings, r.Settings) }), nil
		},
		sorts: fields[store.DeliveryMethod]("name", "kind"),
	}
	trunks = &kind[store.Trunk]{
		name: "trunks", one: "trunk",
		table:    func(s *store.Snapshot) store.Table[store.Trunk] { return s.Trunks },
		edit:     func(e *store.Edit) editor[store.Trunk] { return &e.Trunks },
		meta:     func(r *store.Trunk) *store.Meta { return &r.Meta },
		order:    func(b []byte, r *store.Trunk) []byte { return sortKey(b, r.Name) },
		view:     viewTrunk,
		shown:    reflect.TypeFor[TrunkView](),
		readOnly: []string{"up", "state", "registered", "why"},
		prepare: func(_ *Service, _ *store.Edit, r, old *store.Trunk) (func(any), error) {
			return onCreation(old, func(shown *TrunkView) { shown.Auth.Password = r.Auth.Password }), nil
		},
		sorts: fields[store.Trunk]("name", "host", "auth.mode", "country", "forwarded_identity", "priority", "max_calls").with("up", byUp),
	}
	plans = &kind[store.Plan]{
		name: "plans", one: "plan", named: true,
		table: func(s *store.Snapshot) store.Table[store.Plan] { return s.Plans },
		edit:  func(e *store.Edit) editor[store.Plan] { return &e.Plans },
		meta:  func(r *store.Plan) *store.Meta { return &r.Meta },
		order: func(b []byte, r *store.Plan) []byte { return sortKey(b, r.Name) },
		view:  viewPlan, shown: reflect.TypeFor[PlanView](),
		readOnly: []string{"seats_used"},
		sorts:    fields[store.Plan]("name", "seats").with("price", byPrice).with("seats_used", bySeatsUsed),
	}
	users = &kind[store.User]{
		name: "users", one: "user",
		table:    func(s *store.Snapshot) store.Table[store.User] { return s.Users },
		edit:     func(e *store.Edit) editor[store.User] { return &e.Users },
		meta:     func(r *store.User) *store.Meta { return &r.Meta },
		order:    func(b []byte, r *store.User) []byte { return sortKey(b, r.LastName, r.FirstName) },
		fresh:    freshUser,
		view:     viewUser,
		shown:    reflect.TypeFor[UserView](),
		input:    reflect.TypeFor[UserInput](),
		readOnly: []string{"counts", "invitation", "email_verification", "call_flow_ids", "last_seen", "photo"},
		early:    hashPassword,
		prepare:  prepareUser,
		extra:    applicationLine,
		cascade:  removeUser,
		search: map[string]search[store.User]{
			"full_name":        byFullName,
			"call_flow_id":     inCallFlow,
			"last_seen_before": notSeenSince,
		},
		sorts: fields[store.User]("first_name", "last_name", "email", "job_title", "department", "mobile_number", "time_zone", "language", "login", "role",
			"crm_user_id", "direct_number", "do_not_disturb").
			with("extension", byDigits(func(u *store.User) string { return u.Extension })).
			with("time_schedule_id", byName(timeSchedules.table, func(u *store.User) string { return u.TimeScheduleID })).
			with("plan", byName(plans.table, func(u *store.User) string { return u.Plan })).
			with("last_seen", byLastSeen).
			with("counts.app_devices", byAppDevices).
			with("counts.sip_accounts", byLines(store.KindSIPAccount)).
			with("counts.pstn_forwardings", byLines(store.KindPSTNForwarding)).
			with("counts.sip_forwardings", byLines(store.KindSIPForwarding)),
	}
	contactMethods = &kind[store.ContactMethod]{
		name: "contact_methods", one: "contact method",
		table:   func(s *store.Snapshot) store.Table[store.ContactMethod] { return s.ContactMethods },
		edit:    func(e *store.Edit) editor[store.ContactMethod] { return &e.ContactMethods },
		meta:    func(r *store.ContactMethod) *store.Meta { return &r.Meta },
		order:   func(b []byte, r *store.ContactMethod) []byte { return sortKey(b, r.Label, string(r.Kind)) },
		prepare: prepareContactMethod,
		cascade: removeContactMethod,
		sorts: fields[store.ContactMethod]("label", "kind", "inbound.when_unavailable.action", "outbound.external_enabled").
			with("user_id", byName(userTable, func(m *store.ContactMethod) string { return m.UserID })),
	}
	callFlows = &kind[store.CallFlow]{
		name: "call_flows", one: "call flow", named: true,
		table: func(s *store.Snapshot) store.Table[store.CallFlow] { return s.CallFlows },
		edit:  func(e *store.Edit) editor[store.CallFlow] { return &e.CallFlows },
		meta:  func(r *store.CallFlow) *store.Meta { return &r.Meta },
		order: func(b []byte, r *store.CallFlow) []byte { return sortKey(b, r.Name) },
		view:  viewCallFlow, shown: reflect.TypeFor[CallFlowView](),
		readOnly: []string{"numbers", "internal_numbers", "user_ids"},
		prepare:  prepareCallFlow,
		cascade:  removeCallFlow,
		sorts:    fields[store.CallFlow]("name"),
	}
	numbers = &kind[store.Number]{
		name: "numbers", one: "number",
		table: func(s *store.Snapshot) store.Table[store.Number] { return s.Numbers },
		edit:  func(e *store.Edit) editor[store.Number] { return &e.Numbers },
		meta:  func(r *store.Number) *store.Meta { return &r.Meta },
		order: func(b []byte, r *store.Number) []byte { return append(b, r.E164...) },
		sorts: fields[store.Number]("e164", "label", "owner.kind").
			with("owner.id", byOwner(func(n *store.Number) store.Owner { return n.Owner })).
			with("trunk_id", byName(trunks.table, func(n *store.Number) string { return n.TrunkID })),
	}
	internalNumbers = &kind[store.InternalNumber]{
		name: "internal_numbers", one: "internal number",
		table: func(s *store.Snapshot) store.Table[store.InternalNumber] { return s.InternalNumbers },
		edit:  func(e *store.Edit) editor[store.InternalNumber] { return &e.InternalNumbers },
		meta:  func(r *store.InternalNumber) *store.Meta { return &r.Meta },
		order: func(b []byte, r *store.InternalNumber) []byte { return numberKey(b, r.Number) },
		sorts: fields[store.InternalNumber]("owner.kind").
			with("number", byDigits(func(n *store.InternalNumber) string { return n.Number })).
			with("owner.id", byOwner(func(n *store.InternalNumber) store.Owner { return n.Owner })),
	}
	devices = &kind[store.Device]{
		name: "devices", one: "device",
		table: func(s *store.Snapshot) store.Table[store.Device] { return s.Devices },
		edit:  func(e *store.Edit) editor[store.Device] { return &e.Devices },
		meta:  func(r *store.Device) *store.Meta { return &r.Meta },
		order: func(b []byte, r *store.Device) []byte { return sortKey(b, r.Label, r.MAC) },
		view:  viewDevice, shown: reflect.TypeFor[DeviceView](),
		readOnly: []string{"provisioning_url", "last_fetch"},
		prepare:  prepareDevice,
		search:   map[string]search[store.Device]{"contact_method_id": withLine},
		sorts: fields[store.Device]("label", "mac", "model", "disabled", "hotdesk").
			with("vendor", sorting[store.Device]{key: func(b []byte, d *store.Device) []byte { return sortKey(b, d.Vendor, d.Model) }}),
	}
	appDevices = &kind[store.AppDevice]{
		name: "app_devices", one: "app device",
		table: func(s *store.Snapshot) store.Table[store.AppDevice] { return s.AppDevices },
		edit:  func(e *store.Edit) editor[store.AppDevice] { return &e.AppDevices },
		meta:  func(r *store.AppDevice) *store.Meta { return &r.Meta },
		order: func(b []byte, r *store.AppDevice) []byte { return sortKey(b, r.Name) },
		prepare: func(_ *Service, _ *store.Edit, r, old *store.AppDevice) (func(any), error) {
			return onCreation(old, func(shown *store.AppDevice) { shown.Password = r.Password }), nil
		},
		sorts: fields[store.AppDevice]("name", "os", "app_version", "username").
			with("user_id", byName(userTable, func(d *store.AppDevice) string { return d.UserID })),
	}
	featureCodes = &kind[store.FeatureCode]{
		name: "feature_codes", one: "feature code",
		table: func(s *store.Snapshot) store.Table[store.FeatureCode] { return s.FeatureCodes },
		edit:  func(e *store.Edit) editor[store.FeatureCode] { return &e.FeatureCodes },
		meta:  func(r *store.FeatureCode) *store.Meta { return &r.Meta },
		order: func(b []byte, r *store.FeatureCode) []byte { return append(b, r.Code...) },
		sorts: fields[store.FeatureCode]("code", "action"),
	}
	tokens = &kind[store.Token]{
		name: "tokens", one: "token",
		table:    func(s *store.Snapshot) store.Table[store.Token] { return s.Tokens },
		edit:     func(e *store.Edit) editor[store.Token] { return &e.Tokens },
		meta:     func(r *store.Token) *store.Meta { return &r.Meta },
		order:    func(b []byte, r *store.Token) []byte { return sortKey(b, r.Label) },
		view:     viewToken,
		shown:    reflect.TypeFor[TokenView](),
		readOnly: []string{"prefix", "token", "created_by"},
		prepare:  prepareToken,
		sorts: fields[store.Token]("label", "role", "prefix", "expires_at").
			with("user_id", byName(userTable, func(t *store.Token) string { return t.UserID })).
			with("created_by", byName(userTable, func(t *store.Token) string { return t.CreatedBy })),
	}
)

// onCreation is what shows a new record's secrets; nil for one that is not new.
func onCreation[T, V any](old *T, reveal func(shown *V)) func(any) {
	if old != nil {
		return nil
	}
	return func(shown any) { reveal(shown.(*V)) }
}

// viewTrunk adds what the running exchange knows of a trunk.
func viewTrunk(s *Service, org string, _ *store.Snapshot, r *store.Trunk) any {
	v := &TrunkView{Trunk: *r, State: store.TrunkUnknown}
	if s.live == nil {
		return v
	}
	for _, t := range s.live.TrunkStatus(org) {
		if t.ID == r.ID {
			v.Up, v.State, v.Registered, v.Why = t.Up, t.State, t.Registered, t.Why
		}
	}
	return v
}

// numberKey sorts digit strings as numbers: shorter ones first.
func numberKey(dst []byte, digits string) []byte {
	const longest = 8
	for range longest - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// FilterNames lists what a collection's list can be filtered by.
func FilterNames(c Collection) []string { return append(filterNames(c.stored()), c.searches()...) }

// FiltersOf lists what a list of a record type can be filtered by.
func FiltersOf[T any]() []string { return filterNames(reflect.TypeFor[T]()) }

func filterNames(t reflect.Type) []string {
	var out []string
	for _, c := range columnsOf(t) {
		out = append(out, c.name)
		if c.hasParts() {
			out = append(out, c.name+partly)
		}
	}
	return out
}

// IDOf is the id of a record that a Service answered.
func IDOf(record any) string {
	v := reflect.Indirect(reflect.ValueOf(record))
	f := v.FieldByName("ID")
	if !f.IsValid() {
		return ""
	}
	return f.String()
}
