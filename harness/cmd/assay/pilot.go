package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/results"
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
		l.warn(dir, x.run.Damage())
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
