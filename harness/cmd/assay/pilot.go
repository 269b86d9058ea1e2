package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
)

// A pilot is an earlier run of an experiment, whatever its blocks and claims
// were: it tells how long trials take and how much blocks differ.
type pilot struct {
	dir string
	old *prepared
	run results.Run
	why string // why there is none; empty where there is
}

// pilotOf is the folder named, or the latest run of the experiment. Where another
// workload or other fixed levels were run, its times and spread say nothing of
// this one: that is an error for a folder that was named.
func (l *lab) pilotOf(p *prepared, named string) (pilot, error) {
	dir := named
	if dir == "" {
		root, err := l.resultsRoot(runFlags{})
		if err == nil {
			dir, err = results.Latest(root, p.plan.Spec.Name)
		}
		if err != nil {
			return pilot{why: "no earlier run of " + p.plan.Spec.Name}, nil
		}
	} else if err := l.isFolder(dir); err != nil {
		return pilot{}, err
	}
	x, err := readPilot(dir)
	if err == nil {
		if other := changed(x.old, p); other != "" {
			err = fmt.Errorf("%s had %s", dir, other)
		}
	}
	switch {
	case err == nil:
		return x, nil
	case named != "":
		return pilot{}, usagef("--pilot: %w", err)
	}
	return pilot{why: err.Error()}, nil
}

func readPilot(dir string) (pilot, error) {
	r, err := results.Read(dir)
	if err != nil {
		return pilot{}, err
	}
	old, err := recorded(dir, r)
	return pilot{dir: dir, old: old, run: r}, err
}

// changed is what an earlier run held otherwise: "param.live-heap=64MiB".
func changed(old, now *prepared) string {
	if a, b := old.plan.Spec.Workload.Name(), now.plan.Spec.Workload.Name(); a != b {
		return "the workload " + a
	}
	if a, b := environments(old), environments(now); a != b {
		return "the environment " + a
	}
	var parts []string
	for _, key := range sortedKeys(now.plan.Fixed) {
		if was, ok := old.plan.Fixed[key]; ok && was != now.plan.Fixed[key] {
			parts = append(parts, key+"="+was)
		}
	}
	return strings.Join(parts, ", ")
}

// environments names where a run ran, or would: "host", "vm-6.1-amd64".
func environments(p *prepared) string { return strings.Join(slices.Sorted(maps.Keys(p.hosts)), ", ") }

// slot is the time that a trial takes of a block, its retries and all that the
// harness does around it included: the median over blocks; 0 where there is none.
func (x pilot) slot() time.Duration {
	var slots []time.Duration
	made := slices.DeleteFunc(slices.Clone(x.run.Attempts), func(s sample.Sample) bool { return s.Outcome == sample.GivenUp })
	all := slices.SortedFunc(slices.Values(made), func(a, b sample.Sample) int { return a.Start.Compare(b.Start) })
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].Block == all[from].Block && all[to].Session == all[from].Session {
			to++
		}
		if all[from].Block >= 0 {
			slots = append(slots, span(all[from:to], all[to:])/time.Duration(trialsOf(all[from:to])))
		}
		from = to
	}
	if len(slots) == 0 {
		return 0
	}
	slices.Sort(slots)
	return slots[len(slots)/2]
}

// trialsOf counts trials, however often each was tried.
func trialsOf(attempts []sample.Sample) int {
	seen := map[int]bool{}
	for _, s := range attempts {
		seen[s.N] = true
	}
	return len(seen)
}

// span is how long a block took: until the next one of its session began, or else
// until its last trial ended.
func span(block, after []sample.Sample) time.Duration {
	last := block[len(block)-1]
	if len(after) > 0 && after[0].Session == last.Session {
		return after[0].Start.Sub(block[0].Start)
	}
	return last.Start.Add(time.Duration(last.Wall)).Sub(block[0].Start)
}

// blocksIn is how many blocks of so many trials a budget holds, the plan's at most.
func blocksIn(p plan.Plan, budget, trial time.Duration, trials int) int {
	if trial <= 0 || trials <= 0 {
		return 0
	}
	return min(len(p.Blocks), int(budget/(trial*time.Duration(trials))))
}
