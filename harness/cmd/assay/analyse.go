package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/report"
	"github.com/assaylab/assay/harness/report/plot"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/verdict"
)

// An analysis is a results folder, judged and laid out. It needs the folder
// only, never the machine.
type analysis struct {
	run    results.Run
	input  report.Input
	report report.Report

	incomplete error // what was not measured; nil where all was
}

// analyse reads a folder and judges its claims.
func (l *lab) analyse(dir string) (*analysis, error) {
	run, err := results.Read(dir)
	if err != nil {
		return nil, err
	}
	p, err := recorded(dir, run)
	if err != nil {
		return nil, err
	}
	evidence := p.evidence(run)
	evidence.Bootstrap = true
	effects, variations := report.Explored(verdict.Explore(evidence))
	damage := run.Damage() // before its attempts go their way
	a := &analysis{run: run, incomplete: evidence.Complete()}
	a.input = report.Input{
		Folder: dir, Damage: damage, Plan: run.Plan, Main: evidence.Main, Metrics: evidence.Metrics, Untestable: evidence.Untestable,
		Verdicts: verdict.Judge(evidence), Effects: effects, Variations: variations, Warnings: p.doubts,
		Hosts: p.hosts, Sessions: len(run.Sessions),
	}
	a.input.Recordings(sample.Recorder(p.description), run.Attempts)
	a.input.All, a.run.Attempts = slices.DeleteFunc(run.Attempts, isWarmUp), nil
	a.times()
	if err := a.iterations(dir); err != nil {
		return nil, err
	}
	a.input.Calibration, err = cited(dir)
	return a, err
}

func isWarmUp(s sample.Sample) bool { return s.Block < 0 }

// recorded is the part of a prepared experiment that a folder keeps.
func recorded(dir string, run results.Run) (*prepared, error) {
	p := &prepared{plan: run.Plan}
	var record build.Record
	if err := results.ReadJSON(dir, results.BuildsFile, &record); err != nil {
		return nil, err
	}
	p.description, p.binaries, p.doubts = record.Description, record.Cells, record.Doubts()
	if err := results.ReadJSON(dir, results.FeasibleFile, &p.feasible); err != nil {
		return nil, err
	}
	var err error
	if p.hosts, err = hostsOf(dir); err != nil {
		return nil, err
	}
	p.host = p.hosts[slices.Sorted(maps.Keys(p.hosts))[0]]
	return p, nil
}

// evidence is what the claims of a run are judged by.
func (p *prepared) evidence(r results.Run) verdict.Input {
	in := verdict.Input{
		Plan: p.plan, Main: r.Chosen(), First: r.First(), Metrics: metrics(p.description),
		Untestable: p.feasible.Untestable(), Binaries: p.binaries, Build: knob.BuildKeys(p.plan), Facts: p.facts(),
		Uncounted: p.feasible.Uncounted,
	}
	in.Take(r.Attempts)
	return in
}

// facts are what a claim's source is held against: what every environment has alike.
func (p *prepared) facts() map[string]string {
	all := map[string]string{"go": p.host.GoVersion, "kernel": p.host.Kernel, "arch": p.host.Arch}
	for _, h := range p.hosts {
		if h.Kernel != p.host.Kernel {
			delete(all, "kernel")
		}
	}
	return all
}

// times fills in when the run was, why it ended and what it left.
func (a *analysis) times() {
	in := &a.input
	if len(in.All) > 0 {
		in.Started = in.All[0].Start
		in.Ended = in.All[len(in.All)-1].Start
	}
	for _, s := range a.run.Sessions {
		in.Stopped, in.Restored = s.Stopped, s.Restored
		if !s.Ended.IsZero() {
			in.Ended = s.Ended
		}
		for _, note := range s.Notes {
			if !slices.Contains(in.Warnings, note) { // as of the session before
				in.Warnings = append(in.Warnings, note)
			}
		}
		if s.Ended.IsZero() {
			in.Warnings = append(in.Warnings, fmt.Sprintf("session %d has no end: it was killed, or is still running", s.Session))
		}
	}
}

// iterations fills in how many each trial of a gotest made, where that was found.
func (a *analysis) iterations(dir string) error {
	it, err := iterations(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	a.input.Iterations = fmt.Sprintf("%s in every trial, found before the first block: as many as took %s in the cell %s", it, it.Time, it.Cell)
	return err
}

// write makes the derived files anew, then seals the folder.
func (a *analysis) write() error {
	dir := a.run.Dir
	if err := results.WriteJSON(dir, results.VerdictsFile, a.input.Verdicts); err != nil {
		return err
	}
	names, err := plot.All(filepath.Join(dir, results.PlotsDir), report.PlotData(a.input))
	if err != nil {
		return err
	}
	a.input.Plots = nil
	for _, n := range names {
		a.input.Plots = append(a.input.Plots, filepath.Join(results.PlotsDir, n))
	}
	if err := a.build(); err != nil {
		return err
	}
	for _, r := range report.Renderers() {
		if err := a.file(r.File, r.Render); err != nil {
			return err
		}
	}
	err = a.file(report.AllTables, func(w io.Writer, r report.Report) error { return report.WriteTables(w, r.Benchstat.Tables) })
	if err != nil {
		return err
	}
	return results.Seal(dir)
}

func (a *analysis) build() (err error) {
	a.report, err = report.Build(a.input)
	return err
}

func (a *analysis) file(name string, render func(io.Writer, report.Report) error) error {
	var b bytes.Buffer
	if err := render(&b, a.report); err != nil {
		return err
	}
	return results.WriteFile(a.run.Dir, name, b.Bytes())
}

// render prints the report in a format.
func (a *analysis) render(w io.Writer, format string) error {
	r, err := report.RendererOf(format)
	if err != nil {
		return usage(err)
	}
	return r.Render(w, a.report)
}

// terminal prints the text report, in colour and to width on a terminal.
func (a *analysis) terminal(w io.Writer) error {
	if width, ok := terminalWidth(w); ok {
		return report.Terminal(width, true)(w, a.report)
	}
	return report.Text(w, a.report)
}

// exit is the highest of 1 > 3 > 4 > 5 > 0 that applies.
func (a *analysis) exit(gate bool) error {
	if a.incomplete != nil {
		return a.incomplete
	}
	if code := a.input.Verdicts.Gate(); gate && code != exitDone {
		return outcome{code: code}
	}
	return nil
}
