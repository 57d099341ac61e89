package routing

import (
	"time"

	"strowger/store"
)

// An Explanation says why and where a call would go.
type Explanation struct {
	Status   int              `json:"status"`
	Targets  []Explained      `json:"targets"`
	Trace    []store.Decision `json:"trace"`
	Sentence string           `json:"sentence"`
}

type Explained struct{}

func Explain(s *store.Snapshot, from, to string, at time.Time) (Explanation, error) {
	return Explanation{}, nil
}
