package compare

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchunit"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// readFolder reads a run: one value a trial, of the attempt that its own report
// takes. Control arms repeat cells and are left out.
func readFolder(dir string) (Side, error) {
	run, err := results.Read(dir)
	if err != nil {
		return Side{}, err
	}
	var record build.Record
	if err := results.ReadJSON(dir, results.BuildsFile, &record); err != nil {
		return Side{}, err
	}
	s := Side{Path: dir, Kind: folderKind, Fixed: map[string]string{}, Metrics: map[string]Metric{}}
	for key, l := range run.Plan.Fixed {
		s.Fixed[strings.ToLower(key)] = sample.Written(l)
	}
	for _, f := range run.Plan.Factors {
		s.Factors = append(s.Factors, strings.ToLower(f.Key))
	}
	s.describe(record.Description, run.Plan)
	s.Facts, err = folderFacts(dir, run, record)
	if err != nil {
		return Side{}, err
	}
	for _, damage := range run.Damage() {
		s.Warnings = append(s.Warnings, "the folder is not whole: "+damage)
	}
	s.declared(run)
	s.gather(run.Plan, run.Chosen())
	s.failures(run)
	return s, nil
}

// declared says what file and what flags an experiment came from. Where a file of this
// machine changed it too, its own says not enough.
func (s *Side) declared(run results.Run) {
	s.design = run.Plan.Spec.Override.String()
	if sum, err := build.Sum(filepath.Join(run.Dir, results.ExperimentFile)); err == nil && len(run.Plan.Spec.Local) == 0 {
		s.file = sum
	}
}

// describe takes what workload and harness say of units. What a claim names is
// as good as primary.
func (s *Side) describe(d wire.Description, p plan.Plan) {
	for _, m := range slices.Concat(sample.Counters(d.Beside()...), d.Metrics) { // the workload's own word is the later one
		factor, tidy := benchunit.Tidy(1, m.Unit)
		m.Resolution.Absolute *= factor
		s.Metrics[tidy] = Metric{Better: m.Better, Exact: m.Exact, Primary: m.Primary, Resolution: m.Resolution}
	}
	for _, c := range p.Spec.Claims {
		_, tidy := benchunit.Tidy(1, c.Compare.Metric.Text)
		if m, ok := s.Metrics[tidy]; ok {
			m.Primary = true
			s.Metrics[tidy] = m
		}
	}
}

// gather makes series of samples. Several lines of one name in one trial count
// as their median, as everywhere.
func (s *Side) gather(p plan.Plan, samples []sample.Sample) {
	g := newGatherer(s)
	for _, x := range samples {
		cell := p.Cells[x.Cell]
		if cell.Arm != plan.ArmMain {
			continue
		}
		levels := make(map[string]string, len(cell.Levels))
		for key, l := range cell.Levels {
			levels[strings.ToLower(key)] = sample.Written(l)
		}
		values := map[place][]float64{}
		var order []place
		for _, l := range x.Lines {
			for _, v := range l.Values {
				at := place{benchmark: l.Name, cell: strconv.Itoa(x.Cell), unit: v.Unit}
				if values[at] == nil {
					order = append(order, at)
				}
				values[at] = append(values[at], v.Value)
			}
		}
		for _, at := range order {
			g.add(at, levels, x.Window, sample.Median(values[at]))
		}
	}
	g.done()
}

// failures warns of trials that gave nothing.
func (s *Side) failures(run results.Run) {
	var tried, failed, skipped int
	for _, x := range run.Attempts {
		if x.Outcome == sample.GivenUp {
			skipped++
		} else if x.Block >= 0 && x.Outcome != sample.Void {
			tried++
			if !x.Counts() {
				failed++
			}
		}
	}
	if skipped > 0 {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s not started: what failed too often in a row was given up (assay report %s says which)", prose.Plural(skipped, "trial"), s.Path))
	}
	if failed > 0 {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%d of %s failed: what they would have measured is missing from one side only (assay report %s says why)", failed, prose.Plural(tried, "attempt"), s.Path))
	}
}

// folderFacts are the facts that a results folder keeps.
func folderFacts(dir string, run results.Run, record build.Record) (map[string]string, error) {
	f := map[string]string{
		"experiment": run.Plan.Spec.Name, "workload": run.Plan.Spec.Workload.Name(),
		"spec-sha256": run.Plan.SpecSHA256, "plan": strconv.Itoa(run.Plan.Version),
	}
	list := func(key string, values map[string]bool) {
		delete(values, "")
		if len(values) > 0 {
			f[key] = joined(maps.Keys(values))
		}
	}
	sources := map[string]bool{}
	for _, b := range record.Binaries {
		sources[b.Source] = true
	}
	list("source", sources)
	versions := map[string]bool{}
	for _, x := range run.Sessions {
		versions[x.Version] = true
	}
	list("assay", versions)
	emulated, windows := map[string]bool{}, map[string]bool{}
	for _, x := range run.Chosen() {
		emulated[strconv.FormatBool(x.Emulated)], windows[string(x.Window)] = true, true
	}
	list("emulated", emulated)
	list("window", windows)
	var verdicts struct{ Version int }
	if err := results.ReadJSON(dir, results.VerdictsFile, &verdicts); err == nil { // derived: may be absent
		f["analysis"] = strconv.Itoa(verdicts.Version)
	}
	return f, hostFacts(dir, f)
}

// joined lists the values of a fact in order.
func joined(values iter.Seq[string]) string { return strings.Join(slices.Sorted(values), ", ") }

// hostFacts adds those of every environment that the run used; several are joined.
func hostFacts(dir string, f map[string]string) error {
	files, err := filepath.Glob(filepath.Join(dir, results.HostsDir, "*.json"))
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	add := func(key, value string) {
		switch {
		case value == "":
		case f[key] == "":
			f[key] = value
		case f[key] != value:
			f[key] += ", " + value
		}
	}
	for _, file := range files {
		var h host.Host
		if err := results.ReadJSON(dir, filepath.Join(results.HostsDir, filepath.Base(file)), &h); err != nil {
			return err
		}
		add("machine", h.Machine)
		add("arch", h.Arch)
		add("kernel", h.Kernel)
		add("cpu", h.CPU.Model)
		add("cpus", strconv.Itoa(len(h.CPU.Online)))
		add("memory", strconv.FormatInt(h.Memory.Total>>20, 10)+" MiB")
		add("go", h.GoVersion)
		add("virtual", h.Virtual)
		add("clocksource", h.Clocksource)
		add("cgroup", string(h.Cgroup))
		add("cmdline", h.Cmdline)
		for name, text := range h.Mitigations {
			add("mitigation "+name, text)
		}
		for file, text := range h.Settings {
			add("setting "+file, text)
		}
	}
	return nil
}

// usable says whether a value can be compared at all: the sum of two must stay finite.
func usable(v float64) bool { return !math.IsNaN(v) && math.Abs(v) <= math.MaxFloat64/4 }
