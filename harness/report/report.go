package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/perf/benchunit"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/verdict"
	"github.com/assaylab/assay/workloads/wire"
)

// Version is the layout of the JSON report.
const Version = 1

// An Input is a results folder as the command has read it.
type Input struct {
	Folder  string // as given: printed in commands, and paths of plots are below it
	Samples string // samples.txt; empty: Folder/samples.txt

	Plan       plan.Plan
	Main       []sample.Sample // one a trial, in run order, Lines filled: the main analysis
	All        []sample.Sample // every attempt, warm-ups excluded
	Verdicts   verdict.Results
	Effects    []Effect    // within-block effects beside the claims; Exploratory where not declared
	Variations []Variation // which factor matters, one a metric that matters
	Hosts      map[string]host.Host
	Metrics    []wire.Metric

	Untestable map[int]string // cell -> why it can't be tested here
	Recorded   []string       // profiles and traces, below Folder
	Iterations string         // how many a trial of a gotest makes, and how that was found
	Started    time.Time      // of the first trial
	Ended      time.Time      // of the last
	Sessions   int
	Stopped    string   // why the run ended: "precision 3 % reached after block 20"
	Restored   string   // what became of the machine's settings: "2 settings, all back to what they were"
	Plots      []string // files below Folder, in order: "plots/claims-forest.svg"
	Damage     []string // how the folder falls short of what the run left there
	Warnings   []string // doubts that concern the run as a whole

	Calibration *profile.Entry // of the machine, for the same workload; nil for none
}

// A Report is all that is shown of a run. It is the JSON report.
type Report struct {
	Version     int              `json:"version"`
	Header      Header           `json:"header"`
	Verdicts    verdict.Results  `json:"verdicts"`
	Counts      []Count          `json:"verdict-counts"`
	Effects     []Effect         `json:"effects"`
	Exploratory Exploratory      `json:"exploratory"`
	Variations  []Variation      `json:"variations,omitempty"`
	Cells       []CellRow        `json:"cells"`
	Checks      []Check          `json:"manipulation-checks,omitempty"`
	Untestable  []UntestableCell `json:"not-testable,omitempty"`
	Health      Health           `json:"health"`
	Benchstat   Benchstat        `json:"benchstat"`
	Warnings    []string         `json:"warnings,omitempty"`
	Plots       []string         `json:"plots,omitempty"`
	Undrawn     int              `json:"undrawn,omitempty"` // metrics without plots, being too many
	Commands    []string         `json:"commands"`          // that make this report again
}

// A Count is how many sub-claims got a verdict.
type Count struct {
	Word verdict.Word `json:"verdict"`
	N    int          `json:"n"`
}

// A Benchstat is the tables as benchstat prints them, and how to have it do so.
type Benchstat struct {
	Title   string  `json:"title"`
	Command string  `json:"command"`
	Query   Query   `json:"query"`
	Tables  []Table `json:"tables"` // all of them

	// Units, tidied, are those that matter: of claims, primary, of controls.
	// Reports for people show their tables; AllTables holds the rest.
	Units []string `json:"units"`
}

// AllTables is the file below a results folder that holds every table.
const AllTables = "tables/benchstat.txt"

// shown are the tables of the units that matter, and how many others there are;
// all of them where none matters. The first one says the configuration.
func (b Benchstat) shown() (tables []Table, more int) {
	for _, t := range b.Tables {
		if slices.Contains(b.Units, t.Unit) {
			tables = append(tables, t)
		}
	}
	if len(tables) == 0 {
		return slices.Clone(b.Tables), 0
	}
	if len(tables[0].Config) == 0 {
		tables[0].Config = b.Tables[0].Config
	}
	return tables, len(b.Tables) - len(tables)
}

// benchstatTitle keeps the reader from taking its p values for verdicts.
const benchstatTitle = "benchstat (unpaired, not used for verdicts)"

// pinned runs the version of benchstat whose tables the report equals.
const pinned = "go tool -modfile=ci/tools.mod "

// Build makes the model that every renderer shows. The error names the file
// that could not be read.
func Build(in Input) (Report, error) {
	r := Report{
		Version:    Version,
		Header:     headerOf(in),
		Verdicts:   in.Verdicts,
		Counts:     countsOf(in.Verdicts),
		Effects:    effectsOf(in),
		Variations: in.Variations,
		Cells:      cellsOf(in),
		Checks:     checksOf(in),
		Untestable: untestableOf(in),
		Health:     healthOf(in),
		Warnings:   warningsOf(in),
		Plots:      in.Plots,
	}
	_, r.Undrawn = drawn(in)
	r.Exploratory = exploratoryOf(r.Effects, in.Verdicts)
	if err := r.benchstat(in); err != nil {
		return Report{}, err
	}
	r.Commands = []string{
		shell([]string{"assay", "report", in.Folder}),
		pinned + r.Benchstat.Command,
	}
	return r, nil
}

// benchstat reads samples.txt again, rather than Main: these tables show what
// the real tool shows for the file.
func (r *Report) benchstat(in Input) error {
	file := in.Samples
	if file == "" {
		file = filepath.Join(in.Folder, "samples.txt")
	}
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	defer f.Close()
	shown := filepath.Join(in.Folder, "samples.txt")
	q := queryOf(in.Plan)
	tables, warnings, err := Tables(f, shown, q)
	if err != nil {
		return err
	}
	r.Benchstat = Benchstat{Title: benchstatTitle, Command: q.Command(shown), Query: q, Tables: tables}
	for _, c := range columnsOf(in) {
		_, unit := benchunit.Tidy(1, c.metric)
		r.Benchstat.Units = append(r.Benchstat.Units, unit)
	}
	r.Warnings = append(r.Warnings, warnings...)
	return nil
}

// countsOf lists all five verdicts, those without a claim too.
func countsOf(v verdict.Results) []Count {
	words := []verdict.Word{verdict.Supported, verdict.Refuted, verdict.Inconclusive, verdict.Invalid, verdict.NotTestable}
	counts := make([]Count, len(words))
	for i, w := range words {
		counts[i].Word = w
		for _, x := range v.Verdicts {
			if x.Word == w {
				counts[i].N++
			}
		}
	}
	return counts
}
