package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/plan"
)

// elsewhere says where the run was at another scale than the claim's source.
func (in Input) elsewhere(x part) []string {
	var remarks []string
	for _, at := range x.claim.Source.At {
		key, theirs := at.Key.Text, at.Level.Text
		ours := in.tried(x, key)
		name := strings.TrimPrefix(key, "param.")
		if key == "go" { // "go 1.26.8", not "go go1.26.8"
			theirs = strings.TrimPrefix(theirs, key)
			for i := range ours {
				ours[i] = strings.TrimPrefix(ours[i], key)
			}
		}
		switch {
		case len(ours) == 0:
			remarks = append(remarks, fmt.Sprintf("the source's %s was %s; it is not known here", name, theirs))
		case !slices.ContainsFunc(ours, func(our string) bool { return alike(our, theirs) }):
			remarks = append(remarks, fmt.Sprintf("tried with %s %s; the source's was %s", name, strings.Join(ours, " and "), theirs))
		case len(ours) > 1:
			remarks = append(remarks, fmt.Sprintf("tried with %s %s together; the source's was %s", name, strings.Join(ours, " and "), theirs))
		}
	}
	return remarks
}

// tried are the levels of a key in the cells of a part, or the fact of that name.
func (in Input) tried(x part, key string) []string {
	var all []string
	for _, c := range in.Plan.Cells {
		if c.Arm != plan.ArmMain || !matches(in.Plan, c, x.fix) || !in.asked(x, c) {
			continue
		}
		if l := in.Plan.Level(c, key); l != "" && !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	if fact := in.Facts[key]; len(all) == 0 && fact != "" {
		all = append(all, fact)
	}
	return all
}

// asked says whether a cell is on one of the sides of a comparison.
func (in Input) asked(x part, c plan.Cell) bool {
	if matches(in.Plan, c, x.claim.Compare.Of.Levels()) {
		return true
	}
	for _, s := range x.claim.Compare.To {
		if matches(in.Plan, c, s.Levels()) {
			return true
		}
	}
	return false
}

// alike compares a level or version with the source's, which may name only its
// beginning: "1.22" is alike go1.22.5.
func alike(our, theirs string) bool {
	our, theirs = strings.TrimPrefix(our, "go"), strings.TrimPrefix(theirs, "go")
	rest, begins := strings.CutPrefix(our, theirs)
	return begins && (rest == "" || strings.ContainsAny(rest[:1], ".-"))
}
