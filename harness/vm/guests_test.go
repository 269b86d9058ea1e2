package vm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/testenv"
)

// Where things are in a guest. The tests of a package run in that package's
// folder below the tree, as go test has it.
const (
	treeThere = "/assay"
	kitThere  = "/assay/kit"
	diskThere = "/disk"
	outThere  = "/out"
	swapThere = diskThere + "/swap-of-tests" // $SWAP in sh
)

// tree is this module.
func tree(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	return dir
}

// goes runs the go command in the tree for an architecture.
func goes(t *testing.T, arch string, args ...string) {
	t.Helper()
	c := exec.Command("go", args...)
	c.Dir = tree(t)
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+arch)
	out, err := c.CombinedOutput()
	require.NoError(t, err, "go %s: %s", strings.Join(args, " "), out)
}

// packages are those with tests for root or for guests, as paths in the tree.
func packages(t *testing.T) []string {
	t.Helper()
	gated := regexp.MustCompile(`(?m)^func Test(Root|Guest)`)
	var found []string
	err := filepath.WalkDir(filepath.Join(tree(t), "harness"), func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !gated.Match(text) {
			return err
		}
		dir, err := filepath.Rel(tree(t), filepath.Dir(path))
		if !slices.Contains(found, dir) {
			found = append(found, dir)
		}
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

// programs are the workloads of the tests that guests run.
var programs = []string{"procs", "gc-churn"}

// baggage is what a guest takes along: the command, a kit of the workloads, the
// experiments, and the tests of every package that has some for it.
func baggage(t *testing.T, arch string) []File {
	t.Helper()
	here := t.TempDir()
	in := func(names ...string) string { return filepath.Join(append([]string{here}, names...)...) }
	var files []File
	take := func(path, source string) { files = append(files, File{Path: path, Source: source}) }

	goes(t, arch, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", in("assay"), "./harness/cmd/assay")
	take(kitThere+"/assay", in("assay"))
	kit, err := builder(t).Pack(t.Context(), in("kit"), arch, programs, nil)
	require.NoError(t, err)
	take(kitThere+"/kit.json", in("kit", "kit.json"))
	for _, bin := range kit.Binaries {
		take(kitThere+"/"+bin.SHA256, in("kit", bin.SHA256))
	}
	take(treeThere+"/go.mod", filepath.Join(tree(t), "go.mod"))
	experiments, err := filepath.Glob(filepath.Join(tree(t), "experiments", "*.yaml"))
	require.NoError(t, err)
	for _, file := range experiments {
		take(treeThere+"/experiments/"+filepath.Base(file), file)
	}
	for _, dir := range packages(t) {
		binary := in(strings.ReplaceAll(dir, "/", "-") + ".test")
		goes(t, arch, "test", "-c", "-trimpath", "-ldflags=-s -w", "-o", binary, "./"+dir)
		take(treeThere+"/"+dir+"/test", binary)
	}
	return files
}

func builder(t *testing.T) build.Builder {
	t.Helper()
	command, err := exec.LookPath("go")
	require.NoError(t, err)
	home, err := os.UserHomeDir()
	require.NoError(t, err)
	return build.Builder{Root: tree(t), Cache: t.TempDir(), Go: command, Home: home}
}

// disk makes an image with an ext4 file system.
func disk(t *testing.T) Disk {
	t.Helper()
	image := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.WriteFile(image, nil, 0o644))
	require.NoError(t, os.Truncate(image, 512<<20))
	// Outside of a login shell of root's it may not be on PATH.
	out, err := exec.Command("/bin/sh", "-c", "PATH=$PATH:/sbin:/usr/sbin; exec mkfs.ext4 -q -F "+image).CombinedOutput()
	require.NoError(t, err, string(out))
	return Disk{Image: image, At: diskThere, Type: "ext4"}
}

// environ is what tests in a guest find.
var environ = []string{
	"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "LANG=C",
	"ASSAY_KILLS=3", // where make test-root does ten and more: each is two whole runs
	"ASSAY_TEST_ROOT=1", "ASSAY_TEST_GUEST=1",
	"ASSAY_TEST_KIT=" + kitThere, "ASSAY_TEST_DISK=" + diskThere, "ASSAY_TEST_OUT=" + outThere,
}

// Of the tests of the command those are run that a kernel has a say in, above all
// what is left after a crash; on the second architecture one of them. A whole run
// takes long in a guest, and the rest is the same code as here.
const (
	crashes = "^TestGuest|^TestRoot(KilledWhileEverything|RestoreMends|NextRunMends|AForeignHand|ALostGuardian)"
	fewer   = "^TestGuestKnobs|^TestRootRestoreMends"
)

// TestVMGuests is make test-vm. While one works on a test, ASSAY_VM_PACKAGE=knob
// leaves out those of other packages and ASSAY_VM_RUN is a pattern of names.
//
// Both guests run at once: much of what is done there is to wait.
func TestVMGuests(t *testing.T) {
	machines := [][]knob.Row{here(t), nil, nil}
	t.Cleanup(func() { // after both
		if chosen == "" && !t.Failed() {
			left(t, machines)
		}
	})
	t.Run("amd64", func(t *testing.T) {
		t.Parallel()
		m := loaded(t, "amd64")
		machines[1] = throughout(t, m, crashes)
		if chosen == "" {
			t.Run("power-cut", func(t *testing.T) { powerCut(t, m) })
		}
	})
	t.Run("arm64", func(t *testing.T) {
		t.Parallel()
		machines[2] = throughout(t, loaded(t, "arm64"), fewer)
	})
}

// chosen is the package whose tests alone are run; empty for all.
var chosen = os.Getenv("ASSAY_VM_PACKAGE")

// loaded is a machine with all that its tests need.
func loaded(t *testing.T, arch string) Machine {
	t.Helper()
	m := machine(t, arch)
	m.Modules, m.Files, m.Disks = Resources, baggage(t, arch), []Disk{disk(t)}
	return m
}

// throughout boots a machine, runs what there is for it, those tests of the command
// that a pattern names, and gives what it makes of every knob.
func throughout(t *testing.T, m Machine, command string) []knob.Row {
	t.Helper()
	g := booted(t, m)
	require.Equal(t, "", sh(t, g, "mkdir "+outThere))
	t.Run("line", func(t *testing.T) { line(t, g) })
	sh(t, g, "dd if=/dev/zero of=$SWAP bs=1M count=64 2>&1; chmod 600 $SWAP; mkswap $SWAP")
	for _, dir := range packages(t) {
		pattern := "^Test(Root|Guest)"
		if dir == "harness/cmd/assay" {
			pattern = command
		}
		if chosen == "" || chosen == filepath.Base(dir) {
			t.Run(filepath.Base(dir), func(t *testing.T) { tests(t, g, dir, pattern) })
		}
	}
	out := filepath.Join(collected(t), m.Kernel.Release)
	require.NoError(t, g.Fetch(t.Context(), outThere, out))
	t.Logf("what it left is in %s", out)
	require.NoError(t, g.Off(t.Context()))
	if chosen != "" {
		return nil
	}
	var rows []knob.Row
	text, err := os.ReadFile(filepath.Join(out, "knobs.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &rows))
	return rows
}

// collected is where results of guests go: ASSAY_VM_OUT, as make test-vm has it.
func collected(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("ASSAY_VM_OUT"); dir != "" {
		return dir
	}
	return t.TempDir()
}

// here is what this machine makes of the knobs.
func here(t *testing.T) []knob.Row {
	t.Helper()
	testenv.NeedsGuests(t)
	h, err := host.Read("/")
	require.NoError(t, err)
	groups, err := cgroup.Detect("/")
	require.NoError(t, err)
	return knob.Catalogue(h, groups.Reach)
}

// hardware are the knobs that no guest has, nor most machines whose frequency a
// hypervisor has in hand. They are tried on fake trees of real machines.
//
// Note: an arm64 guest can be given idle states in its device tree, and the kernel
// takes them, but one that asks QEMU's firmware for them (PSCI CPU_SUSPEND, 7.2) does
// not wake any more.
var hardware = []string{"c-state-limit", "energy-performance-preference"}

// left says which knobs none of the machines supports. Each of them lists all knobs.
func left(t *testing.T, machines [][]knob.Row) {
	t.Helper()
	yes := map[string]bool{}
	for i, rows := range machines {
		require.Len(t, rows, len(machines[0]))
		n := 0
		for _, row := range rows {
			if row.Word == knob.Yes {
				n++
				yes[row.Name] = true
			}
		}
		t.Logf("%d of %d knobs are supported on %s", n, len(rows), []string{"this machine", "the amd64 guest", "the arm64 guest"}[i])
	}
	for _, row := range machines[0] {
		why := fmt.Sprintf("%s is supported on none of them: here, %s", row.Name, row.Why)
		switch {
		case yes[row.Name]:
		case row.Scope == knob.Boot:
			t.Logf("%s: each of its levels is a guest of its own: TestVMRun sets it", row.Name)
		case slices.Contains(hardware, row.Name):
			t.Log(why + " (hardware only)")
		default:
			t.Error(why)
		}
	}
	t.Logf("%d of %d knobs are supported on some of them", len(yes), len(machines[0]))
}

// tests runs the tests of a package in the guest.
func tests(t *testing.T, g *Guest, dir, pattern string) {
	t.Helper()
	if only := os.Getenv("ASSAY_VM_RUN"); only != "" {
		pattern = only
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	if dir != "harness/cgroup" { // whose tests find out what happens with swap and without
		sh(t, g, "swapon $SWAP")
		defer sh(t, g, "swapoff $SWAP")
	}
	begun := time.Now()
	var out bytes.Buffer
	tmp := "/tmp"
	if dir == "harness/resource" {
		tmp = diskThere // the other is in memory, which can't be swapped to
	}
	status, err := g.Run(ctx, Command{
		Args: []string{treeThere + "/" + dir + "/test", "-test.v", "-test.timeout=19m", "-test.run", pattern},
		Env:  append(slices.Clone(environ), "TMPDIR="+tmp), Dir: treeThere + "/" + dir, Stdout: &out, Stderr: &out,
	})
	said := out.String()
	require.NoError(t, err, said)
	sum := count(said)
	t.Logf("%d passed, %d skipped in %v", len(sum.passed), len(sum.skipped), time.Since(begun).Round(100*time.Millisecond))
	if len(sum.slow) > 0 {
		t.Logf("of that %s", strings.Join(sum.slow, ", "))
	}
	for _, line := range sum.skipped {
		t.Log("skipped: " + line)
	}
	if status != 0 {
		t.Errorf("exit %d:\n%s", status, said)
	}
}

// A tally is what tests said of themselves with -test.v.
type tally struct{ passed, skipped, slow []string }

var (
	running = regexp.MustCompile(`^=== (?:RUN|NAME|CONT) +(\S+)`)
	ending  = regexp.MustCompile(`^ *--- (PASS|SKIP): (\S+) \((\d+)\.`)
	logged  = regexp.MustCompile(`^ +\w+_test\.go:\d+: (.*)`)
)

// count reads the endings of tests. What a test logged last is why it skips.
func count(said string) tally {
	var sum tally
	now, last := "", map[string]string{}
	for line := range strings.Lines(said) {
		if m := running.FindStringSubmatch(line); m != nil {
			now = m[1]
		}
		if m := logged.FindStringSubmatch(line); m != nil {
			last[now] = m[1]
		}
		switch m := ending.FindStringSubmatch(line); {
		case m == nil:
		case m[1] == "PASS":
			sum.passed = append(sum.passed, m[2])
			if len(m[3]) > 1 { // ten seconds and more
				sum.slow = append(sum.slow, m[2]+" "+m[3]+"s")
			}
		default:
			sum.skipped = append(sum.skipped, fmt.Sprintf("%s: %s", m[2], last[m[2]]))
		}
	}
	return sum
}

// TestVMOtherKernels boots whatever else the cache holds, such as what
// scripts/fetch-kernels 6.12/cloud-amd64 brings.
func TestVMOtherKernels(t *testing.T) {
	m := machine(t, "amd64")
	cache, err := Cache()
	require.NoError(t, err)
	found, err := filepath.Glob(filepath.Join(cache, "[0-9]*", "*"))
	require.NoError(t, err)
	for _, dir := range found {
		k, err := Open(cache, filepath.Base(filepath.Dir(dir)), filepath.Base(dir))
		require.NoError(t, err)
		if k.Series == m.Kernel.Series {
			continue
		}
		t.Run(k.Release, func(t *testing.T) {
			m := machine(t, k.Arch)
			m.Kernel, m.Modules, m.Disks = k, Resources, []Disk{disk(t)}
			g := booted(t, m)
			require.Equal(t, k.Release, sh(t, g, "uname -r"))
			require.Contains(t, sh(t, g, "cat /proc/mounts"), " "+diskThere+" ext4 ")
			require.NoError(t, g.Off(t.Context()))
		})
	}
}
