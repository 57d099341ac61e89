package store

import "time"

// Every record has the form that the API, `strowger apply` and the database
// share: the JSON names are the contract's. A record is immutable once it is
// stored: readers share pointers, an edit stores a changed copy.
//
// Secrets are write-only. A record carries a new one in the field that the
// contract names (password, voicemail_pin, …) or in a setting that
// [SecretSetting] knows, on its way into [Store.Update], which takes it out,
// keeps what it must of it in a [Secret] and leaves the field empty.

// Meta is what every record has.
type Meta struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at" readOnly:"true"`
	UpdatedAt time.Time `json:"updated_at" readOnly:"true"`
}

// An Organization is a tenant: its own domain, users and numbers.
type Organization struct {
	Meta
	Name   string `json:"name"`
	Domain string `json:"domain"`
	// Realm is the digest realm, fixed at creation because every stored HA1
	// depends on it.
	Realm    string `json:"realm"`
	Country  string `json:"country"` // ISO 3166-1 alpha-2, of national numbers
	TimeZone string `json:"time_zone"`
	Language string `json:"language"`
	// MainNumber is the company number in E.164, an entry of /numbers owned by
	// the company; MainDestination is a dialled string that answers it.
	MainNumber       string   `json:"main_number"`
	MainDestination  string   `json:"main_destination"`
	ExtensionRange   string   `json:"extension_range"` // "101-9999"
	EmergencyNumbers []string `json:"emergency_numbers"`
	RingTimeoutS     int      `json:"ring_timeout_s"` // seconds, 25
	MaxCalls         int      `json:"max_calls"`      // 0: no limit
	// PrivateDestinations are networks that are not public and that deliveries may
	// go to all the same, such as 192.168.7.0/24. An operator's to say.
	PrivateDestinations []string `json:"private_destinations"`
	// Mail is the server that takes mail. An organization without one uses that of
	// the default organization.
	Mail MailServer `json:"mail"`
	// WebAddress is how browsers reach the exchange, such as
	// https://pbx.example.com: what links in mails begin with that nobody signed in
	// has asked for. Empty: as the default organization has it.
	WebAddress string `json:"web_address"`
	// Voicemail is the company's own, for callers of the main number.
	Voicemail          CompanyVoicemail `json:"voicemail"`
	MusicOnHoldAudioID string           `json:"music_on_hold_audio_id"`
	BillingContact     BillingContact   `json:"billing_contact"`
	Retention          Retention        `json:"retention"`
	SignIn             SignIn           `json:"sign_in"`
}

// SignIn is what an organization's people sign in with besides their passwords.
type SignIn struct {
	// SecondFactorForAdmins leaves administrators who have no second factor nothing
	// but to set one up. It does not concern tokens.
	SecondFactorForAdmins bool           `json:"second_factor_for_admins"`
	OpenID                OpenIDProvider `json:"openid"`
}

// An OpenIDProvider vouches for people (OpenID Connect). No issuer: there is none.
// It signs in who is a user already; nobody is made.
type OpenIDProvider struct {
	Issuer       string `json:"issuer"` // https, as the provider's discovery document has it
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret,omitempty" writeOnly:"true"` // none: a public client
	Label        string `json:"label"`                                    // of the button; empty: the page's own words
	// Match is which of a user's fields the verified email of the provider is, the
	// first time; from then on it is the provider's account that counts.
	Match OpenIDMatch `json:"match"`
	// TrustSecondFactor: the provider asks for a second factor, so we do not.
	TrustSecondFactor bool `json:"trust_second_factor"`
}

// OpenIDMatch says how a provider's account finds its user.
type OpenIDMatch string

const (
	OpenIDEmail OpenIDMatch = "email"
	OpenIDLogin OpenIDMatch = "login"
)

type CompanyVoicemail struct {
	Enabled         bool   `json:"enabled"`
	GreetingAudioID string `json:"greeting_audio_id"`
	Email           string `json:"email"` // where messages are announced; empty: nowhere
}

// A BillingContact is whom statements go to.
type BillingContact struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// Retention says after how many days what was kept of calls is deleted; 0: never.
type Retention struct {
	RecordingDays int `json:"recording_days"`
	VoicemailDays int `json:"voicemail_days"`
	CallDays      int `json:"call_days"` // call records and their traces
}

// MailSecurity is how a mail server is spoken to.
type MailSecurity string

const (
	MailSTARTTLS MailSecurity = "starttls" // required
	MailTLS      MailSecurity = "tls"      // from the first byte
	MailPlain    MailSecurity = "none"
)

// A MailServer takes mail by SMTP submission. No host: there is none.
type MailServer struct {
	Host     string       `json:"host"`
	Port     int          `json:"port"` // 0: 587, 465 with tls, 25 with none
	TLS      MailSecurity `json:"tls"`
	Username string       `json:"username"` // empty: nobody signs in
	Password string       `json:"password,omitempty" writeOnly:"true"`
	From     string       `json:"from"` // an address, or a name and an address in angle brackets
}

// RejectScope says what one device's reject does to the others.
type RejectScope string

const (
	RejectRFC    RejectScope = "rfc"    // a 6xx ends all, other refusals one branch
	RejectAll    RejectScope = "all"    // any decline ends all
	RejectBranch RejectScope = "branch" // ends only that branch
)

// RoutingMode says how a user's contact methods are tried.
type RoutingMode string

const (
	RouteFixed    RoutingMode = "fixed" // the assigned method; without one the user's oldest line
	RouteRingAll  RoutingMode = "ring_all"
	RouteSequence RoutingMode = "sequence"
	RouteSchedule RoutingMode = "schedule"
)

type UserRouting struct {
	Mode             RoutingMode `json:"mode"`
	ContactMethodIDs []string    `json:"contact_method_ids"`
	RingS            int         `json:"ring_s"` // seconds each step of a sequence rings; 0: the line's
}

type Forward struct {
	Number  string `json:"number"` // as the user would dial it
	Enabled bool   `json:"enabled"`
}

type Features struct {
	App               bool `json:"app"`
	WebCalls          bool `json:"web_calls"`
	OperatorConsole   bool `json:"operator_console"`
	Voicemail         bool `json:"voicemail"`
	FixedMobile       bool `json:"fixed_mobile"`
	Hotdesking        bool `json:"hotdesking"`
	MultipleCallerIDs bool `json:"multiple_caller_ids"`
}

// The states of an invitation as they are kept.
const (
	InvitationNone     = "none"
	InvitationSent     = "sent"
	InvitationAccepted = "accepted"
)

type Invitation struct {
	State     string    `json:"state"` // none sent accepted expired failed
	SentAt    time.Time `json:"sent_at,omitzero"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// DeliveryID is the mail of it in the outbox; empty: none was sent.
	DeliveryID string `json:"delivery_id,omitempty"`
}

// A User is a person. Owns contact methods; has a web login, which is never a
// SIP credential.
type User struct {
	Meta
	FirstName              string      `json:"first_name"`
	LastName               string      `json:"last_name"`
	Email                  string      `json:"email"`
	JobTitle               string      `json:"job_title"`
	Department             string      `json:"department"`
	MobileNumber           string      `json:"mobile_number"`
	TimeZone               string      `json:"time_zone"`
	Language               string      `json:"language"`
	Login                  string      `json:"login"`
	Password               string      `json:"password,omitempty" writeOnly:"true"`
	PasswordChangeRequired bool        `json:"password_change_required"`
	Role                   string      `json:"role"` // user admin
	Plan                   string      `json:"plan"`
	TimeScheduleID         string      `json:"time_schedule_id"`
	CRMUserID              string      `json:"crm_user_id"`
	VoicemailPIN           string      `json:"voicemail_pin,omitempty" writeOnly:"true"`
	Extension              string      `json:"extension"`
	DirectNumber           string      `json:"direct_number"`
	RejectScope            RejectScope `json:"reject_scope"`
	Routing                UserRouting `json:"routing"`
	DoNotDisturb           bool        `json:"do_not_disturb"`
	Forward                Forward     `json:"forward"`
	Features               Features    `json:"features"`
	Invitation             Invitation  `json:"invitation" readOnly:"true"`
	// EmailVerification follows from Email, whoever changes that; nil: nothing was ever
	// asked. [User.Verification] reads it.
	EmailVerification *EmailVerification `json:"email_verification,omitempty" readOnly:"true"`
	// Photo is another text for each photo of the user; empty: there is none.
	// [Edit.PutPhoto] alone changes it.
	Photo string `json:"photo" readOnly:"true" csv:"-"`
	// InvitationCode is the CodeHash of a new invitation, NoCode to void the one
	// that there is; empty keeps it.
	InvitationCode string `json:"-"`
	// unnamed are the usual features that JSON said nothing of, until the user is put:
	// the plan decides.
	unnamed Features
}

// MethodKind is the kind of a contact method.
type MethodKind string

const (
	KindApp            MethodKind = "app"
	KindSIPAccount     MethodKind = "sip_account"
	KindPSTNForwarding MethodKind = "pstn_forwarding"
	KindSIPForwarding  MethodKind = "sip_forwarding"
	KindEmail          MethodKind = "email"
)

// A ContactMethod is a way to reach a user and to be reached by them. The
// kinds app and sip_account are lines: phones register for them and call out
// on them.
type ContactMethod struct {
	Meta
	UserID         string          `json:"user_id"`
	Kind           MethodKind      `json:"kind"`
	Label          string          `json:"label"`
	TimeScheduleID string          `json:"time_schedule_id"`
	Inbound        Inbound         `json:"inbound"`
	Outbound       Outbound        `json:"outbound"`
	Recording      Recording       `json:"recording"`
	SIPAccount     *SIPAccount     `json:"sip_account,omitempty"`
	PSTNForwarding *PSTNForwarding `json:"pstn_forwarding,omitempty"`
	SIPForwarding  *SIPForwarding  `json:"sip_forwarding,omitempty"`
	Email          *EmailAddress   `json:"email,omitempty"`
}

// UnavailableAction says what a line does with a call that nobody takes.
type UnavailableAction string

const (
	UnavailableNone      UnavailableAction = "none"
	UnavailableVoicemail UnavailableAction = "voicemail"
	UnavailableForward   UnavailableAction = "forward"
)

type WhenUnavailable struct {
	Action          UnavailableAction `json:"action"`
	GreetingAudioID string            `json:"greeting_audio_id"`
	ForwardTo       string            `json:"forward_to"` // as the user would dial it
}

type Inbound struct {
	DIDNumbers      []string        `json:"did_numbers"`      // E.164, each in /numbers
	InternalNumbers []string        `json:"internal_numbers"` // digits
	RingTimeoutS    int             `json:"ring_timeout_s"`   // seconds; 0: the organization's
	WhenUnavailable WhenUnavailable `json:"when_unavailable"`
}

// AnnouncementTo says who hears a line's announcement.
type AnnouncementTo string

const (
	AnnounceCallee AnnouncementTo = "callee"
	AnnounceCaller AnnouncementTo = "caller"
	AnnounceBoth   AnnouncementTo = "both"
)

type Outbound struct {
	ExternalEnabled        bool           `json:"external_enabled"`
	CallerIDs              []string       `json:"caller_ids"` // E.164, the first is the default
	InternalCallerID       string         `json:"internal_caller_id"`
	Anonymous              bool           `json:"anonymous"`
	InternalAnnouncementID string         `json:"internal_announcement_id"`
	ExternalAnnouncementID string         `json:"external_announcement_id"`
	AnnouncementTo         AnnouncementTo `json:"announcement_to"`
}

// Recording holds the four independent flags of a line.
type Recording struct {
	InboundInternal   bool     `json:"inbound_internal"`
	InboundExternal   bool     `json:"inbound_external"`
	OutboundInternal  bool     `json:"outbound_internal"`
	OutboundExternal  bool     `json:"outbound_external"`
	OnDemand          bool     `json:"on_demand"`
	DeliveryMethodIDs []string `json:"delivery_method_ids"`
}

// SRTPPolicy says whether a peer must encrypt its media.
type SRTPPolicy string

const (
	SRTPOff       SRTPPolicy = "off"
	SRTPPreferred SRTPPolicy = "preferred"
	SRTPRequired  SRTPPolicy = "required"
)

type SIPAccount struct {
	Username    string     `json:"username"`
	Password    string     `json:"password,omitempty" writeOnly:"true"` // generated if absent
	Codecs      []string   `json:"codecs"`                              // empty: whatever is offered
	MaxContacts int        `json:"max_contacts"`                        // 0: 10
	SRTP        SRTPPolicy `json:"srtp"`
}

type PSTNForwarding struct {
	Number        string `json:"number"` // E.164
	AllowTransfer bool   `json:"allow_transfer"`
	Press1        bool   `json:"press_1"`
}

type SIPForwarding struct {
	Username   string   `json:"username"`
	Domain     string   `json:"domain"`
	Port       int      `json:"port"` // 0: by DNS, else 5060
	Transport  string   `json:"transport"`
	Codecs     []string `json:"codecs"`
	Process30x bool     `json:"process_30x"`
}

type EmailAddress struct {
	Address string `json:"address"`
}

// OwnerKind says what kind of thing owns a number.
type OwnerKind string

const (
	OwnerNone          OwnerKind = "none"
	OwnerContactMethod OwnerKind = "contact_method"
	OwnerUser          OwnerKind = "user"
	OwnerCallFlow      OwnerKind = "call_flow"
	OwnerCompany       OwnerKind = "company"
)

type Owner struct {
	Kind OwnerKind `json:"kind"`
	ID   string    `json:"id"`
}

// A Number is a DID. E164 is unique across all organizations: a carrier
// delivers a number to one place.
type Number struct {
	Meta
	E164    string `json:"e164"`
	TrunkID string `json:"trunk_id"`
	Label   string `json:"label"`
	Owner   Owner  `json:"owner"`
}

// An InternalNumber is 1 to 6 digits, unique in its organization. The record
// appears when a line names the number and goes when nobody does.
type InternalNumber struct {
	Meta
	Number string `json:"number"`
	Owner  Owner  `json:"owner"`
}

// TrunkAuthMode says how we and a carrier know each other.
type TrunkAuthMode string

const (
	TrunkByAddress  TrunkAuthMode = "address"
	TrunkByDigest   TrunkAuthMode = "digest"   // it challenges our calls
	TrunkByRegister TrunkAuthMode = "register" // we register with it, and answer its challenges
)

type TrunkAuth struct {
	Mode     TrunkAuthMode `json:"mode"`
	Username string        `json:"username"`
	Password string        `json:"password,omitempty" writeOnly:"true"`
}

// ForwardedIdentity says whose number a carrier is shown on a forwarded call.
type ForwardedIdentity string

const (
	ForwardOriginal  ForwardedIdentity = "original"
	ForwardForwarder ForwardedIdentity = "forwarder"
	ForwardDiversion ForwardedIdentity = "diversion"
)

// A Trunk is a carrier.
type Trunk struct {
	Meta
	Name      string    `json:"name"`
	Host      string    `json:"host"`
	Port      int       `json:"port"` // 0: by DNS SRV, else 5060
	Transport string    `json:"transport"`
	Auth      TrunkAuth `json:"auth"`
	// Addresses are CIDR prefixes or addresses whose calls are the carrier's,
	// whatever Auth.Mode says.
	Addresses         []string          `json:"addresses"`
	Country           string            `json:"country"` // of its national numbers; empty: the organization's
	TrustedIdentity   bool              `json:"trusted_identity"`
	ForwardedIdentity ForwardedIdentity `json:"forwarded_identity"`
	Prefixes          []string          `json:"prefixes"` // of E.164 with "+"; empty: every number
	Priority          int               `json:"priority"` // lower first
	MaxCalls          int               `json:"max_calls"`
	OptionsPingS      int               `json:"options_ping_s"` // seconds; 0: none
	// IdentityHeaders are extra headers the carrier wants: "remote_party_id".
	IdentityHeaders []string   `json:"identity_headers"`
	SRTP            SRTPPolicy `json:"srtp"`
}

type AppDevice struct {
	Meta
	UserID     string `json:"user_id"`
	OS         string `json:"os"`
	AppVersion string `json:"app_version"`
	Name       string `json:"name"`
	// Username is the device's own digest user name; it registers its user's
	// application line with it.
	Username string `json:"username"`
	Password string `json:"password,omitempty" writeOnly:"true"`
	// TokenCode is the CodeHash of a new token, with which the app asks about itself,
	// NoCode to take the one away that there is; empty keeps it.
	TokenCode string `json:"-"`
}

type DeviceLine struct {
	ContactMethodID string `json:"contact_method_id"`
}

// A Device is a desk phone.
type Device struct {
	Meta
	MAC     string       `json:"mac"`    // twelve lower-case hexadecimal digits
	Vendor  string       `json:"vendor"` // of DeviceVendors
	Model   string       `json:"model"`
	Label   string       `json:"label"`
	Lines   []DeviceLine `json:"lines"`
	Hotdesk bool         `json:"hotdesk"`
	// Disabled: the phone is given no configuration. What it has been given
	// goes on working.
	Disabled bool `json:"disabled"`
	// RequireCertificate: it is given its configuration only over a connection that
	// shows its maker's certificate of its hardware address.
	RequireCertificate bool `json:"require_certificate"`
	// Token is the secret part of the address where the phone fetches its
	// configuration; empty keeps it. Its CodeHash opens; the token itself is sealed,
	// for the lists that makers' redirection services take.
	Token string `json:"-"`
}

// DeviceVendors are the makers whose phones can be given their configuration.
var DeviceVendors = []string{"yealink", "grandstream", "snom", "poly", "cisco", "fanvil"}

type TimeRange struct {
	Days []string `json:"days"` // mon … sun
	From string   `json:"from"` // HH:MM
	To   string   `json:"to"`   // HH:MM, 24:00 allowed; before From passes midnight
}

type DayRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type DateException struct {
	Date   string     `json:"date"`   // YYYY-MM-DD
	Ranges []DayRange `json:"ranges"` // empty: closed all day
}

type TimeSchedule struct {
	Meta
	Name       string          `json:"name"`
	TimeZone   string          `json:"time_zone"` // IANA; empty: the organization's
	Ranges     []TimeRange     `json:"ranges"`
	Exceptions []DateException `json:"exceptions"`
}

// An AudioFile is kept once, in a canonical form, below audio/ in the data
// directory, in a file named by its id.
type AudioFile struct {
	Meta
	Name       string `json:"name"`
	DurationMS int    `json:"duration_ms" readOnly:"true"`
	SHA256     string `json:"sha256" readOnly:"true"`
}

type DeliveryMethod struct {
	Meta
	Name     string            `json:"name"`
	Kind     string            `json:"kind"`     // disk email sftp s3 webdav webhook
	Settings map[string]string `json:"settings"` // the secrets among them write only
}

type FeatureCode struct {
	Meta
	Code   string `json:"code"` // "*", "#" and digits
	Action string `json:"action"`
}

// A FlowNode is a module of a call flow.
type FlowNode struct {
	ID       string            `json:"id"`
	Type     string            `json:"type"`
	Name     string            `json:"name"`     // what people call it
	Settings map[string]string `json:"settings"` // by the type; user_ids are separated by commas
	Exits    map[string]string `json:"exits"`    // name to node id
}

// A CallFlow is a graph of modules. It is stored and checked here; executing
// one comes later.
type CallFlow struct {
	Meta
	Name  string     `json:"name"`
	Nodes []FlowNode `json:"nodes"`
	Entry string     `json:"entry"`
}

// TokenRole says how far an API token reaches.
type TokenRole string

const (
	TokenOperator TokenRole = "operator" // every organization
	TokenAdmin    TokenRole = "admin"    // one organization
	TokenUser     TokenRole = "user"     // one user's own part
)

// A Token authenticates a program. Only the SHA-256 of its text is kept.
type Token struct {
	Meta
	Label     string    `json:"label"`
	Role      TokenRole `json:"role"`
	UserID    string    `json:"user_id,omitempty"`
	Prefix    string    `json:"prefix"` // its first characters, to recognise it by
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	Hash      string    `json:"hash,omitempty"` // hex SHA-256, never answered by the API
	// CreatedBy is the user who made it, and may know its text; empty: an operator.
	CreatedBy string `json:"created_by,omitempty" readOnly:"true"`
}

// A Secret is what the store keeps of a write-only field: enough to check a
// digest answer, and the password itself sealed under secret.key, because desk
// phones must be given it back and a change of user name needs it.
type Secret struct {
	HA1MD5    string `json:"ha1_md5,omitempty"`    // hex MD5(username:realm:password)
	HA1SHA256 string `json:"ha1_sha256,omitempty"` // hex SHA-256 of the same
	Hash      string `json:"hash,omitempty"`       // argon2id of a web password, set by provisioning
	Sealed    []byte `json:"sealed,omitempty"`     // AES-256-GCM, key id first; of settings a JSON object
	Code      string `json:"code,omitempty"`       // CodeHash of a user's invitation, or of the token of a device or an app device
}
