package sample

// Bounds on how often one trial is tried again.
const (
	MaxRepeats = 2 // of a tainted trial
	MaxRetries = 2 // of a failed one
	MaxVoids   = 8 // of one under which a knob was changed; then somebody is at the machine
)

// MaxFailures is how many attempts of a cell may fail in a row before it is given up:
// all those of three blocks. What works every other time gets there once in 512 times
// (0.5^9), what can't work always does; and three failed trials are more than a tenth
// of those of 29 blocks, after which timings of the cell decide nothing any more.
const MaxFailures = 3 * (1 + MaxRetries)

// Clean says whether an attempt can stand in the main analysis without a doubt.
func (s Sample) Clean() bool { return s.Outcome == OK && len(s.Taints) == 0 }

// Counts says whether an attempt measured something at all: it went well, tainted or not.
func (s Sample) Counts() bool { return s.Outcome == OK }

// Failed says whether the workload was started, and measured nothing for a reason of
// its own or of the harness.
func (s Sample) Failed() bool {
	return !s.Counts() && s.Outcome != Void && s.Outcome != Gone && s.Outcome != GivenUp
}

// MainFile is where the text of attempts stands that the main analysis takes.
const MainFile = "samples.txt"

// Adopted says whether an attempt stands in the main analysis though it is not clean:
// its block ended without a better one.
func (s Sample) Adopted() bool { return s.Counts() && !s.Clean() && s.File == MainFile }

// Again says whether a trial is to be tried once more after these attempts, in order.
func Again(attempts []Sample) bool {
	var tainted, failed, void int
	for _, a := range attempts {
		switch {
		case a.Clean(), a.Adopted():
			return false
		case a.Outcome == Void:
			void++
		case a.Counts():
			tainted++
		default:
			failed++
		}
	}
	switch last := attempts[len(attempts)-1]; {
	case last.Outcome == Gone:
		return false // whether it is back, the next trial of the cell finds out
	case last.Outcome == GivenUp:
		return false
	case last.Outcome == Void:
		return void <= MaxVoids
	case last.Counts():
		return tainted <= MaxRepeats
	default:
		return failed <= MaxRetries
	}
}

// Chosen is the attempt that the main analysis takes: the first clean one, the
// first that counts if none is clean. ok is false where nothing was measured.
func Chosen(attempts []Sample) (s Sample, ok bool) {
	for _, a := range attempts {
		if a.Clean() {
			return a, true
		}
	}
	return First(attempts)
}

// First is the first attempt that counts, tainted or not: what the sensitivity line takes.
func First(attempts []Sample) (s Sample, ok bool) {
	for _, a := range attempts {
		if a.Counts() {
			return a, true
		}
	}
	return Sample{}, false
}
