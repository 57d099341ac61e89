package store

// actionRecord is the feature code with which a user begins and ends a recording.
const actionRecord = "record_toggle"

// recordsOnDemand says whether there is a code with which users record.
func (s *Snapshot) recordsOnDemand() bool {
	for _, f := range s.FeatureCodes.All() {
		if f.Action == actionRecord {
			return true
		}
	}
	return false
}

// onDemand refuses recording on demand to a line while there is no code for it: whoever
// has been told that it is on would find nothing recorded.
func (c *checker) onDemand(m *ContactMethod) {
	old, had := c.edit.ContactMethods.base.Get(m.ID)
	if m.Recording.OnDemand && (!had || !old.Recording.OnDemand) && !c.s.recordsOnDemand() {
		c.bad("recording.on_demand", "needs a feature code with the action %s, and there is none", actionRecord)
	}
}

// checkOnDemand keeps the last such code while lines count on it.
func (e *Edit) checkOnDemand(next *Snapshot) error {
	for _, id := range e.FeatureCodes.ids() {
		old, had := e.FeatureCodes.base.Get(id)
		if !had || old.Action != actionRecord || next.recordsOnDemand() {
			continue
		}
		var lines []string
		for line, m := range next.ContactMethods.All() {
			if m.Recording.OnDemand {
				lines = append(lines, inContactMethods+"/"+line+".recording.on_demand")
			}
		}
		if len(lines) > 0 {
			return conflicting(inFeatureCodes+"/"+id, "", Say("is the only code with the action %s, and lines record on demand", actionRecord), lines...)
		}
	}
	return nil
}
