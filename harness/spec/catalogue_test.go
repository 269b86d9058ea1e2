package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// lab is a small catalogue. Sizes have one canonical spelling, so that two
// spellings of one level can meet.
type lab struct{}

var labParams = map[string][]string{"gc-churn": {"live-heap", "object-size", "cycles"}, "procs": nil}

var labRoles = map[string][]string{"procs": {"load"}}

// labMetrics are metric -> exact.
var labMetrics = map[string]map[string]bool{
	"gc-churn": {"ns/op": false, "gc-mark-cpu-ns/cycle": false, "peak-RSS-bytes": false, "gc-cycles": true, "instructions": false},
	"procs":    {"procs": true, "wall-ns": false},
}

func (lab) Knobs() []string {
	return []string{"thp", "gogc", "gomaxprocs", "memory.max", "cpus", "goamd64", "env.*", "godebug.*"}
}

func (lab) Roles(program string) []string { return labRoles[program] }

func (lab) Level(program, knob, text string) (string, bool, error) {
	if role, rest, ok := strings.Cut(knob, "."); ok && slices.Contains(labRoles[program], role) {
		if rest == "thp" {
			return "", true, fmt.Errorf("thp is of the machine")
		}
		return lab{}.Level("", rest, text)
	}
	family, key, _ := strings.Cut(knob, ".")
	switch {
	case (family == "env" || family == "godebug") && key != "":
		return text, true, nil
	case text == Default && slices.Contains(lab{}.Knobs(), knob):
		return text, true, nil
	}
	switch knob {
	case "thp":
		if words := []string{"never", "madvise", "always"}; !slices.Contains(words, text) {
			return "", true, fmt.Errorf("allowed: %s", strings.Join(words, ", "))
		}
		return text, true, nil
	case "memory.max":
		t, err := size(text)
		return t, true, err
	case "goamd64":
		return text, true, nil
	case "gogc", "gomaxprocs", "cpus":
		n, err := strconv.Atoi(text)
		return strconv.Itoa(n), true, err
	}
	return "", false, nil
}

func (lab) Programs() []string              { return []string{"gc-churn", "procs"} }
func (lab) Params(program string) []string  { return labParams[program] }
func (lab) Metric(p, u string) (bool, bool) { exact, ok := labMetrics[p][u]; return exact, ok }

func (lab) Group(_, unit string) string {
	return map[string]string{"gc-cycles": "runtime", "oom-kills": "cgroup", "instructions": "perf"}[unit]
}

func (lab) Counters() []string     { return []string{"cpu-user-ns", "oom-kills", "gc-cycles"} }
func (lab) Built(knob string) bool { return knob == "goamd64" }

// Misfits: there is one toolchain, which has gctrace and no goamd64 above v3.
func (lab) Misfits(_ Workload, levels map[string]string) (all []Misfit) {
	if levels["godebug.gctrac"] != "" {
		all = append(all, Misfit{Key: "godebug.gctrac", Why: "no such setting (did you mean gctrace?)"})
	}
	if levels["goamd64"] == "v9" {
		all = append(all, Misfit{Key: "goamd64", Level: "v9", Why: "no such level"})
	}
	return all
}

func (lab) Executable(program string) error {
	if program != "sort" {
		return fmt.Errorf("%s is not on PATH", program)
	}
	return nil
}

func (lab) Package(dir, path string) error {
	if dir != "" && dir != "../other" || path != "encoding/json" {
		return fmt.Errorf("no package %s", path)
	}
	return nil
}

func (lab) Metrics(program string) []string {
	var all []string
	for m := range labMetrics[program] {
		all = append(all, m)
	}
	slices.Sort(all)
	return all
}

func (lab) Param(program, param, text string) (string, error) {
	if !slices.Contains(labParams[program], param) {
		panic("asked for a param that is not listed: " + param)
	}
	if param == "cycles" {
		n, err := strconv.Atoi(text)
		return strconv.Itoa(n), err
	}
	return size(text)
}

// size reads whole MiB and GiB, and shows the largest unit that divides.
func size(text string) (string, error) {
	for unit, n := range map[string]int{"B": 1, "MiB": 1 << 20, "GiB": 1 << 30} {
		digits, ok := strings.CutSuffix(text, unit)
		if v, err := strconv.Atoi(digits); ok && err == nil {
			switch v *= n; {
			case v%(1<<30) == 0:
				return fmt.Sprintf("%dGiB", v>>30), nil
			case v%(1<<20) == 0:
				return fmt.Sprintf("%dMiB", v>>20), nil
			}
			return fmt.Sprintf("%dB", v), nil
		}
	}
	return "", fmt.Errorf("allowed: sizes such as 64MiB")
}
