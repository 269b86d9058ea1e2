package verdict

import (
	"slices"
	"testing"

	"github.com/assaylab/assay/workloads/wire"
)

// emulate moves the trials of a cell to a guest whose CPU is emulated.
func emulate(in Input, cell int) Input {
	for i := range in.Main {
		if in.Main[i].Cell == cell {
			in.Main[i].Env, in.Main[i].Emulated = "vm-6.1-arm64", true
		}
	}
	in.First = append(in.First[:0:0], in.Main...)
	return in
}

func TestTimingsOfAnEmulatedCPUDecideNothing(t *testing.T) {
	checkWord(t, only(t, Judge(sound())), Supported)
	for cell, what := range map[int]string{0: "one side", 1: "the other"} {
		r := Judge(emulate(sound(), cell))
		v := only(t, r)
		checkWord(t, v, Inconclusive)
		checkHas(t, what, []string{v.Why}, "20 of 40 trials ran on an emulated CPU (vm-6.1-arm64), whose timings decide nothing, and "+metric+" is one")
		checkHas(t, "warnings", r.Warnings, "20 of 60 trials ran on an emulated CPU")
		if v.P != nil || v.Sides[0].Needed != 0 || v.Sides[0].Estimate == 0 {
			t.Errorf("p %v, %d blocks needed and an estimate of %v: want the number alone", v.P, v.Sides[0].Needed, v.Sides[0].Estimate)
		}
	}
	checkWord(t, only(t, Judge(emulate(sound(), 2))), Supported) // a cell that the claim is not about
}

func TestCountsAndExactValuesOfAnEmulatedCPUAreDecided(t *testing.T) {
	as := func(unit string, exact bool) Input {
		in := emulate(sound(), 0)
		in.Metrics = []wire.Metric{{Unit: unit, Exact: exact}}
		in.Plan.Spec.Claims = slices.Clone(faster)
		in.Plan.Spec.Claims[0].Compare.Metric.Text = unit
		for i := range in.Main {
			value := &in.Main[i].Lines[0].Values[0]
			value.Unit = unit
			if exact {
				value.Value = float64(2 - in.Main[i].Cell%2)
			}
		}
		return in
	}
	checkWord(t, only(t, Judge(as("allocs/op", false))), Supported)
	checkWord(t, only(t, Judge(as("gomaxprocs", true))), Supported)
	checkWord(t, only(t, Judge(as("clock-ns", true))), Supported)
	checkWord(t, only(t, Judge(as("clock-ns", false))), Inconclusive)
}
