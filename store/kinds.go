package store

// The collections, as the API and the paths of records name them.
const (
	inOrganizations   = "organizations"
	inUsers           = "users"
	inContactMethods  = "contact_methods"
	inNumbers         = "numbers"
	inInternalNumbers = "internal_numbers"
	inTrunks          = "trunks"
	inDevices         = "devices"
	inAppDevices      = "app_devices"
	inTimeSchedules   = "time_schedules"
	inAudioFiles      = "audio_files"
	inDeliveryMethods = "delivery_methods"
	inFeatureCodes    = "feature_codes"
	inCallFlows       = "call_flows"
	inTokens          = "tokens"
	inPlans           = "plans"
	inDeliveries      = "deliveries" // the outbox, no configuration
)

// A kind is what the store knows of one collection: the listing below is the
// only place that names them all.
type kind[T any] struct {
	name    string // the collection, in paths and in the API
	bucket  Bucket
	table   func(*Snapshot) *Table[T]
	meta    func(*T) *Meta
	fields  func(*T, *codec)
	fill    func(*Edit, *T)                              // defaults and normal form, at Put
	check   func(*checker, *T)                           // after the edit
	refs    func(*T, func(field, collection, id string)) // what it names; nil: nothing
	uniques []unique[T]
	groups  []group[T]
	secret  *secretKind[T]
	public  func(*T) *T // without what no revision keeps; nil: there is nothing such
	states  []Bucket    // of what is known of each record and no configuration
}

// A unique is an index in which a key has one record. Records without a key
// are not in it.
type unique[T any] struct {
	table func(*Snapshot) *Table[T]
	key   func(*T) string
	field string // that holds the key, for the error
}

// A group is an index in which a key has several records, oldest first.
type group[T any] struct {
	table func(*Snapshot) *Table[[]*T]
	key   func(*T) string
}

var (
	users = &kind[User]{
		name: inUsers, bucket: BucketUsers, states: []Bucket{BucketSecondFactors, BucketSeen, BucketPhotos},
		table:  func(s *Snapshot) *Table[User] { return &s.Users },
		meta:   func(r *User) *Meta { return &r.Meta },
		fields: (*User).fields, fill: fillUser, check: checkUser, refs: userRefs,
		uniques: []unique[User]{{
			table: func(s *Snapshot) *Table[User] { return &s.byLogin },
			key:   func(u *User) string { return Fold(u.Login) }, field: "login",
		}},
		secret: userSecret,
	}
	contactMethods = &kind[ContactMethod]{
		name: inContactMethods, bucket: BucketContactMethods,
		table:  func(s *Snapshot) *Table[ContactMethod] { return &s.ContactMethods },
		meta:   func(r *ContactMethod) *Meta { return &r.Meta },
		fields: (*ContactMethod).fields, fill: fillContactMethod, check: checkContactMethod, refs: contactMethodRefs,
		uniques: []unique[ContactMethod]{{
			table: func(s *Snapshot) *Table[ContactMethod] { return &s.byUsername },
			key:   lineUsername, field: "sip_account.username",
		}},
		groups: []group[ContactMethod]{{
			table: func(s *Snapshot) *Table[[]*ContactMethod] { return &s.linesOf },
			key:   func(m *ContactMethod) string { return m.UserID },
		}},
		secret: lineSecret,
	}
	numbers = &kind[Number]{
		name: inNumbers, bucket: BucketNumbers,
		table:  func(s *Snapshot) *Table[Number] { return &s.Numbers },
		meta:   func(r *Number) *Meta { return &r.Meta },
		fields: (*Number).fields, fill: fillNumber, check: checkNumber, refs: numberRefs,
		uniques: []unique[Number]{{
			table: func(s *Snapshot) *Table[Number] { return &s.byE164 },
			key:   func(n *Number) string { return n.E164 }, field: "e164",
		}},
	}
	internalNumbers = &kind[InternalNumber]{
		name: inInternalNumbers, bucket: BucketInternalNumbers,
		table:  func(s *Snapshot) *Table[InternalNumber] { return &s.InternalNumbers },
		meta:   func(r *InternalNumber) *Meta { return &r.Meta },
		fields: (*InternalNumber).fields, fill: fillInternalNumber, check: checkInternalNumber, refs: internalNumberRefs,
		uniques: []unique[InternalNumber]{{
			table: func(s *Snapshot) *Table[InternalNumber] { return &s.byDigits },
			key:   func(n *InternalNumber) string { return n.Number }, field: "number",
		}},
	}
	trunks = &kind[Trunk]{
		name: inTrunks, bucket: BucketTrunks,
		table:  func(s *Snapshot) *Table[Trunk] { return &s.Trunks },
		meta:   func(r *Trunk) *Meta { return &r.Meta },
		fields: (*Trunk).fields, fill: fillTrunk, check: checkTrunk, secret: trunkSecret,
		uniques: []unique[Trunk]{uniqueName(func(s *Snapshot) *Table[Trunk] { return &s.trunkNames }, func(r *Trunk) string { return r.Name })},
	}
	devices = &kind[Device]{
		name: inDevices, bucket: BucketDevices,
		table:  func(s *Snapshot) *Table[Device] { return &s.Devices },
		meta:   func(r *Device) *Meta { return &r.Meta },
		fields: (*Device).fields, fill: fillDevice, check: checkDevice, refs: deviceRefs,
		uniques: []unique[Device]{{
			table: func(s *Snapshot) *Table[Device] { return &s.byMAC },
			key:   func(d *Device) string { return d.MAC }, field: "mac",
		}},
		secret: deviceSecret, states: []Bucket{BucketFetches},
	}
	appDevices = &kind[AppDevice]{
		name: inAppDevices, bucket: BucketAppDevices,
		table:  func(s *Snapshot) *Table[AppDevice] { return &s.AppDevices },
		meta:   func(r *AppDevice) *Meta { return &r.Meta },
		fields: (*AppDevice).fields, fill: fillAppDevice, check: checkAppDevice,
		uniques: []unique[AppDevice]{{
			table: func(s *Snapshot) *Table[AppDevice] { return &s.byDeviceUsername },
			key:   func(d *AppDevice) string { return d.Username }, field: "username",
		}},
		groups: []group[AppDevice]{{
			table: func(s *Snapshot) *Table[[]*AppDevice] { return &s.appDevicesOf },
			key:   func(d *AppDevice) string { return d.UserID },
		}},
		secret: appDeviceSecret,
	}
	timeSchedules = &kind[TimeSchedule]{
		name: inTimeSchedules, bucket: BucketTimeSchedules,
		table:  func(s *Snapshot) *Table[TimeSchedule] { return &s.TimeSchedules },
		meta:   func(r *TimeSchedule) *Meta { return &r.Meta },
		fields: (*TimeSchedule).fields, fill: fillTimeSchedule, check: checkTimeSchedule,
		uniques: []unique[TimeSchedule]{uniqueName(func(s *Snapshot) *Table[TimeSchedule] { return &s.scheduleNames }, func(r *TimeSchedule) string { return r.Name })},
	}
	audioFiles = &kind[AudioFile]{
		name: inAudioFiles, bucket: BucketAudioFiles,
		table:  func(s *Snapshot) *Table[AudioFile] { return &s.AudioFiles },
		meta:   func(r *AudioFile) *Meta { return &r.Meta },
		fields: (*AudioFile).fields, fill: fillAudioFile, check: checkAudioFile,
		uniques: []unique[AudioFile]{uniqueName(func(s *Snapshot) *Table[AudioFile] { return &s.audioNames }, func(r *AudioFile) string { return r.Name })},
	}
	deliveryMethods = &kind[DeliveryMethod]{
		name: inDeliveryMethods, bucket: BucketDeliveryMethods,
		table:  func(s *Snapshot) *Table[DeliveryMethod] { return &s.DeliveryMethods },
		meta:   func(r *DeliveryMethod) *Meta { return &r.Meta },
		fields: (*DeliveryMethod).fields, fill: fillDeliveryMethod, check: checkDeliveryMethod, secret: deliverySecret,
		uniques: []unique[DeliveryMethod]{uniqueName(func(s *Snapshot) *Table[DeliveryMethod] { return &s.deliveryNames }, func(r *DeliveryMethod) string { return r.Name })},
	}
	featureCodes = &kind[FeatureCode]{
		name: inFeatureCodes, bucket: BucketFeatureCodes,
		table:  func(s *Snapshot) *Table[FeatureCode] { return &s.FeatureCodes },
		meta:   func(r *FeatureCode) *Meta { return &r.Meta },
		fields: (*FeatureCode).fields, fill: fillFeatureCode, check: checkFeatureCode,
		uniques: []unique[FeatureCode]{{
			table: func(s *Snapshot) *Table[FeatureCode] { return &s.byCode },
			key:   func(f *FeatureCode) string { return f.Code }, field: "code",
		}},
	}
	callFlows = &kind[CallFlow]{
		name: inCallFlows, bucket: BucketCallFlows,
		table:  func(s *Snapshot) *Table[CallFlow] { return &s.CallFlows },
		meta:   func(r *CallFlow) *Meta { return &r.Meta },
		fields: (*CallFlow).fields, fill: fillCallFlow, check: checkCallFlow, refs: callFlowRefs, secret: flowSecret,
		uniques: []unique[CallFlow]{uniqueName(func(s *Snapshot) *Table[CallFlow] { return &s.flowNames }, func(r *CallFlow) string { return r.Name })},
	}
	plans = &kind[Plan]{
		name: inPlans, bucket: BucketPlans,
		table:  func(s *Snapshot) *Table[Plan] { return &s.Plans },
		meta:   func(r *Plan) *Meta { return &r.Meta },
		fields: (*Plan).fields, fill: fillPlan, check: checkPlan,
		uniques: []unique[Plan]{uniqueName(func(s *Snapshot) *Table[Plan] { return &s.planNames }, func(r *Plan) string { return r.Name })},
	}
	tokens = &kind[Token]{
		name: inTokens, bucket: BucketTokens,
		table:  func(s *Snapshot) *Table[Token] { return &s.Tokens },
		meta:   func(r *Token) *Meta { return &r.Meta },
		fields: (*Token).fields, fill: fillToken, check: checkToken, refs: tokenRefs,
		uniques: []unique[Token]{{
			table: func(s *Snapshot) *Table[Token] { return &s.byTokenHash },
			key:   func(t *Token) string { return t.Hash }, field: "hash",
		}},
		public: func(t *Token) *Token {
			public := *t
			public.Hash = ""
			return &public
		},
	}
)

func lineUsername(m *ContactMethod) string {
	if m.SIPAccount == nil {
		return ""
	}
	return m.SIPAccount.Username
}

// collections are all kinds by their names, for what is read without knowing what
// it is. The organization's own record is no collection, but has a name, too.
var collections = map[string]interface{ record(data []byte) (any, bool) }{
	inOrganizations: organizationRecord{},
	inUsers:         users, inContactMethods: contactMethods, inNumbers: numbers, inInternalNumbers: internalNumbers,
	inTrunks: trunks, inDevices: devices, inAppDevices: appDevices, inTimeSchedules: timeSchedules,
	inAudioFiles: audioFiles, inDeliveryMethods: deliveryMethods, inFeatureCodes: featureCodes,
	inCallFlows: callFlows, inTokens: tokens, inPlans: plans,
}

type organizationRecord struct{}

func (organizationRecord) record(data []byte) (any, bool) {
	o := new(Organization)
	return o, decode(string(data), o.fields)
}
