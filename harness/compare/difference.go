package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Difference is a fact in which the sides differ. It may be what is asked
// about, as two kernels are, or what spoils the answer: the reader decides.
type Difference struct {
	What  string `json:"what"`
	A     string `json:"a"`
	B     string `json:"b"`
	Means string `json:"means"` // what it does to the comparison
}

// kinds are the facts that have a meaning of their own, the gravest first.
var kinds = []struct{ key, what, means string }{
	{"emulated", "emulation", "times of an emulated CPU say nothing of a real one: look at counts only"},
	{"window", "window", "a window that was measured is never compared with a whole process"},
	{"workload", "workload", "two programs: equal names of benchmarks need not mean equal work"},
	{"experiment", "experiment", "two experiments: see that params and settings are alike"},
	{"source", "workload source", "other code was measured: an effect may be the workload's own"},
	{"spec-sha256", "spec-sha256", "the experiment file is not the same: design, params or claims changed"},
	{"assay", "harness version", "the harness itself may account for a difference"},
	{"plan", "plan layout", "orders of trials were drawn by another algorithm"},
	{"analysis", "analysis version", "verdicts of the two runs came from different rules; the rows here come from one"},
	{"machine", "machine", "two machines: an effect is of all that differs between them"},
	{"arch", "architecture", "two architectures: the compiled code differs"},
	{"os", "operating system", "an effect is of all that differs between the systems"},
	{"cpu", "CPU", "two kinds of processor"},
	{"cpus", "online CPUs", "the load on each CPU differs, and with it GOMAXPROCS where nothing sets it"},
	{"memory", "memory", "page cache and reclaim may differ"},
	{"virtual", "hypervisor", "what a hypervisor takes is part of the times"},
	{"kernel", "kernel", "two kernels"},
	{"cmdline", "kernel command line", "the kernel was started with other parameters"},
	{"clocksource", "clock source", "reading the clock costs differently"},
	{"cgroup", "cgroup mode", "limits and counters work differently"},
	{"go", "Go", "compiler, runtime and standard library differ"},
}

// differences names every fact in which two sides differ, and those that only
// one of them states.
func differences(a, b Side) (ds []Difference, unknown []string) {
	seen := map[string]bool{}
	look := func(key, what, means string) {
		seen[key] = true
		va, inA := a.Facts[key]
		vb, inB := b.Facts[key]
		switch {
		case inA && inB && va != vb:
			ds = append(ds, Difference{What: what, A: va, B: vb, Means: means})
		case inA && !inB:
			unknown = append(unknown, what+" (only A says: "+va+")")
		case inB && !inA:
			unknown = append(unknown, what+" (only B says: "+vb+")")
		}
	}
	for _, k := range kinds {
		if d, ok := designs(a, b); ok && k.key == "spec-sha256" {
			ds, seen[k.key] = append(ds, d), true
			continue
		}
		look(k.key, k.what, k.means)
	}
	rest := maps.Clone(a.Facts)
	if rest == nil {
		rest = map[string]string{}
	}
	maps.Copy(rest, b.Facts)
	for _, key := range slices.Sorted(maps.Keys(rest)) {
		if seen[key] || a.Kind != b.Kind && (a.Facts[key] == "" || b.Facts[key] == "") {
			continue // a folder knows every setting, a file none: that is said once, by the kinds above
		}
		if what, ok := strings.CutPrefix(key, "setting "); ok {
			look(key, "host setting "+what, "the machine was set up differently")
		} else {
			look(key, key, "the machine was set up differently")
		}
	}
	ds = append(ds, settings(a, b)...)
	return append(ds, directions(a, b)...), unknown
}

// designs is how two runs of one experiment file differ that the command line gave
// other designs; false where that is not so, or not known.
func designs(a, b Side) (d Difference, ok bool) {
	const file = "as in the file"
	return Difference{
		What: "design", A: cmp.Or(a.design, file), B: cmp.Or(b.design, file),
		Means: "one experiment file, and the command line changed its design: the runs end at other numbers of blocks",
	}, a.file != "" && a.file == b.file && a.design != b.design
}

// settings are the constants of both sides, params included, and the factors of
// one that the other does not have.
func settings(a, b Side) []Difference {
	keys := maps.Clone(a.Fixed)
	maps.Copy(keys, b.Fixed)
	var ds []Difference
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if slices.Contains(a.Factors, key) || slices.Contains(b.Factors, key) {
			continue // matched by level
		}
		if va, vb := a.Fixed[key], b.Fixed[key]; va != vb {
			ds = append(ds, Difference{
				What: key, A: cmp.Or(va, "not set"), B: cmp.Or(vb, "not set"), Means: "a constant of the two sides differs: an effect may be of it",
			})
		}
	}
	return ds
}

// directions are the units on whose better direction the sides disagree.
func directions(a, b Side) []Difference {
	var ds []Difference
	for _, tidy := range slices.Sorted(maps.Keys(a.Metrics)) {
		x, y := a.Metrics[tidy], b.Metrics[tidy]
		if x.Better != "" && y.Better != "" && x.Better != y.Better {
			ds = append(ds, Difference{
				What: fmt.Sprintf("better direction of %s", tidy), A: string(x.Better), B: string(y.Better),
				Means: "neither direction is taken for worse",
			})
		}
	}
	return ds
}
