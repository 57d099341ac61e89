package routing

import "strowger/store"

func Decide(s *store.Snapshot, f Facts) Plan { return Plan{First: &Refuse{Status: 404}} }
