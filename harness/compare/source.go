package compare

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
)

// A Source is an input of tables: a file in the Go benchmark format, "-" for
// stdin, or a results folder, whose samples are one.
type Source struct {
	Label string // its ".file"
	File  string
	Side  *Side // of a results folder; nil for a file

	trials []trialAt           // of a results folder, by line
	cells  []map[string]string // of its plan: all keys, the arm too, in lower case
}

// A trialAt is where the lines of one trial begin in samples.txt, from 1.
type trialAt struct{ line, block, cell int }

// Sources finds what arguments name: PATH or, as benchstat has it, LABEL=PATH. One
// path given twice gets two labels. The error names the path.
func Sources(args []string) ([]Source, error) {
	count, seen := map[string]int{}, map[string]int{}
	for _, arg := range args {
		count[arg]++
	}
	var all []Source
	for _, arg := range args {
		s := Source{Label: arg, File: arg}
		if label, path, ok := strings.Cut(arg, "="); ok {
			s = Source{Label: label, File: path}
		} else if count[arg] > 1 {
			s.Label = fmt.Sprintf("%s#%d", arg, seen[arg])
			seen[arg]++
		}
		if info, err := os.Stat(s.File); err == nil && info.IsDir() {
			if err := s.folder(s.File); err != nil {
				return nil, err
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// Path is the source as benchfmt.Files takes it.
func (s Source) Path() string { return s.Label + "=" + s.File }

// folder reads the facts of a run, and which lines are whose.
func (s *Source) folder(dir string) error {
	side, err := Read(dir)
	if err != nil {
		return err
	}
	s.Side, s.File = &side, filepath.Join(dir, results.SamplesFile)
	run, err := results.Read(dir)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(s.File)
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	// An attempt that was adopted when its block ended stands after later ones.
	slices.SortFunc(run.Attempts, func(a, b sample.Sample) int { return cmp.Compare(a.Offset, b.Offset) })
	line, from := 1, int64(0)
	for _, x := range run.Attempts {
		if x.File == results.SamplesFile && x.Length > 0 {
			line += bytes.Count(text[from:x.Offset], []byte{'\n'})
			from = x.Offset
			s.trials = append(s.trials, trialAt{line, x.Block, x.Cell})
		}
	}
	for _, c := range run.Plan.Cells {
		levels := map[string]string{plan.ArmKey: c.Arm}
		for key, l := range c.Levels {
			levels[strings.ToLower(key)] = l
		}
		s.cells = append(s.cells, levels)
	}
	return nil
}

// Trials tells the trial of a line of the source's file, for columns that are
// told apart by some keys; nil for a file, which does not say.
func (s Source) Trials(columns []string) func(line int) (Trial, bool) {
	if s.Side == nil {
		return nil
	}
	rest := make([]string, len(s.cells))
	for i, levels := range s.cells {
		left := maps.Clone(levels)
		for _, key := range columns {
			delete(left, key)
		}
		rest[i] = fmt.Sprint(left) // maps are printed in the order of keys
	}
	return func(line int) (Trial, bool) {
		i := sort.Search(len(s.trials), func(i int) bool { return s.trials[i].line > line }) - 1
		if i < 0 {
			return Trial{}, false
		}
		return Trial{Block: s.trials[i].block, Rest: rest[s.trials[i].cell]}, true
	}
}
