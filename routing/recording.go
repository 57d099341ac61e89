package routing

import (
	"slices"

	"strowger/store"
)

// record decides whether a target's capture is due, for the caller's line and
// for the contact method that answers. The caller's flag is by what was
// dialled, somebody inside or outside. The callee's is by who calls, except
// that a call which leaves the house goes by inbound-external: then callee is
// whose forward or PSTN forwarding it is, nil for a plain outside call.
//
// There is one capture, delivered for each owner whose rule wants it.
func (d *decision) record(callee *store.ContactMethod, leaves bool) *Record {
	byCaller, byCallee := false, false
	if d.line != nil {
		byCaller = d.line.Recording.OutboundInternal
		if d.outwards {
			byCaller = d.line.Recording.OutboundExternal
		}
	}
	if callee != nil {
		byCallee = callee.Recording.InboundInternal
		if leaves || d.trunk != nil {
			byCallee = callee.Recording.InboundExternal
		}
	}
	if d.quiet == 0 {
		d.note("recording", byCaller || byCallee, recordingWhy(byCaller, byCallee), d.recordingInputs(callee, leaves))
	}
	if !byCaller && !byCallee {
		return nil
	}
	r := &Record{Why: recordingWhy(byCaller, byCallee)}
	if byCaller {
		r.add(d.line)
	}
	if byCallee {
		r.add(callee)
	}
	return r
}

func (r *Record) add(m *store.ContactMethod) {
	if m.UserID != "" && !slices.Contains(r.UserIDs, m.UserID) {
		r.UserIDs = append(r.UserIDs, m.UserID)
	}
	for _, id := range m.Recording.DeliveryMethodIDs {
		if !slices.Contains(r.DeliveryMethodIDs, id) {
			r.DeliveryMethodIDs = append(r.DeliveryMethodIDs, id)
		}
	}
}

func recordingWhy(byCaller, byCallee bool) string {
	switch {
	case byCaller && byCallee:
		return "the caller's line and the called one are both recorded for such calls"
	case byCaller:
		return "the caller's line is recorded for such calls"
	case byCallee:
		return "the called line is recorded for such calls"
	}
	return "neither side is recorded for such calls"
}

// recordingInputs names the flags that were looked at.
func (d *decision) recordingInputs(callee *store.ContactMethod, leaves bool) map[string]string {
	in := make(map[string]string, 2)
	if d.line != nil {
		if d.outwards {
			in["caller.outbound_external"] = yes(d.line.Recording.OutboundExternal)
		} else {
			in["caller.outbound_internal"] = yes(d.line.Recording.OutboundInternal)
		}
	}
	if callee != nil {
		if leaves || d.trunk != nil {
			in["callee.inbound_external"] = yes(callee.Recording.InboundExternal)
		} else {
			in["callee.inbound_internal"] = yes(callee.Recording.InboundInternal)
		}
	}
	return in
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// announce is what the caller's line has played once the other side answers.
func (d *decision) announce() *Announce {
	if d.line == nil {
		return nil
	}
	o := &d.line.Outbound
	id := o.InternalAnnouncementID
	if d.outwards {
		id = o.ExternalAnnouncementID
	}
	if id == "" {
		return nil
	}
	to := o.AnnouncementTo
	if to == "" {
		to = store.AnnounceCallee
	}
	d.say("announcement", false, "announcements are not in effect yet", "audio_file", id, "to", string(to))
	return &Announce{AudioID: id, To: to}
}
