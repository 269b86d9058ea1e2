package results

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// A Run is a folder as read: it needs nothing of the machine.
type Run struct {
	Dir      string
	Plan     plan.Plan
	Attempts []sample.Sample // those that stand, in order of commitment, warm-ups included, Lines filled; Counters stay in the file
	Sessions []Session

	looked []string // what the last attempt without Counters could have shown

	torn  string           // where the record is cut, empty where it is whole
	whole map[string]int64 // file -> size up to which it is complete
	at    map[[2]int]int   // trial and attempt -> index of Attempts
	bare  int              // how many of Attempts are without Counters
}

// Read reads a folder. What stands beyond the last complete pair is passed
// over; a folder whose plan and trials do not belong together is refused.
func Read(dir string) (Run, error) {
	r, err := read(dir)
	r.strip()
	return r, err
}

func read(dir string) (Run, error) {
	r := Run{Dir: dir, at: map[[2]int]int{}}
	encoded, err := os.ReadFile(filepath.Join(dir, PlanFile))
	if err != nil {
		return r, fmt.Errorf("results: %w (is this a run's folder?)", err)
	}
	if r.Plan, err = plan.Decode(encoded); err != nil {
		return r, fmt.Errorf("results: %s: %w", dir, err)
	}
	if err := r.attempts(plan.Sum(encoded)); err != nil {
		return r, fmt.Errorf("results: %s: %w", filepath.Join(dir, TrialsFile), err)
	}
	r.Sessions, err = readSessions(dir)
	return r, err
}

// attempts reads trials.jsonl up to the first line that is not complete.
func (r *Run) attempts(planSum string) error {
	trials, err := os.Open(filepath.Join(r.Dir, TrialsFile))
	if err != nil {
		return err
	}
	defer trials.Close()
	t, err := openTexts(r.Dir)
	if err != nil {
		return err
	}
	defer t.close()
	lines := bufio.NewReaderSize(trials, 64<<10)
	first, err := lines.ReadBytes('\n')
	if err != nil && err != io.EOF {
		return err
	}
	var h head
	if err == io.EOF || json.Unmarshal(first, &h) != nil {
		return errors.New("line 1: not the head of a commit record")
	}
	if h.Version != formatVersion {
		return fmt.Errorf("line 1: layout version %d, this assay reads %d", h.Version, formatVersion)
	}
	if h.Plan != planSum {
		return fmt.Errorf("line 1: made for plan %.12s, the plan here is %.12s (plan.json was changed)", h.Plan, planSum)
	}
	r.whole = map[string]int64{
		TrialsFile:   int64(len(first)),
		SamplesFile:  h.Header,
		RejectedFile: 0,
	}
	return r.pairs(lines, t)
}

// pairs takes lines while line and text belong together. The first that does
// not is where a crash cut; a whole line after it means that it was no crash.
func (r *Run) pairs(lines *bufio.Reader, t *texts) error {
	for n := 2; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			if len(line) > 0 {
				r.torn = fmt.Sprintf("%s is cut in line %d: nothing after it is here", TrialsFile, n)
			}
			return nil
		}
		if err != nil {
			return err
		}
		s, err := t.pair(line, r.Plan)
		if err != nil {
			if _, end := lines.Peek(1); end == nil {
				return fmt.Errorf("line %d: %w (the folder was changed after the run; assay verify lists what differs)", n, err)
			}
			r.torn = fmt.Sprintf("the last line of %s is not whole: line %d: %v", TrialsFile, n, err)
			return nil
		}
		r.keep(s)
		r.whole[TrialsFile] += int64(len(line))
		r.whole[s.File] = s.Offset + s.Length
	}
}

// keep adds an attempt, or puts it in the place of its earlier line.
func (r *Run) keep(s sample.Sample) {
	id := [2]int{s.N, s.Attempt}
	if i, known := r.at[id]; known {
		r.Attempts[i] = s
		r.bare = min(r.bare, i)
		return
	}
	if n := len(r.Attempts); n > 0 && r.Attempts[n-1].Block != s.Block {
		r.strip()
	}
	r.at[id] = len(r.Attempts)
	r.Attempts = append(r.Attempts, s)
}

// strip drops counters, but for which taints they could have shown: nothing that reads
// a folder judges by them, and of thousands of attempts they are most of the memory.
// Only what is committed again needs them, which is attempts of the last block, see
// [Folder.Adopt].
func (r *Run) strip() {
	for ; r.bare < len(r.Attempts); r.bare++ {
		s := &r.Attempts[r.bare]
		if s.Counters == nil {
			continue // dropped before, or there were none
		}
		if s.Looked = sample.Looked(s.Counters); slices.Equal(s.Looked, r.looked) {
			s.Looked = r.looked // most have the same: one in memory
		}
		s.Counters, r.looked = nil, s.Looked
	}
}
