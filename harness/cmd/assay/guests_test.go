package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
)

func TestWhatTheFlagOfGuestsSays(t *testing.T) {
	w, err := parseWanted("kernel=6.12,arch=arm64,cpus=4,numa=2,memory=1GiB")
	require.NoError(t, err)
	require.Equal(t, wanted{kernel: "6.12", arch: "arm64", cpus: 4, threads: 1, nodes: 2, memory: 1 << 30}, w)
	plain := w.String()
	require.Equal(t, "vm-6.12-arm64", w.env(w.kernel))
	w, err = parseWanted("kernel=6.12,arch=arm64,cpus=4,numa=2,memory=1GiB,threads=2,swap=512MiB,cpufreq=800MHz/3GHz/1.2GHz")
	require.NoError(t, err)
	require.Equal(t, []int{3_000_000, 1_200_000, 800_000}, w.frequencies)
	require.EqualValues(t, 512<<20, w.swap)
	require.NotEqual(t, plain, w.String(), "another machine")
	for text, why := range map[string]string{
		"":                    "no key=value",
		"kernel":              "no key=value",
		"kernel=":             "no key=value",
		"kernel=6":            "no series",
		"kernel=6.1.3":        "no series",
		"kernel=default":      "name a series",
		"arch=riscv64":        "guests are amd64 or arm64",
		"cpus=0":              "no number from 1 to 64",
		"cpus=4,cpus=2":       "cpus stands there twice",
		"cpus=3,numa=2":       "can't be divided",
		"cpus=4,threads=3":    "with 3 threads a core",
		"memory=lots":         "memory",
		"swap=lots":           "swap",
		"swap=100KiB":         "whole MiB",
		"cpufreq=fast":        "not a frequency",
		"cpufreq=1GHz/1GHz":   "1GHz stands there twice",
		"kernel=6.1,speed=11": `no key "speed" (kernel, arch, cpus, threads, numa, memory, swap, cpufreq)`,
	} {
		_, err := parseWanted(text)
		require.ErrorContains(t, err, why, text)
		require.Equal(t, exitUsage, code(err), text)
	}
}

func FuzzWanted(f *testing.F) {
	f.Add("kernel=6.1,arch=arm64,cpus=4,numa=2,memory=2GiB")
	f.Add("cpus=,=")
	f.Fuzz(func(t *testing.T, text string) {
		w, err := parseWanted(text)
		if err == nil && (w.cpus < 1 || w.nodes < 1 || w.cpus%w.nodes != 0) {
			t.Fatalf("%q gives %+v", text, w)
		}
	})
}

// kernelPlan has a cell for each kernel and each of two quotas.
func kernelPlan(slow ...string) *prepared {
	p := &prepared{file: "x.yaml", plan: plan.Plan{Fixed: map[string]string{}}}
	for _, key := range slow {
		p.plan.Spec.Design.WholePlot = append(p.plan.Spec.Design.WholePlot, spec.Scalar{Text: key})
	}
	for _, kernel := range []string{"6.12", "6.1"} {
		for _, quota := range []string{"1", "max"} {
			p.plan.Cells = append(p.plan.Cells, plan.Cell{Index: len(p.plan.Cells), Levels: map[string]string{"kernel": kernel, "cpu.max": quota}})
		}
	}
	return p
}

func TestKernelsAreThoseOfThePlanOrOfTheFlag(t *testing.T) {
	all, err := kernelPlan("kernel").kernels("")
	require.NoError(t, err)
	require.Equal(t, []string{"6.12", "6.1"}, all)
	without := &prepared{plan: plan.Plan{Cells: []plan.Cell{{}}}}
	all, err = without.kernels("6.1")
	require.NoError(t, err)
	require.Equal(t, []string{"6.1"}, all)

	check := func(p *prepared, flag, why string) {
		t.Helper()
		_, err := p.kernels(flag)
		require.ErrorContains(t, err, why)
		require.Equal(t, exitUsage, code(err))
	}
	check(without, "", "which kernel?")
	check(kernelPlan("kernel"), "6.1", "leave kernel out of --vm")
	check(kernelPlan(), "", "whole-plot: [kernel]")
}

// Each cell is judged by the guest of its kernel, whatever the others say of it.
func TestEachCellIsOfTheGuestOfItsKernel(t *testing.T) {
	p := kernelPlan("kernel")
	g := &guests{of: map[int]*guest{}}
	for _, series := range []string{"6.12", "6.1"} {
		one := &guest{series: series, env: "vm-" + series + "-amd64", survey: survey{Host: host.Host{Kernel: series + ".0"}}}
		f := &one.survey.Feasible
		for _, level := range []string{"6.12", "6.1"} {
			s := knob.Support{Word: knob.No, Why: "another kernel"}
			if level == series {
				s = knob.Support{Word: knob.Yes}
			}
			f.Levels = append(f.Levels, knob.LevelSupport{Key: "kernel", Level: level, Support: s})
		}
		for _, c := range p.plan.Cells {
			fits := c.Levels["kernel"] == series && (series == "6.12" || c.Levels["cpu.max"] == "max")
			f.Cells = append(f.Cells, knob.CellSupport{Index: c.Index, Testable: fits, Why: map[bool]string{false: "not in " + series}[fits]})
		}
		g.all = append(g.all, one)
	}
	g.merge(p)
	for _, l := range p.feasible.Levels {
		require.Equal(t, knob.Yes, l.Word, l.Level)
	}
	require.Equal(t, map[int]string{2: "not in 6.1"}, p.feasible.Untestable())
	for i, env := range []string{"vm-6.12-amd64", "vm-6.12-amd64", "vm-6.1-amd64", "vm-6.1-amd64"} {
		require.Equal(t, env, g.of[i].env)
	}
	require.Len(t, p.hosts, 2)
	require.NotContains(t, p.facts(), "kernel", "guests of several kernels have none in common")
	require.NotContains(t, p.constant(), sample.Config{Key: "kernel", Value: "6.12.0"}, "the key is the knob's")
}

func TestTheAgentIsForGuests(t *testing.T) {
	var out, said bytes.Buffer
	require.Equal(t, exitUsage, assay(t.Context(), &out, &said, []string{"agent", "run"}))
	require.Contains(t, said.String(), "assay run --vm")
}

// kernelsExperiment varies the kernel, in as few boots as show that.
const kernelsExperiment = `name: kernels
question: Does the kernel change what a quota does to GOMAXPROCS?
workload: {program: procs}
knobs:
  kernel: [6.1, 6.12]
isolation: {cpu.max: "3"}
design: {blocks: 1, warmup: 0, timeout: 60s, whole-plot: [kernel]}
`

// TestVMRun takes an experiment to a guest of each kernel and back.
func TestVMRun(t *testing.T) {
	if os.Getenv("ASSAY_TEST_VM") != "1" {
		t.Skip("boots guests: run make test-vm")
	}
	tree, err := filepath.Abs(filepath.Join("..", "..", ".."))
	require.NoError(t, err)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // what is left there is this run's
	file, kept := filepath.Join(dir, "kernels.yaml"), filepath.Join(dir, "results")
	require.NoError(t, os.WriteFile(file, []byte(kernelsExperiment), 0o644))
	var out, said bytes.Buffer
	exit := assay(t.Context(), &out, &said, []string{
		"run", "--dir", tree, "--lock", filepath.Join(dir, "lock"), "--results", kept, "--vm", "arch=amd64,cpus=4,numa=2", file,
	})
	t.Log(said.String())
	require.Equal(t, exitDone, exit, said.String())

	found, err := results.Latest(kept, "kernels")
	require.NoError(t, err)
	r, err := results.Read(found)
	require.NoError(t, err)
	hosts, err := hostsOf(found)
	require.NoError(t, err)
	require.Len(t, hosts, 2)
	for _, s := range r.Attempts {
		kernel := r.Plan.Level(r.Plan.Cells[s.Cell], "kernel")
		if s.Env != "vm-"+kernel+"-amd64" || knob.Series(hosts[s.Env].Kernel) != kernel {
			t.Errorf("trial %d of kernel %s ran on %s, which has %s", s.N, kernel, s.Env, hosts[s.Env].Kernel)
		}
		if s.Outcome == sample.OK && s.Standings["kernel"].Word != "in force" {
			t.Errorf("trial %d: the kernel stood %+v", s.N, s.Standings["kernel"])
		}
	}
	require.GreaterOrEqual(t, len(r.Attempts), 2)
	var v verdict.Results
	require.NoError(t, results.ReadJSON(found, results.VerdictsFile, &v))
	if r.Attempts[0].Emulated {
		require.Contains(t, strings.Join(v.Warnings, "\n"), "ran on an emulated CPU (vm-6.1-amd64, vm-6.12-amd64)")
	}
	require.NotContains(t, strings.Join(v.Warnings, "\n"), "environment varied")
	left, err := filepath.Glob(filepath.Join(dir, "assay-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}
