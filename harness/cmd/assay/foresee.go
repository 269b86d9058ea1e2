package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/report/plot"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
)

// A foresight is what a planned run could detect, by the spread of an earlier one
// or of identical cells on this machine.
type foresight struct {
	From      string             `json:"from"`
	Blocks    int                `json:"blocks"`
	Prospects []verdict.Prospect `json:"prospects,omitempty"`
}

// Knowledge is what this machine knows of an experiment before it runs.
type knowledge struct {
	pilot pilot
	entry *profile.Entry // of its profile, for the same workload and params; nil for none
	why   string         // there is none
}

// know looks for a pilot, then for a calibration.
func (l *lab) know(p *prepared, named string) (knowledge, error) {
	var k knowledge
	var err error
	if k.pilot, err = l.pilotOf(p, named); err != nil || k.pilot.old != nil {
		return k, err
	}
	e, ok := l.profiled(p)
	switch other := entryDiffers(e, p.plan); {
	case !ok:
		k.why = "no calibration of " + p.plan.Spec.Workload.Name() + " on this machine"
	case other != "":
		k.why = "this machine's calibration of " + e.Workload + " had " + other
	default:
		k.entry = &e
	}
	return k, nil
}

// entryDiffers is a param that a calibration held otherwise than the plan does.
func entryDiffers(e profile.Entry, p plan.Plan) string {
	for _, key := range sortedKeys(e.Settings) {
		if now, fixed := p.Fixed[key]; fixed && now != e.Settings[key] {
			return key + "=" + e.Settings[key]
		}
	}
	return ""
}

// trial is the time that a trial takes of a block; 0 where it is not known.
func (k knowledge) trial() (time.Duration, string) {
	switch {
	case k.pilot.old != nil:
		return k.pilot.run.Slot(), "by " + k.pilot.dir
	case k.entry != nil:
		return k.entry.Block / 2, "by the calibration of " + k.entry.Ended.Format("2006-01-02")
	}
	return 0, ""
}

// foresee says what a number of blocks could detect.
func (k knowledge) foresee(p *prepared, blocks int) foresight {
	f := foresight{Blocks: blocks}
	switch {
	case k.pilot.old != nil:
		f.From = "the spread between blocks of " + k.pilot.dir
		f.Prospects = verdict.Prospects(k.pilot.old.evidence(k.pilot.run), p.plan, blocks)
	case k.entry != nil:
		f.From = fmt.Sprintf("identical cells of %s, calibrated %s", k.entry.Workload, k.entry.Ended.Format("2006-01-02"))
		f.Prospects = verdict.ProspectsBy(p.plan, blocks, k.entry.Effect)
	default:
		f.From = fmt.Sprintf("not known: %s; %s (assay run %s --blocks 10 would be a pilot%s)",
			k.pilot.why, k.why, p.called(), orCalibrate(p.plan))
	}
	return f
}

// called is the experiment as a command names it: by its name, or, where it is not
// among the checkout's own, by its file.
func (p *prepared) called() string {
	if filepath.Base(filepath.Dir(p.file)) == "experiments" {
		return p.plan.Spec.Name
	}
	return p.file
}

// orCalibrate is the other way to know the spread, which outside programs have not.
func orCalibrate(p plan.Plan) string {
	if p.Spec.Workload.Outside() {
		return ""
	}
	return ", assay calibrate --workload " + p.Spec.Workload.Program.Text + paramFlags(p) + " a calibration"
}

// paramFlags are the fixed params of a plan as assay calibrate takes them.
func paramFlags(p plan.Plan) string {
	text := ""
	for _, key := range sortedKeys(p.Fixed) {
		if name, ok := strings.CutPrefix(key, spec.ParamPrefix); ok {
			text += " --param " + name + "=" + p.Fixed[key]
		}
	}
	return text
}

// print lists what each sub-claim could detect, and how many blocks it needs.
func (f foresight) print(w io.Writer, block time.Duration) {
	if len(f.Prospects) == 0 {
		fmt.Fprintf(w, "\nsmallest effect that %s could detect: %s\n", prose.Plural(f.Blocks, "block"), f.From)
		return
	}
	fmt.Fprintf(w, "\nsmallest effect that %s could detect, in about every second run (from %s):\n", prose.Plural(f.Blocks, "block"), f.From)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, p := range f.Prospects {
		name := strings.Join(slices.DeleteFunc([]string{p.Claim, p.Part, p.Case}, func(s string) bool { return s == "" }), " ")
		against := ""
		if p.To != "" {
			against = "against " + p.To
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\n", name, p.Metric, against, detectable(p), needs(p, block))
	}
	t.Flush()
}

// needs says how many blocks settle a sub-claim, and how many its precision takes.
func needs(p verdict.Prospect, block time.Duration) string {
	took := func(n int) string {
		if block == 0 {
			return prose.Plural(n, "block")
		}
		return fmt.Sprintf("%s, %v", prose.Plural(n, "block"), rough(time.Duration(n)*block))
	}
	var parts []string
	switch {
	case p.Settled:
		parts = append(parts, "settled by "+took(p.Needed)+", or fewer, if the effect is what it was")
	case p.Needed > 0:
		parts = append(parts, "settled by about "+took(p.Needed)+" if the effect is what it was")
	}
	if p.Precise > 0 {
		parts = append(parts, "known to the precision after about "+took(p.Precise))
	}
	return strings.Join(parts, "; ")
}

func detectable(p verdict.Prospect) string {
	switch {
	case p.Detectable == nil:
		return "not known: " + p.Why
	case p.Quantity == spec.Ratio || p.Quantity == spec.Share:
		return fmt.Sprintf("±%.2g %% (%s seen)", 100**p.Detectable, prose.Plural(p.Seen, "block"))
	}
	return fmt.Sprintf("±%s (%s seen)", plot.Human(p.Metric, *p.Detectable).Text(*p.Detectable), prose.Plural(p.Seen, "block"))
}
