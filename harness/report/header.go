package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/verdict"
)

// A Header says what was run, where and when.
type Header struct {
	Local      []string          `json:"local,omitempty"`    // keys that NAME.local.yaml changed
	Damage     []string          `json:"damage,omitempty"`   // how the folder falls short of what the run left there
	Override   string            `json:"override,omitempty"` // flags of the command line that changed the design
	Experiment string            `json:"experiment"`
	Question   string            `json:"question"`
	Workload   string            `json:"workload"`
	Iterations string            `json:"iterations,omitempty"` // of a gotest
	Benchmarks int               `json:"benchmarks,omitempty"` // names of lines, where a trial prints several
	Window     sample.Window     `json:"window,omitempty"`     // what counters cover, where that is the whole process
	Factors    []plan.Factor     `json:"factors"`
	Fixed      map[string]string `json:"fixed,omitempty"`
	Hosts      []HostLine        `json:"hosts"`
	Folder     string            `json:"folder"`
	Seed       uint64            `json:"seed"`
	SpecSHA256 string            `json:"spec-sha256"`
	Analysis   int               `json:"analysis"` // version that the run was planned for; 0 where its plan notes none
	Cells      int               `json:"cells"`
	Blocks     int               `json:"blocks"`                // with at least one sample
	Planned    int               `json:"planned"`               // blocks at most
	WholePlots []string          `json:"whole-plots,omitempty"` // keys whose levels' trials ran together within a block
	Duet       string            `json:"duet,omitempty"`        // key whose two levels ran at once
	Nuisance   []string          `json:"nuisance,omitempty"`    // drawn anew for every block
	Trials     int               `json:"trials"`                // in the main analysis
	Started    time.Time         `json:"started"`
	Ended      time.Time         `json:"ended"`
	Sessions   int               `json:"sessions"`
	Stopped    string            `json:"stopped,omitempty"`
	Restored   string            `json:"restored,omitempty"`

	// Recorded are profiles and traces of trials that stand in no table, below Folder.
	Recorded []string `json:"recorded,omitempty"`

	// Calibrated says what the machine is worth for this workload: false alarms and
	// noise floor of its profile.
	Calibrated string `json:"calibrated,omitempty"`
}

// A HostLine is one environment in a line.
type HostLine struct {
	Env  string `json:"env"`
	Text string `json:"text"`
}

func headerOf(in Input) Header {
	p := in.Plan
	h := Header{
		Local: p.Spec.Local, Damage: in.Damage, Override: p.Spec.Override.String(), Experiment: p.Spec.Name, Question: p.Spec.Question, Workload: p.Spec.Workload.Name(),
		Factors: p.Factors, Fixed: p.Fixed, Folder: in.Folder, Seed: p.Seed, SpecSHA256: p.SpecSHA256, Analysis: p.Analysis,
		Cells: len(p.Cells), Planned: len(p.Blocks), Trials: len(in.Main),
		Started: in.Started.UTC(), Ended: in.Ended.UTC(), Sessions: in.Sessions,
		Nuisance: p.Spec.Design.Nuisance, Duet: p.Spec.Design.Duet.Text, Iterations: in.Iterations, Benchmarks: several(in.Main), Stopped: in.Stopped, Restored: in.Restored,
		Recorded: in.Recorded, Calibrated: calibrated(in.Calibration),
	}
	for _, key := range p.Spec.Design.WholePlot {
		h.WholePlots = append(h.WholePlots, key.Text)
	}
	blocks := map[int]bool{}
	for _, s := range in.Main {
		if s.Window == sample.Whole {
			h.Window = s.Window
		}
		blocks[s.Block] = true
	}
	h.Blocks = len(blocks)
	for _, env := range slices.Sorted(maps.Keys(in.Hosts)) {
		h.Hosts = append(h.Hosts, HostLine{env, hostText(in.Hosts[env])})
	}
	return h
}

// hostText is what a reader has to know of a machine to judge a number.
func hostText(h host.Host) string {
	parts := []string{
		orDefault(h.CPU.Model, "unknown CPU"),
		fmt.Sprintf("%s, %s online", prose.Plural(len(h.CPU.Cores), "core"), prose.Plural(len(h.CPU.Online), "CPU")),
		fmt.Sprintf("%.1f GiB", float64(h.Memory.Total)/(1<<30)),
		"Linux " + h.Kernel + " " + h.Arch,
		"cgroup " + string(h.Cgroup),
	}
	if h.Virtual != "" {
		parts = append(parts, "under "+h.Virtual)
	}
	if h.GoVersion != "" {
		parts = append(parts, h.GoVersion)
	}
	if h.Machine != "" {
		parts = append(parts, "machine "+h.Machine)
	}
	return strings.Join(parts, "; ")
}

// declared is what no sample could change any more: it was hashed before the
// first trial.
func (h Header) declared(v verdict.Results) string {
	parts := []string{fmt.Sprintf("spec-sha256 %.12s", h.SpecSHA256), prose.Plural(v.M, "sub-claim")}
	if h.Analysis > 0 {
		parts = append(parts, fmt.Sprintf("analysis version %d", h.Analysis))
	}
	return strings.Join(parts, ", ")
}

// took is the time from first to last trial, to the second.
func (h Header) took() string {
	if h.Ended.Before(h.Started) || h.Started.IsZero() {
		return ""
	}
	return h.Ended.Sub(h.Started).Round(time.Second).String()
}

// calibrated cites a machine's profile for the primary metrics, all where none is.
func calibrated(e *profile.Entry) string {
	if e == nil {
		return ""
	}
	primary := slices.ContainsFunc(e.Metrics, func(m profile.Metric) bool { return m.Primary })
	var parts []string
	for _, m := range e.Metrics {
		if m.Primary == primary {
			parts = append(parts, fmt.Sprintf("%s: false alarms %s, noise floor %s", m.Unit, rate(m.Alarms), share(m.Floor)))
		}
	}
	return fmt.Sprintf("identical cells of %s with %s, %s, %s: %s", e.Workload, orDefault(settings(e.Settings), "no settings"),
		prose.Plural(e.Blocks, "block"), e.Ended.Format("2006-01-02"), strings.Join(parts, "; "))
}

// several counts the names of lines where there are more than one.
func several(ss []sample.Sample) int {
	if n := len(benchesOf(ss)); n > 1 {
		return n
	}
	return 0
}
