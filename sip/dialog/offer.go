package dialog

// Offers is where one dialog stands in the offer/answer exchange (RFC 3264,
// RFC 6337): at most one offer is open at a time, and either side may have
// made it. The zero value is stable.
type Offers struct{ state offerState }

type offerState uint8

const (
	stable offerState = iota
	localOffer
	remoteOffer
)

// Stable says whether no offer is open.
func (o Offers) Stable() bool { return o.state == stable }

// LocalOpen says whether an offer of ours waits for its answer.
func (o Offers) LocalOpen() bool { return o.state == localOffer }

// RemoteOpen says whether we owe the peer an answer.
func (o Offers) RemoteOpen() bool { return o.state == remoteOffer }

// Send opens an offer of ours. It reports false, and changes nothing, while
// another is open.
func (o *Offers) Send() bool {
	if o.state != stable {
		return false
	}
	o.state = localOffer
	return true
}

// Receive opens an offer of the peer's. Where ours is open, both sides offered
// at once: 491, and each tries again after a while of its own (RFC 3261
// §14.2). Where theirs is, 500 with Retry-After (RFC 3311 §5.2).
func (o *Offers) Receive() *Refusal {
	switch o.state {
	case localOffer:
		return &Refusal{Status: 491, Phrase: "Request Pending"}
	case remoteOffer:
		return &Refusal{Status: 500, Phrase: "Offer Pending", RetryAfter: 2}
	}
	o.state = remoteOffer
	return nil
}

// Close ends the open offer: it was answered, refused or abandoned.
func (o *Offers) Close() { o.state = stable }
