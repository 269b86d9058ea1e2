package journal

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/prose"
)

// An Outcome is how one entry ended.
type Outcome string

const (
	Restored    Outcome = "restored"           // the original was written and read back; the created thing was removed
	Original    Outcome = "already original"   // nothing had to be done
	Nothing     Outcome = "nothing to undo"    // an act
	Vanished    Outcome = "vanished"           // the file is no longer there; closed
	OtherBoot   Outcome = "gone with the boot" // kernel state of another boot; closed
	ForeignLeft Outcome = "foreign value left" // someone's value stands; the entry is kept
	Accepted    Outcome = "foreign value kept" // the same, closed because it was asked for
	Failed      Outcome = "failed"             // the entry is kept
)

// kept says whether the entry stays in the journal.
func (o Outcome) kept() bool { return o == ForeignLeft || o == Failed }

// A Report says what became of each entry, in the order of undoing.
type Report struct {
	Lines []Line `json:"entries,omitempty"`
}

// A Line is one entry's end. Values are as they would be written, selectors bare.
type Line struct {
	ID       int     `json:"id"`
	Run      string  `json:"run,omitempty"`
	Kind     Kind    `json:"kind"`
	What     string  `json:"what,omitempty"` // of created things
	Target   string  `json:"target"`
	Outcome  Outcome `json:"outcome"`
	Original string  `json:"original,omitempty"` // what the file said before the run
	Found    string  `json:"found,omitempty"`    // what it said when the restore came to it
	Left     string  `json:"left,omitempty"`     // what it says now, if that is someone else's value
	Error    string  `json:"error,omitempty"`
}

// OK says whether the machine is as it was: nothing failed and nothing foreign was left.
func (r Report) OK() bool {
	return !slices.ContainsFunc(r.Lines, func(l Line) bool { return l.Outcome.kept() })
}

// Failed says whether an entry failed, which another try may mend.
func (r Report) Failed() bool {
	return slices.ContainsFunc(r.Lines, func(l Line) bool { return l.Outcome == Failed })
}

// Settings says what became of the settings that a run noted, in one sentence: "2
// settings, all back to what they were". It is empty where none was.
func (r Report) Settings() string {
	all, kept := 0, 0
	for _, l := range r.Lines {
		if l.Kind == KindWrite || l.Kind == KindGroup {
			all++
			if l.Outcome.kept() {
				kept++
			}
		}
	}
	switch {
	case all == 0:
		return ""
	case kept > 0:
		return fmt.Sprintf("%d of %s not back to what they were", kept, prose.Plural(all, "setting"))
	}
	return prose.Plural(all, "setting") + ", all back to what they were"
}

// mended says whether anything was put back, for which what failed may have waited.
func (r Report) mended() bool {
	return slices.ContainsFunc(r.Lines, func(l Line) bool { return l.Outcome == Restored })
}

// String gives one line an entry.
func (r Report) String() string {
	var b strings.Builder
	for _, l := range r.Lines {
		fmt.Fprintln(&b, l)
	}
	return b.String()
}

// String is the line for people, without newline.
func (l Line) String() string {
	name := strings.TrimSpace(l.What + " " + l.Target)
	switch l.Outcome {
	case Restored:
		if l.Kind == KindCreated {
			return name + ": removed"
		}
		return fmt.Sprintf("%s: restored %q, was %q", name, l.Original, l.Found)
	case Original:
		if l.Kind == KindCreated {
			return name + ": gone already"
		}
		return fmt.Sprintf("%s: already original, %q", name, l.Original)
	case ForeignLeft:
		return fmt.Sprintf("%s: left at %q, which this run did not write; the original is %q"+
			" (assay restore --force writes it)", name, l.Left, l.Original)
	case Accepted:
		return fmt.Sprintf("%s: kept at %q, the original was %q", name, l.Left, l.Original)
	case Failed:
		return fmt.Sprintf("%s: not restored: %s", name, l.Error)
	}
	return fmt.Sprintf("%s: %s", name, l.Outcome)
}

func (l Line) failed(err error) Line {
	l.Outcome, l.Error = Failed, err.Error()
	return l
}
