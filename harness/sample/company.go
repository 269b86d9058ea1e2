package sample

// unitCompany counts what one trial of a duet has against itself for the other's sake.
const unitCompany = "company-doubts"

// InCompany holds the samples of a step together. What voids one voids all, as the
// machine is one; and those that went well beside one that did not are tainted:
// what befell that one was here too.
func InCompany(step []Sample) {
	for _, s := range step {
		for i := range step {
			switch {
			case s.Outcome == Void && step[i].Outcome != Void:
				step[i].Outcome, step[i].Error = Void, s.Error
			case !s.Clean() && step[i].Clean():
				step[i].StandBack()
			}
		}
	}
}

// StandBack taints a sample for the sake of another.
func (s *Sample) StandBack() {
	if s.Counters == nil {
		s.Counters = map[string]float64{}
	}
	s.Counters[unitCompany]++
	s.Taints = Taints(s.Counters, nil)
}
