package stat

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
)

// Residue says what varied without being asked for: a level that was not the
// same in all trials of a cell, its environment, the window, a block over two
// sessions. Sorted by what varied. Between cells levels may follow from what
// was asked, as GOMAXPROCS does from a quota.
func Residue(p plan.Plan, samples []sample.Sample) []string {
	seen := map[string]map[string]map[string]int{} // key -> cell -> level seen -> trials
	note := func(key, cell, was string) {
		if seen[key] == nil {
			seen[key] = map[string]map[string]int{}
		}
		if seen[key][cell] == nil {
			seen[key][cell] = map[string]int{}
		}
		seen[key][cell][was]++
	}
	keys := effectiveKeys(samples)
	for _, s := range samples {
		if s.Block < 0 || !s.Counts() {
			continue
		}
		for _, key := range keys {
			was, ok := s.Effective[key]
			if !ok {
				was = p.Level(p.Cells[s.Cell], key) // written down only where it differs
			}
			note(key, p.Name(p.Cells[s.Cell]), was)
		}
		note("environment", p.Name(p.Cells[s.Cell]), s.Env) // guests go with the kernel of a cell
		note("window", "", string(s.Window))
		note("emulated", "", strconv.FormatBool(s.Emulated))
	}
	var w []string
	for _, key := range slices.Sorted(maps.Keys(seen)) {
		for _, cell := range slices.Sorted(maps.Keys(seen[key])) {
			if text := varied(key, cell, seen[key][cell]); text != "" {
				w = append(w, text)
			}
		}
	}
	return append(w, splits(samples)...)
}

// varied is the warning on one key in one cell, empty where it held still. The
// cell is empty for what the whole run shares.
func varied(key, cell string, was map[string]int) string {
	if len(was) < 2 {
		return ""
	}
	var parts []string
	for _, level := range slices.Sorted(maps.Keys(was)) {
		name := level
		if name == "" {
			name = "not recorded"
		}
		parts = append(parts, name+" in "+prose.Plural(was[level], "trial"))
	}
	where := key
	if cell != "" {
		where += " in " + cell
	}
	return fmt.Sprintf("%s varied without being asked for: %s (hold it fixed under knobs: or isolation:, or make it a factor)", where, prose.List(parts))
}

func effectiveKeys(samples []sample.Sample) []string {
	all := map[string]bool{}
	for _, s := range samples {
		for key := range s.Effective {
			all[key] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// splits names the blocks whose trials ran in two sessions: between them the
// machine may have changed.
func splits(samples []sample.Sample) []string {
	first := map[int]int{}
	split := map[int]bool{}
	for _, s := range samples {
		if s.Block < 0 {
			continue
		}
		if at, ok := first[s.Block]; !ok {
			first[s.Block] = s.Session
		} else if at != s.Session {
			split[s.Block] = true
		}
	}
	if len(split) == 0 {
		return nil
	}
	var names []string
	for _, b := range slices.Sorted(maps.Keys(split)) {
		names = append(names, strconv.Itoa(b+1)) // for people, from 1
	}
	return []string{fmt.Sprintf("block %s ran over two sessions: the machine may have changed between its trials (a run made in one go has no such block)", prose.List(names))}
}
