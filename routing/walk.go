package routing

import "iter"

// Next lists the steps that may follow s: of a Ring in the order of
// [Branches.Steps], those after a rejection last.
func Next(s Step) []Step {
	switch s := s.(type) {
	case *Ring:
		next := s.Steps()
		if s.Rejected == nil {
			return next[:]
		}
		rejected := s.Rejected.Steps()
		return append(next[:], rejected[:]...)
	case *Divert:
		return []Step{s.Next}
	}
	return nil
}

// Steps walks the plan depth first and meets every step once, however many
// branches share it. A step that is missing is met as nil: a plan of [Decide]
// has none.
func (p *Plan) Steps() iter.Seq[Step] {
	return func(yield func(Step) bool) {
		met := map[Step]bool{}
		var walk func(Step) bool
		walk = func(s Step) bool {
			if met[s] {
				return true
			}
			met[s] = true
			if !yield(s) {
				return false
			}
			for _, n := range Next(s) {
				if !walk(n) {
					return false
				}
			}
			return true
		}
		walk(p.First)
	}
}

// Targets are all that the plan may ring, whatever the causes on the way, in
// the order of [Plan.Steps].
func (p *Plan) Targets() []Target {
	var all []Target
	for s := range p.Steps() {
		if r, ok := s.(*Ring); ok {
			all = append(all, r.Targets...)
		}
	}
	return all
}

// Status is what the caller is answered if the first target takes the call:
// 200, or the status of a plan that refuses.
func (p *Plan) Status() int {
	s := p.First
	for {
		switch at := s.(type) {
		case *Divert:
			s = at.Next
		case *Refuse:
			return at.Status
		default:
			return 200
		}
	}
}
