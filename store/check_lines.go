package store

import "slices"

// minSIPPassword of a password that somebody chose: the whole internet guesses at it.
const minSIPPassword = 8

func checkContactMethod(c *checker, m *ContactMethod) {
	s := c.s
	if m.UserID == "" {
		c.bad("user_id", "must be given")
	}
	exists(c, "user_id", s.Users, inUsers, m.UserID)
	among(c, "kind", m.Kind, KindApp, KindSIPAccount, KindPSTNForwarding, KindSIPForwarding, KindEmail)
	if old, ok := c.edit.ContactMethods.base.Get(m.ID); ok {
		c.fixed("kind", string(old.Kind), string(m.Kind))
		if old.UserID != m.UserID {
			c.movedLine(m, old.UserID)
		}
	}
	c.text("label", m.Label, 100)
	c.schedule("time_schedule_id", m.TimeScheduleID)
	c.blocks(m)
	c.inbound(m)
	checkEntitledLine(c, m)
	c.outbound(m)
	c.onDemand(m)
	c.distinct("recording.delivery_method_ids", m.Recording.DeliveryMethodIDs)
	for i, id := range m.Recording.DeliveryMethodIDs {
		exists(c, at("recording.delivery_method_ids", i), s.DeliveryMethods, inDeliveryMethods, id)
	}
	if m.Kind == KindApp {
		for _, other := range s.LinesOf(m.UserID) {
			if other.Kind == KindApp && other.ID != m.ID {
				c.conflict("kind", Say("%s already has the application line %s", "users/"+m.UserID, "contact_methods/"+other.ID), "contact_methods/"+other.ID)
			}
		}
	}
}

// movedLine: a line that changes hands must not stay in its former user's
// routing.
func (c *checker) movedLine(m *ContactMethod, from string) {
	if u, ok := c.s.Users.Get(from); ok && slices.Contains(u.Routing.ContactMethodIDs, m.ID) {
		c.conflict("user_id", Say("is still in the routing of %s", "users/"+from), "users/"+from)
	}
}

// blocks: each kind has its own block and no other's.
func (c *checker) blocks(m *ContactMethod) {
	for _, b := range []struct {
		kind  MethodKind
		given bool
		must  bool
	}{
		{KindSIPAccount, m.SIPAccount != nil, true},
		{KindPSTNForwarding, m.PSTNForwarding != nil, true},
		{KindSIPForwarding, m.SIPForwarding != nil, true},
		{KindEmail, m.Email != nil, true},
	} {
		if b.given && m.Kind != b.kind {
			c.bad(string(b.kind), "is only for the kind %s", b.kind)
		}
		if !b.given && m.Kind == b.kind {
			c.bad(string(b.kind), "must be given")
		}
	}
	if c.err != nil {
		return
	}
	switch m.Kind {
	case KindSIPAccount:
		a := m.SIPAccount
		c.username("sip_account.username", a.Username)
		if d, ok := c.s.byDeviceUsername.Get(a.Username); ok {
			c.conflict("sip_account.username", Say("%s is already that of %s", a.Username, "app_devices/"+d.ID), "app_devices/"+d.ID)
		}
		c.codecs("sip_account.codecs", a.Codecs)
		if given := c.edit.ContactMethods.touched[m.ID].password; given != "" && len(given) < minSIPPassword {
			c.bad("sip_account.password", "must be at least %d characters; without one a password is generated", minSIPPassword)
		}
		c.between("sip_account.max_contacts", a.MaxContacts, 0, 100)
		among(c, "sip_account.srtp", a.SRTP, SRTPOff, SRTPPreferred, SRTPRequired)
	case KindPSTNForwarding:
		c.e164("pstn_forwarding.number", m.PSTNForwarding.Number)
	case KindSIPForwarding:
		f := m.SIPForwarding
		if f.Username != "" {
			c.dialled("sip_forwarding.username", f.Username)
		}
		c.host("sip_forwarding.domain", f.Domain)
		c.between("sip_forwarding.port", f.Port, 0, 65535)
		c.oneOf("sip_forwarding.transport", f.Transport, "udp", "tcp", "tls")
		c.codecs("sip_forwarding.codecs", f.Codecs)
	case KindEmail:
		c.email("email.address", m.Email.Address)
	}
}

func (c *checker) inbound(m *ContactMethod) {
	in, s := &m.Inbound, c.s
	me := Owner{OwnerContactMethod, m.ID}
	if m.Kind == KindEmail && (len(in.DIDNumbers) > 0 || len(in.InternalNumbers) > 0) {
		c.bad("inbound", "an email address takes no calls and has no numbers")
	}
	c.distinct("inbound.did_numbers", in.DIDNumbers)
	for i, e164 := range in.DIDNumbers {
		field := at("inbound.did_numbers", i)
		if n, ok := c.did(field, e164); ok && n.Owner != me {
			c.conflict(field, Say("%s is already that of %s", e164, n.Owner.words()), n.Owner.path())
		}
	}
	c.distinct("inbound.internal_numbers", in.InternalNumbers)
	for i, digits := range in.InternalNumbers {
		field := at("inbound.internal_numbers", i)
		c.internalNumber(field, digits)
		if n, ok := s.InternalNumberByDigits(digits); ok && n.Owner != me {
			c.conflict(field, Say("%s is already that of %s", digits, n.Owner.words()), n.Owner.path())
		}
	}
	c.between("inbound.ring_timeout_s", in.RingTimeoutS, 0, 600)
	when := &in.WhenUnavailable
	among(c, "inbound.when_unavailable.action", when.Action, UnavailableNone, UnavailableVoicemail, UnavailableForward)
	c.audio("inbound.when_unavailable.greeting_audio_id", when.GreetingAudioID)
	c.dialled("inbound.when_unavailable.forward_to", when.ForwardTo)
	if when.Action == UnavailableForward && when.ForwardTo == "" {
		c.bad("inbound.when_unavailable.forward_to", "must be given for the action forward")
	}
}

func (c *checker) outbound(m *ContactMethod) {
	out := &m.Outbound
	c.distinct("outbound.caller_ids", out.CallerIDs)
	for i, e164 := range out.CallerIDs {
		c.did(at("outbound.caller_ids", i), e164)
	}
	if id := out.InternalCallerID; id != "" {
		c.internalCallerID("outbound.internal_caller_id", m, id)
	}
	c.audio("outbound.internal_announcement_id", out.InternalAnnouncementID)
	c.audio("outbound.external_announcement_id", out.ExternalAnnouncementID)
	among(c, "outbound.announcement_to", out.AnnouncementTo, AnnounceCallee, AnnounceCaller, AnnounceBoth)
}

// internalCallerID is what colleagues see, and call back: a number that they can call,
// and not that of somebody else.
func (c *checker) internalCallerID(field string, m *ContactMethod, digits string) {
	if !isDigits(digits, 1, 6) {
		c.bad(field, "%q must be 1 to 6 digits", digits)
	}
	if c.s.Organization.IsEmergency(digits) {
		c.bad(field, "%s is an emergency number", digits)
	}
	n, ok := c.s.InternalNumberByDigits(digits)
	if !ok {
		c.bad(field, "%s is no internal number of the organization", digits)
		return
	}
	if user := c.s.userOf(n.Owner); user != "" && user != m.UserID {
		c.bad(field, "%s is the internal number of users/%s", digits, user)
	}
}

// internalNumber may be no emergency number and no feature code, which would be
// dialled before it.
func (c *checker) internalNumber(field, digits string) {
	if !isDigits(digits, 1, 6) {
		c.bad(field, "%q must be 1 to 6 digits", digits)
	}
	if c.s.Organization.IsEmergency(digits) {
		c.bad(field, "%s is an emergency number", digits)
	}
	if f, ok := c.s.FeatureCode(digits); ok {
		c.bad(field, "%s is the code of %s", digits, "feature_codes/"+f.ID)
	}
}

func checkNumber(c *checker, n *Number) {
	c.e164("e164", n.E164)
	if old, ok := c.edit.Numbers.base.Get(n.ID); ok {
		c.fixed("e164", old.E164, n.E164)
	}
	exists(c, "trunk_id", c.s.Trunks, inTrunks, n.TrunkID)
	c.text("label", n.Label, 100)
	c.owner(n.Owner)
	switch n.Owner.Kind {
	case OwnerContactMethod:
		if m, ok := c.s.Line(n.Owner.ID); ok && !slices.Contains(m.Inbound.DIDNumbers, n.E164) {
			c.conflict("owner", Say("%s does not name %s", n.Owner.words(), n.E164), n.Owner.path())
		}
	case OwnerUser:
		if u, ok := c.s.Users.Get(n.Owner.ID); ok && u.DirectNumber != n.E164 {
			c.conflict("owner", Say("%s already has the direct number %s", n.Owner.words(), u.DirectNumber), n.Owner.path())
		}
	case OwnerCompany:
		if o := c.s.Organization; o.MainNumber != n.E164 {
			c.conflict("owner", Say("the company already has the main number %s", o.MainNumber), "organizations/"+o.ID)
		}
	}
}

func checkInternalNumber(c *checker, n *InternalNumber) {
	c.internalNumber("number", n.Number)
	if old, ok := c.edit.InternalNumbers.base.Get(n.ID); ok {
		c.fixed("number", old.Number, n.Number)
	}
	c.owner(n.Owner)
	if n.Owner.Kind == OwnerContactMethod {
		if m, ok := c.s.Line(n.Owner.ID); ok && !slices.Contains(m.Inbound.InternalNumbers, n.Number) {
			c.conflict("owner", Say("%s does not name %s", n.Owner.words(), n.Number), n.Owner.path())
		}
	}
}

func (c *checker) owner(o Owner) {
	among(c, "owner.kind", o.Kind, OwnerNone, OwnerContactMethod, OwnerUser, OwnerCallFlow, OwnerCompany)
	switch o.Kind {
	case OwnerNone, OwnerCompany:
		if o.ID != "" {
			c.bad("owner.id", "must be empty for %s", o.Kind)
		}
		return
	}
	if o.ID == "" {
		c.bad("owner.id", "must be given")
	}
	switch o.Kind {
	case OwnerContactMethod:
		exists(c, "owner.id", c.s.ContactMethods, inContactMethods, o.ID)
	case OwnerUser:
		exists(c, "owner.id", c.s.Users, inUsers, o.ID)
	case OwnerCallFlow:
		exists(c, "owner.id", c.s.CallFlows, inCallFlows, o.ID)
	}
}
