package store

import "math"

// The numbers below are in the files of every release: append, never re-use. The
// organization is in the key.

func (b *Binding) fields(c *codec) {
	c.str(1, &b.AOR)
	c.str(2, &b.ContactMethodID)
	c.str(3, &b.UserID)
	c.str(4, &b.DeviceID)
	c.str(5, &b.Contact)
	c.str(6, &b.Params)
	c.str(7, &b.Target)
	c.str(8, &b.Transport)
	c.str(9, &b.Local)
	c.uint(10, &b.FlowID)
	c.strs(11, &b.Path)
	c.str(12, &b.InstanceID)
	c.int(13, &b.RegID)
	c.int(14, &b.Q)
	c.str(15, &b.UserAgent)
	c.str(16, &b.CallID)
	cseq := uint64(b.CSeq)
	c.uint(17, &cseq)
	b.CSeq = uint32(cseq)
	c.str(18, &b.GRUU)
	c.time(19, &b.ExpiresAt)
	c.time(20, &b.UpdatedAt)
}

func (o *Outcome) fields(c *codec) {
	text(c, 1, &o.Result)
	c.int(2, &o.Code)
	c.str(3, &o.Reason)
	c.str(4, &o.HungUpBy)
}

func (q *Quality) fields(c *codec) {
	c.float(1, &q.MOS)
	c.float(2, &q.Loss)
	c.float(3, &q.JitterMS)
	c.uint(4, &q.Packets)
	c.int64(5, &q.LastMS)
	c.float(6, &q.RoundTrip)
}

func (l *CallLeg) fields(c *codec) {
	c.str(1, &l.ID)
	c.str(2, &l.Side)
	c.str(3, &l.UserID)
	c.str(4, &l.ContactMethodID)
	c.str(5, &l.TrunkID)
	c.str(6, &l.Peer)
	c.str(7, &l.Target)
	c.str(8, &l.State)
	c.str(9, &l.Codec)
	c.int(10, &l.Code)
	c.str(11, &l.SIPCallID)
	c.time(12, &l.StartedAt)
	c.time(13, &l.AnsweredAt)
	c.time(14, &l.EndedAt)
	opt(c, 15, &l.Quality, (*Quality).fields)
}

func (call *Call) fields(c *codec) {
	c.str(1, &call.ID)
	text(c, 2, &call.Direction)
	c.str(3, &call.State)
	c.str(4, &call.From)
	c.str(5, &call.FromName)
	c.str(6, &call.To)
	c.strs(7, &call.UserIDs)
	list(c, 8, &call.Legs, (*CallLeg).fields)
	c.time(9, &call.StartedAt)
	c.time(10, &call.AnsweredAt)
	c.time(11, &call.EndedAt)
	c.sub(12, call.Outcome.fields)
	c.strs(13, &call.RecordingIDs)
	c.uint(14, &call.Revision)
	c.bool(15, &call.Withheld)
	c.str(16, &call.CallerUserID)
}

func (f *Fetch) fields(c *codec) {
	c.time(1, &f.At)
	c.str(2, &f.File)
	c.str(3, &f.Address)
	c.str(4, &f.UserAgent)
}

func (d *Decision) fields(c *codec) {
	c.str(1, &d.Rule)
	c.bool(2, &d.Taken)
	c.str(3, &d.Why)
	c.pairs(4, &d.Inputs)
}

func (s *LadderStep) fields(c *codec) {
	c.time(1, &s.At)
	c.str(2, &s.From)
	c.str(3, &s.To)
	c.str(4, &s.Summary)
	c.str(5, &s.Message)
}

// A savedTrace is a trace without its ladder, which is kept for a shorter time
// under a key that begins with LadderAt.
type savedTrace struct {
	sentence  string
	decisions []Decision
	ladderAt  uint64 // nanoseconds, 0: there was none
	quality   []LegQuality
}

func (t *savedTrace) fields(c *codec) {
	c.str(1, &t.sentence)
	list(c, 2, &t.decisions, (*Decision).fields)
	c.uint(3, &t.ladderAt)
	list(c, 4, &t.quality, (*LegQuality).fields)
}

func (q *LegQuality) fields(c *codec) {
	c.str(1, &q.LegID)
	list(c, 2, &q.Samples, (*QualitySample).fields)
}

// fields keeps what a drawing can show: loss and jitter in ten-thousandths and
// hundredths of a millisecond, and the MOS in hundredths.
func (q *QualitySample) fields(c *codec) {
	c.int64(1, &q.AtMS)
	scaled(c, 2, &q.Loss, 1e4)
	scaled(c, 3, &q.JitterMS, 1e2)
	scaled(c, 4, &q.MOS, 1e2)
}

func scaled(c *codec, num uint64, p *float64, by float64) {
	n := int64(math.Round(*p * by))
	c.int64(num, &n)
	*p = float64(n) / by
}

func (d *Delivery) fields(c *codec) {
	c.str(1, &d.DeliveryMethodID)
	text(c, 2, &d.State)
	c.int(3, &d.Tries)
	c.time(4, &d.At)
	c.str(5, &d.Error)
	c.str(6, &d.SHA256)
	c.str(7, &d.Where)
}

func (j *Job) fields(c *codec) {
	c.str(1, &j.ID)
	text(c, 2, &j.Kind)
	c.str(3, &j.What)
	c.str(4, &j.DeliveryMethodID)
	text(c, 5, &j.State)
	c.int(6, &j.Attempts)
	c.time(7, &j.CreatedAt)
	c.time(8, &j.Since)
	c.time(9, &j.NextTry)
	c.time(10, &j.EndedAt)
	c.str(11, &j.LastError)
	c.str(12, &j.Where)
	c.blob(13, &j.Sealed)
}

func (r *CallRecording) fields(c *codec) {
	c.str(1, &r.ID)
	c.str(2, &r.CallID)
	c.strs(3, &r.UserIDs)
	text(c, 4, &r.Direction)
	c.str(5, &r.From)
	c.str(6, &r.To)
	c.time(7, &r.CreatedAt)
	c.int64(8, &r.DurationMS)
	c.str(9, &r.Format)
	c.str(10, &r.SHA256)
	c.int64(11, &r.Bytes)
	text(c, 12, &r.State)
	c.str(13, &r.Error)
	c.bool(14, &r.Interrupted)
	list(c, 15, &r.Deliveries, (*Delivery).fields)
	c.str(16, &r.Spool)
	c.str(17, &r.File)
	c.bool(18, &r.Withheld)
	c.str(19, &r.CallerUserID)
}

func (v *Voicemail) fields(c *codec) {
	c.str(1, &v.ID)
	c.str(2, &v.CallID)
	c.str(3, &v.UserID)
	c.str(4, &v.ContactMethodID)
	text(c, 5, &v.Direction)
	c.str(6, &v.From)
	c.str(7, &v.FromName)
	c.str(8, &v.To)
	c.time(9, &v.CreatedAt)
	c.int64(10, &v.DurationMS)
	c.str(11, &v.Format)
	c.str(12, &v.SHA256)
	c.int64(13, &v.Bytes)
	text(c, 14, &v.State)
	c.str(15, &v.Error)
	c.bool(16, &v.Interrupted)
	c.bool(17, &v.Read)
	list(c, 18, &v.Deliveries, (*Delivery).fields)
	c.str(19, &v.Spool)
	c.str(20, &v.File)
}

func (s *Session) fields(c *codec) {
	c.str(1, &s.ID)
	c.str(2, &s.UserID)
	c.str(3, &s.Hash)
	c.time(4, &s.CreatedAt)
	c.time(5, &s.SeenAt)
	c.str(6, &s.Source)
	c.str(7, &s.UserAgent)
	c.str(8, &s.standing)
	text(c, 9, &s.By)
}
