package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/testenv"
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
		"cpus=4,threads=3":    "cores of 3 threads",
		"memory=lots":         "memory",
		"memory=0MiB":         "memory: a guest with none can't be booted",
		"memory=100MiB":       "too few to boot with",
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

func TestWhatGuestsHaveNoPlaceForIsRefused(t *testing.T) {
	check := func(why string, change func(e *spec.Experiment)) {
		t.Helper()
		p := &prepared{file: "x.yaml"}
		change(&p.plan.Spec)
		err := p.portable()
		if why == "" {
			require.NoError(t, err)
			return
		}
		require.ErrorContains(t, err, why)
		require.Equal(t, exitUsage, code(err))
	}
	check("", func(e *spec.Experiment) { e.Workload.Program.Text = "procs" })
	check("", func(e *spec.Experiment) { e.Workload.Gotest = &spec.Gotest{Package: spec.Scalar{Text: "sort"}} })
	check("", func(e *spec.Experiment) { e.Workload.Command = []spec.Scalar{{Text: "true"}} })
	check("a guest has no folder there: leave workload.dir out", func(e *spec.Experiment) {
		e.Workload.Command, e.Workload.Dir.Text = []spec.Scalar{{Text: "true"}}, "there"
	})
	check("profiles and traces are not brought back", func(e *spec.Experiment) { e.Measure = []string{string(sample.CPUProfile)} })
}

// A program that needs libraries is refused before a guest is looked for, let alone booted.
func TestACommandThatNoGuestCanRunIsRefusedAtOnce(t *testing.T) {
	check := func(why string, argv ...string) {
		t.Helper()
		p := &prepared{file: "x.yaml", builder: build.Builder{Root: t.TempDir()}, plan: plan.Plan{Cells: []plan.Cell{{}}}}
		for _, arg := range argv {
			p.plan.Spec.Workload.Command = append(p.plan.Spec.Workload.Command, spec.Scalar{Text: arg})
		}
		err := (&lab{}).askGuests(t.Context(), p, wishes{vm: &wanted{kernel: "0.1", arch: runtime.GOARCH, cpus: 1, nodes: 1, threads: 1}})
		require.ErrorContains(t, err, why)
		require.Equal(t, exitUsage, code(err))
	}
	shell, err := exec.LookPath("ls")
	require.NoError(t, err)
	check("x.yaml: "+shell+" can't run in a guest: it is linked dynamically", shell)
	check("no kernel") // of a workload of the tree
}

// What is sent to a guest has its paths there; what a link leads to stays here.
func TestTheKitIsSentWithItsFolders(t *testing.T) {
	g := &guests{dir: t.TempDir()}
	require.NoError(t, os.MkdirAll(filepath.Join(g.dir, "package", "testdata"), 0o755))
	for _, name := range []string{"kit.json", "package/testdata/in"} {
		require.NoError(t, os.WriteFile(filepath.Join(g.dir, name), nil, 0o644))
	}
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(g.dir, "link")))
	files, err := g.kit()
	require.NoError(t, err)
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	require.Equal(t, []string{"/assay/kit/kit.json", "/assay/kit/package/testdata/in"}, paths)
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

// A busy machine may lose a guest that it has just booted; a guest that refuses would
// refuse again.
func TestAGuestThatIsLostAsItBeginsIsBootedOnceMore(t *testing.T) {
	good, lost := &visit{}, &run.Lost{Why: io.EOF}
	check := func(ctx context.Context, entered int, want error, ends ...error) {
		t.Helper()
		n, told := 0, 0
		v, err := onceMore(ctx, func() (*visit, error) {
			n++
			if ends[n-1] != nil {
				return nil, fmt.Errorf("guest: %w", ends[n-1])
			}
			return good, nil
		}, func(string, ...any) { told++ })
		require.Equal(t, entered, n)
		require.Equal(t, entered-1, told)
		require.ErrorIs(t, err, want)
		require.Equal(t, want == nil, v == good)
	}
	check(t.Context(), 1, nil, nil)
	check(t.Context(), 2, nil, lost, nil)
	check(t.Context(), 2, lost, lost, lost)
	check(t.Context(), 1, os.ErrNotExist, os.ErrNotExist)
	refused := fmt.Errorf("%w: %w", lost, unwilling{errors.New("no such level")})
	check(t.Context(), 1, refused, refused)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	check(over, 1, lost, lost)
}

func TestTheAgentIsForGuests(t *testing.T) {
	var out, said bytes.Buffer
	require.Equal(t, exitUsage, assay(t.Context(), &out, &said, []string{"agent", "run"}))
	require.Contains(t, said.String(), "assay run --vm")
}

// kernelsExperiment varies the kernel, in as few boots as show that.
const kernelsExperiment = `question: Does the kernel change what a quota does to GOMAXPROCS?
workload: {program: procs}
knobs:
  kernel: [6.1, 6.12]
isolation: {cpu.max: "3"}
design: {blocks: 1, warmup: 0, timeout: 60s, whole-plot: [kernel]}
`

// goIntoGuests runs an experiment in guests and says how that ended. What it leaves in
// TMPDIR is an error.
func goIntoGuests(t *testing.T, name, text, vm string) (kept string, exit int, said string) {
	t.Helper()
	testenv.NeedsGuests(t)
	tree, err := filepath.Abs(filepath.Join("..", "..", ".."))
	require.NoError(t, err)
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp) // what is left there is this run's
	file, kept := filepath.Join(tmp, name+".yaml"), filepath.Join(tmp, "results")
	require.NoError(t, os.WriteFile(file, []byte("name: "+name+"\n"+text), 0o644))
	var out, errs bytes.Buffer
	exit = assay(t.Context(), &out, &errs, []string{
		"run", "--dir", tree, "--state", filepath.Join(tmp, "state"), "--lock", filepath.Join(tmp, "lock"), "--results", kept, "--vm", vm, file,
	})
	t.Log(errs.String())
	left, err := filepath.Glob(filepath.Join(tmp, "assay-*"))
	require.NoError(t, err)
	require.Empty(t, left)
	return kept, exit, errs.String()
}

// inGuests runs an experiment in guests to its end and gives its folder.
func inGuests(t *testing.T, name, text, vm string) (dir string, r results.Run) {
	t.Helper()
	kept, exit, said := goIntoGuests(t, name, text, vm)
	require.Equal(t, exitDone, exit, said)
	dir, err := results.Latest(kept, name)
	require.NoError(t, err)
	r, err = results.Read(dir)
	require.NoError(t, err)
	return dir, r
}

// TestVMRefusedLevel asks a guest for what only a write there finds out.
func TestVMRefusedLevel(t *testing.T) {
	_, exit, said := goIntoGuests(t, "refused", `question: Is a refused level told at its place?
workload: {program: procs}
knobs: {sysctl.vm.min_free_kbytes: [default, plenty]}
design: {blocks: 1, warmup: 0, timeout: 60s}
`, "kernel=6.1")
	require.Equal(t, exitFailed, exit)
	require.Contains(t, said, "refused.yaml:4:46: sysctl.vm.min_free_kbytes=plenty: ")
	require.Contains(t, said, "    4 | knobs: {sysctl.vm.min_free_kbytes: [default, plenty]}\n")
}

// TestVMRun takes an experiment to a guest of each kernel and back.
func TestVMRun(t *testing.T) {
	found, r := inGuests(t, "kernels", kernelsExperiment, "arch=amd64,cpus=4,numa=2")
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
}

// lacking is an experiment on what most machines of today lack: 32-bit ARM, swap, and
// a frequency that is theirs to set.
const lacking = `question: What does a machine do that this one is not?
workload: {program: procs}
zip:
  - goarm: [5, 7]
    swappiness: [10, 100]
    governor: [performance, powersave]
    cpu-max-freq: [1GHz, 2GHz]
design: {blocks: 1, warmup: 0, timeout: 60s}
`

// TestVMLackingKnobs sets on an arm64 guest what it was asked to have.
func TestVMLackingKnobs(t *testing.T) {
	_, r := inGuests(t, "lacking", lacking, "kernel=6.1,arch=arm64,cpus=2,swap=64MiB,cpufreq=1GHz/2GHz")
	inForce(t, r, "goarm", "governor", "cpu-max-freq")
	for _, s := range r.Attempts {
		for _, taint := range s.Taints {
			require.NotEqual(t, "frequency", taint.Kind, "a frequency that was made up taints no trial")
		}
	}
}

// inForce holds what every cell of a run was to have against what its trials saw.
func inForce(t *testing.T, r results.Run, keys ...string) {
	t.Helper()
	clean := map[int]bool{}
	for _, s := range r.Attempts {
		require.Equal(t, sample.OK, s.Outcome, s.Error)
		clean[s.Cell] = true
		for _, key := range keys {
			require.Equal(t, "in force", s.Standings[key].Word, "%s: %+v", key, s.Standings[key])
		}
		for key, stood := range s.Standings {
			require.NotEqual(t, "not in force", stood.Word, "%s: %+v", key, stood)
		}
	}
	require.Len(t, clean, len(r.Plan.Cells))
}

// threads is an experiment that takes CPUs away, and with them their frequency policies.
const threads = `question: Are cells without SMT whole?
workload: {program: procs}
knobs: {smt: [on, off], governor: [performance, powersave]}
isolation: {cpu-max-freq: 1GHz}
design: {blocks: 1, warmup: 0, timeout: 60s}
`

func TestVMThreadsAreSwitchedOff(t *testing.T) {
	_, r := inGuests(t, "threads", threads, "kernel=6.1,arch=amd64,cpus=4,threads=2,cpufreq=1GHz/2GHz")
	inForce(t, r, "smt", "governor", "cpu-max-freq")
	for _, s := range r.Attempts {
		got, ok := s.Lines[0].Get("gomaxprocs")
		require.True(t, ok)
		require.Equal(t, map[string]float64{"on": 4, "off": 2}[r.Plan.Level(r.Plan.Cells[s.Cell], "smt")], got)
	}
}

// apart is an experiment whose workload has its CPUs to itself, and a slow network.
const apart = `question: Are CPUs taken from everyone else?
workload: {program: procs}
zip:
  - cpuset.cpus.partition: [member, root, isolated]
    netem: [none, "delay=1ms", "loss=1%"]
isolation: {cpus: 2}
design: {blocks: 1, warmup: 0, timeout: 60s}
`

func TestVMPartitionsAndNetworksAreTheWorkloads(t *testing.T) {
	_, r := inGuests(t, "apart", apart, "kernel=6.12,arch=amd64,cpus=4")
	inForce(t, r, "cpuset.cpus.partition", "netem", "cpus")
}

// TestVMCommand sends a static program along.
func TestVMCommand(t *testing.T) {
	testenv.NeedsGuests(t)
	source, program := filepath.Join(t.TempDir(), "main.go"), filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(source, []byte("package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\n"+
		"func main() { fmt.Println(\"BenchmarkWord\", 1, len(os.Args[1]), \"letters\") }\n"), 0o644))
	c := exec.Command("go", "build", "-o", program, source)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := c.CombinedOutput()
	require.NoError(t, err, string(out))
	text := `question: Are programs of other people run in guests?
workload: {command: [` + program + `, "{word}"], params: {word: [one, three]}}
design: {blocks: 1, warmup: 0, timeout: 60s}
`
	_, r := inGuests(t, "command", text, "kernel=6.1,arch="+runtime.GOARCH)
	letters := map[string]float64{"one": 3, "three": 5}
	for _, s := range r.Attempts {
		require.Equal(t, sample.OK, s.Outcome, s.Error)
		got, ok := s.Lines[0].Get("letters")
		require.True(t, ok)
		require.Equal(t, letters[r.Plan.Level(r.Plan.Cells[s.Cell], "param.word")], got)
	}
	require.GreaterOrEqual(t, len(r.Attempts), 2)
}

// TestVMGotest sends the benchmarks of another module to a guest, with their data, and
// has them make as many iterations as one attempt has found there.
func TestVMGotest(t *testing.T) {
	module := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":            "module example.com/other\n\ngo 1.26\n",
		"sum/sum.go":        "package sum\n",
		"sum/testdata/data": "1 2 3",
		"sum/sum_test.go": "package sum\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc BenchmarkRead(b *testing.B) {\n" +
			"\tfor b.Loop() {\n\t\tif _, err := os.ReadFile(\"testdata/data\"); err != nil {\n\t\t\tb.Fatal(err)\n\t\t}\n\t}\n}\n",
	} {
		path := filepath.Join(module, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	text := `question: Are benchmarks of other modules run in guests?
workload: {gotest: {package: ./sum, dir: ` + module + `, bench: Read, benchtime: 20ms}}
knobs: {gogc: [50, 100]}
design: {blocks: 1, warmup: 0, timeout: 60s}
`
	dir, r := inGuests(t, "gotest", text, "kernel=6.1,arch=amd64,cpus=2")
	it, err := iterations(dir)
	require.NoError(t, err)
	for _, s := range r.Attempts {
		require.Equal(t, sample.OK, s.Outcome, s.Error)
		if s.Block >= 0 {
			require.Equal(t, it.Found["Read"], s.Lines[0].Iters)
		}
	}
	require.GreaterOrEqual(t, len(r.Attempts), 2)
}
