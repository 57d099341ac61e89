package sdp

func Parse(body []byte) (*Description, error)                               { return &Description{}, nil }
func (d Direction) Reverse() Direction                                      { return d }
func (d *Description) Relay(o Origin, ports []int, opt RelayOptions) []byte { return nil }
func (d *Description) Servable() error                                      { return nil }
func (d *Description) Audio() int                                           { return -1 }
func (d *Description) Unchanged(older *Description) bool                    { return false }
func Offer(o Origin, port int, formats []Format, dir Direction) []byte      { return nil }
func DefaultFormats() []Format                                              { return nil }
func CheckAnswer(offer, answer *Description) error                          { return nil }
func CheckVersion(older, newer *Description) error                          { return nil }
func Answer(offer *Description, o Origin, ports []int, can []string, dir Direction) ([]byte, *Description, error) {
	return nil, nil, nil
}
