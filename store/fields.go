package store

// The numbers below are in the files of every release: append, never re-use.
// A record's Meta has 1 to 3. Passwords on their way in have none.

func (m *Meta) fields(c *codec) {
	c.str(1, &m.ID)
	c.time(2, &m.CreatedAt)
	c.time(3, &m.UpdatedAt)
}

func (o *Organization) fields(c *codec) {
	o.Meta.fields(c)
	c.str(4, &o.Name)
	c.str(5, &o.Domain)
	c.str(6, &o.Realm)
	c.str(7, &o.Country)
	c.str(8, &o.TimeZone)
	c.str(9, &o.Language)
	c.str(10, &o.MainNumber)
	c.str(11, &o.MainDestination)
	c.str(12, &o.ExtensionRange)
	c.strs(13, &o.EmergencyNumbers)
	c.int(14, &o.RingTimeoutS)
	c.int(15, &o.MaxCalls)
	c.strs(16, &o.PrivateDestinations)
	c.sub(17, o.Mail.fields)
	c.sub(18, o.Voicemail.fields)
	c.str(19, &o.MusicOnHoldAudioID)
	c.sub(20, o.BillingContact.fields)
	c.sub(21, o.Retention.fields)
	c.str(22, &o.WebAddress)
	c.sub(23, o.SignIn.fields)
}

func (s *SignIn) fields(c *codec) {
	c.bool(1, &s.SecondFactorForAdmins)
	c.sub(2, s.OpenID.fields)
}

func (p *OpenIDProvider) fields(c *codec) {
	c.str(1, &p.Issuer)
	c.str(2, &p.ClientID)
	c.str(3, &p.Label)
	text(c, 4, &p.Match)
	c.bool(5, &p.TrustSecondFactor)
}

func (v *CompanyVoicemail) fields(c *codec) {
	c.bool(1, &v.Enabled)
	c.str(2, &v.GreetingAudioID)
	c.str(3, &v.Email)
}

func (b *BillingContact) fields(c *codec) {
	c.str(1, &b.Name)
	c.str(2, &b.Email)
	c.str(3, &b.Phone)
}

func (r *Retention) fields(c *codec) {
	c.int(1, &r.RecordingDays)
	c.int(2, &r.VoicemailDays)
	c.int(3, &r.CallDays)
}

func (m *MailServer) fields(c *codec) {
	c.str(1, &m.Host)
	c.int(2, &m.Port)
	text(c, 3, &m.TLS)
	c.str(4, &m.Username)
	c.str(5, &m.From)
}

func (u *User) fields(c *codec) {
	u.Meta.fields(c)
	c.str(4, &u.FirstName)
	c.str(5, &u.LastName)
	c.str(6, &u.Email)
	c.str(7, &u.JobTitle)
	c.str(8, &u.Department)
	c.str(9, &u.MobileNumber)
	c.str(10, &u.TimeZone)
	c.str(11, &u.Language)
	c.str(12, &u.Login)
	c.bool(13, &u.PasswordChangeRequired)
	c.str(14, &u.Role)
	c.str(15, &u.Plan)
	c.str(16, &u.TimeScheduleID)
	c.str(17, &u.CRMUserID)
	c.str(18, &u.Extension)
	c.str(19, &u.DirectNumber)
	text(c, 20, &u.RejectScope)
	c.sub(21, u.Routing.fields)
	c.bool(22, &u.DoNotDisturb)
	c.sub(23, u.Forward.fields)
	c.sub(24, u.Features.fields)
	c.sub(25, u.Invitation.fields)
	c.str(26, &u.Photo)
	opt(c, 27, &u.EmailVerification, (*EmailVerification).fields)
}

func (r *UserRouting) fields(c *codec) {
	text(c, 1, &r.Mode)
	c.strs(2, &r.ContactMethodIDs)
	c.int(3, &r.RingS)
}

func (f *Forward) fields(c *codec) {
	c.str(1, &f.Number)
	c.bool(2, &f.Enabled)
}

func (f *Features) fields(c *codec) {
	c.bool(1, &f.App)
	c.bool(2, &f.WebCalls)
	c.bool(3, &f.OperatorConsole)
	c.bool(4, &f.Voicemail)
	c.bool(5, &f.FixedMobile)
	c.bool(6, &f.Hotdesking)
	c.bool(7, &f.MultipleCallerIDs)
}

func (i *Invitation) fields(c *codec) {
	c.str(1, &i.State)
	c.time(2, &i.SentAt)
	c.time(3, &i.ExpiresAt)
	c.str(4, &i.DeliveryID)
}

func (v *EmailVerification) fields(c *codec) {
	c.str(1, &v.State)
	c.time(2, &v.SentAt)
	c.time(3, &v.ExpiresAt)
	c.str(4, &v.DeliveryID)
	c.str(5, &v.Verified)
}

func (m *ContactMethod) fields(c *codec) {
	m.Meta.fields(c)
	c.str(4, &m.UserID)
	text(c, 5, &m.Kind)
	c.str(6, &m.Label)
	c.str(7, &m.TimeScheduleID)
	c.sub(8, m.Inbound.fields)
	c.sub(9, m.Outbound.fields)
	c.sub(10, m.Recording.fields)
	opt(c, 11, &m.SIPAccount, (*SIPAccount).fields)
	opt(c, 12, &m.PSTNForwarding, (*PSTNForwarding).fields)
	opt(c, 13, &m.SIPForwarding, (*SIPForwarding).fields)
	opt(c, 14, &m.Email, (*EmailAddress).fields)
}

func (i *Inbound) fields(c *codec) {
	c.strs(1, &i.DIDNumbers)
	c.strs(2, &i.InternalNumbers)
	c.int(3, &i.RingTimeoutS)
	c.sub(4, i.WhenUnavailable.fields)
}

func (w *WhenUnavailable) fields(c *codec) {
	text(c, 1, &w.Action)
	c.str(2, &w.GreetingAudioID)
	c.str(3, &w.ForwardTo)
}

func (o *Outbound) fields(c *codec) {
	c.bool(1, &o.ExternalEnabled)
	c.strs(2, &o.CallerIDs)
	c.str(3, &o.InternalCallerID)
	c.bool(4, &o.Anonymous)
	c.str(5, &o.InternalAnnouncementID)
	c.str(6, &o.ExternalAnnouncementID)
	text(c, 7, &o.AnnouncementTo)
}

func (r *Recording) fields(c *codec) {
	c.bool(1, &r.InboundInternal)
	c.bool(2, &r.InboundExternal)
	c.bool(3, &r.OutboundInternal)
	c.bool(4, &r.OutboundExternal)
	c.bool(5, &r.OnDemand)
	c.strs(6, &r.DeliveryMethodIDs)
}

func (a *SIPAccount) fields(c *codec) {
	c.str(1, &a.Username)
	c.strs(2, &a.Codecs)
	c.int(3, &a.MaxContacts)
	text(c, 4, &a.SRTP)
}

func (f *PSTNForwarding) fields(c *codec) {
	c.str(1, &f.Number)
	c.bool(2, &f.AllowTransfer)
	c.bool(3, &f.Press1)
}

func (f *SIPForwarding) fields(c *codec) {
	c.str(1, &f.Username)
	c.str(2, &f.Domain)
	c.int(3, &f.Port)
	c.str(4, &f.Transport)
	c.strs(5, &f.Codecs)
	c.bool(6, &f.Process30x)
}

func (e *EmailAddress) fields(c *codec) { c.str(1, &e.Address) }

func (o *Owner) fields(c *codec) {
	text(c, 1, &o.Kind)
	c.str(2, &o.ID)
}

func (n *Number) fields(c *codec) {
	n.Meta.fields(c)
	c.str(4, &n.E164)
	c.str(5, &n.TrunkID)
	c.str(6, &n.Label)
	c.sub(7, n.Owner.fields)
}

func (n *InternalNumber) fields(c *codec) {
	n.Meta.fields(c)
	c.str(4, &n.Number)
	c.sub(5, n.Owner.fields)
}

func (t *Trunk) fields(c *codec) {
	t.Meta.fields(c)
	c.str(4, &t.Name)
	c.str(5, &t.Host)
	c.int(6, &t.Port)
	c.str(7, &t.Transport)
	c.sub(8, t.Auth.fields)
	c.strs(9, &t.Addresses)
	c.str(10, &t.Country)
	c.bool(11, &t.TrustedIdentity)
	text(c, 12, &t.ForwardedIdentity)
	c.strs(13, &t.Prefixes)
	c.int(14, &t.Priority)
	c.int(15, &t.MaxCalls)
	c.int(16, &t.OptionsPingS)
	c.strs(17, &t.IdentityHeaders)
	text(c, 18, &t.SRTP)
}

func (a *TrunkAuth) fields(c *codec) {
	text(c, 1, &a.Mode)
	c.str(2, &a.Username)
}

func (d *AppDevice) fields(c *codec) {
	d.Meta.fields(c)
	c.str(4, &d.UserID)
	c.str(5, &d.OS)
	c.str(6, &d.AppVersion)
	c.str(7, &d.Name)
	c.str(8, &d.Username)
}

func (d *Device) fields(c *codec) {
	d.Meta.fields(c)
	c.str(4, &d.MAC)
	c.str(5, &d.Vendor)
	c.str(6, &d.Model)
	c.str(7, &d.Label)
	list(c, 8, &d.Lines, (*DeviceLine).fields)
	c.bool(9, &d.Hotdesk)
	c.bool(10, &d.Disabled)
	c.bool(11, &d.RequireCertificate)
}

func (l *DeviceLine) fields(c *codec) { c.str(1, &l.ContactMethodID) }

func (s *TimeSchedule) fields(c *codec) {
	s.Meta.fields(c)
	c.str(4, &s.Name)
	c.str(5, &s.TimeZone)
	list(c, 6, &s.Ranges, (*TimeRange).fields)
	list(c, 7, &s.Exceptions, (*DateException).fields)
}

func (r *TimeRange) fields(c *codec) {
	c.strs(1, &r.Days)
	c.str(2, &r.From)
	c.str(3, &r.To)
}

func (e *DateException) fields(c *codec) {
	c.str(1, &e.Date)
	list(c, 2, &e.Ranges, (*DayRange).fields)
}

func (r *DayRange) fields(c *codec) {
	c.str(1, &r.From)
	c.str(2, &r.To)
}

func (a *AudioFile) fields(c *codec) {
	a.Meta.fields(c)
	c.str(4, &a.Name)
	c.int(5, &a.DurationMS)
	c.str(6, &a.SHA256)
}

func (d *DeliveryMethod) fields(c *codec) {
	d.Meta.fields(c)
	c.str(4, &d.Name)
	c.str(5, &d.Kind)
	c.pairs(6, &d.Settings)
}

func (f *FeatureCode) fields(c *codec) {
	f.Meta.fields(c)
	c.str(4, &f.Code)
	c.str(5, &f.Action)
}

func (f *CallFlow) fields(c *codec) {
	f.Meta.fields(c)
	c.str(4, &f.Name)
	list(c, 5, &f.Nodes, (*FlowNode).fields)
	c.str(6, &f.Entry)
}

func (n *FlowNode) fields(c *codec) {
	c.str(1, &n.ID)
	c.str(2, &n.Type)
	c.pairs(3, &n.Settings)
	c.pairs(4, &n.Exits)
	c.str(5, &n.Name)
}

func (t *Token) fields(c *codec) {
	t.Meta.fields(c)
	c.str(4, &t.Label)
	text(c, 5, &t.Role)
	c.str(6, &t.UserID)
	c.str(7, &t.Prefix)
	c.time(8, &t.ExpiresAt)
	c.str(9, &t.Hash)
	c.str(10, &t.CreatedBy)
}

func (s *Secret) fields(c *codec) {
	c.str(1, &s.HA1MD5)
	c.str(2, &s.HA1SHA256)
	c.str(3, &s.Hash)
	c.blob(4, &s.Sealed)
	c.str(5, &s.Code)
}
