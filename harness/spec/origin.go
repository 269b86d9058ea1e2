package spec

// An origin is what errors need to point into the files that an experiment came
// from. It stays out of JSON: an experiment read from a plan has none, and its
// errors have no place.
type origin struct {
	name  Scalar              // the name as it stands in the file
	lines map[string][]string // of each file read
	at    map[string]Pos      // "design.blocks" -> where its value stands

	unread Errors // what of the file could not be read; nil where all of it could
}

// place is where the first of some values stands that is in the file.
func (o *origin) place(paths ...string) Pos {
	if o == nil {
		return Pos{}
	}
	for _, p := range paths {
		if at, ok := o.at[p]; ok {
			return at
		}
	}
	return Pos{}
}

// problems starts a new list that can quote from the experiment's files.
func (e Experiment) problems() problems {
	if e.origin == nil {
		return problems{}
	}
	return problems{lines: e.origin.lines}
}
