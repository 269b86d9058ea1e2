package cgroup_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/sysfs"
)

// What needs a machine of cgroup v2 alone, of two NUMA nodes, or one whose swap
// may be turned on: "make test-vm" boots one.
func needsGuest(t *testing.T) {
	t.Helper()
	if os.Getenv("ASSAY_TEST_GUEST") != "1" {
		t.Skip("needs a guest: run make test-vm")
	}
}

// A part that this test binary plays in a guest, beside those in root_test.go.
var guestParts = map[string]func(){
	"ask": func() {
		text, _ := os.ReadFile("/proc/self/cgroup")
		fmt.Printf("%d %s", runtime.NumCPU(), text)
	},
	"hold": func() {
		touch(held)
		fmt.Println("held")
		time.Sleep(time.Minute)
	},
	"write": func() {
		fmt.Println(writeThrough(os.Getenv("ASSAY_PLAY_FILE"), written))
	},
	// More file than fits beside the memory that is held: something has to go.
	"read": func() {
		touch(held)
		file, err := os.Open(os.Getenv("ASSAY_PLAY_FILE"))
		for range 4 {
			if err == nil {
				_, err = io.Copy(io.Discard, io.NewSectionReader(file, 0, 1<<40))
			}
		}
		fmt.Println("read", err)
		time.Sleep(time.Minute)
	},
}

const (
	held    = 48 << 20
	written = 8 << 20
)

// touch fills memory that is outside of the Go heap, in one mapping.
func touch(size int) {
	memory, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		fmt.Println(err)
	}
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1
	}
}

// writeThrough writes past the page cache, a MiB at a time.
func writeThrough(path string, size int) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|unix.O_DIRECT, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	block, err := unix.Mmap(-1, 0, 1<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON) // aligned to a page
	for n := 0; err == nil && n < size; n += len(block) {
		_, err = f.Write(block)
	}
	return err
}

// v2Slot is a slot of a machine that has nothing but v2.
func v2Slot(t *testing.T) *cgroup.Slot {
	t.Helper()
	needsGuest(t)
	tree, slot := newSlot(t)
	require.Equal(t, cgroup.V2, tree.Mode)
	require.Equal(t, []string{"cpu", "cpuset", "io", "memory", "pids"}, tree.Controllers())
	return slot
}

// played starts a part in a leaf and gives what it printed up to a line's end.
func played(t *testing.T, leaf *cgroup.Leaf, settings launch.Settings, env ...string) (p *launch.Process, line string) {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	p, err = launch.Start(launch.Command{
		Path: self(t), Env: env, Stdout: w, Stderr: os.Stderr,
		Tasks: leaf.Tasks(), Cgroup: leaf.Dir(), Settings: settings,
	})
	w.Close()
	require.NoError(t, err)
	line, _ = bufio.NewReader(r).ReadString('\n') // one that is killed says nothing
	return p, strings.TrimSpace(line)
}

// bytesOf reads a control file that holds one number.
func bytesOf(t *testing.T, leaf *cgroup.Leaf, file string) int64 {
	t.Helper()
	text, err := leaf.Read(file)
	require.NoError(t, err)
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	require.NoError(t, err)
	return n
}

// disk is the device behind the guest's disk, "259:0", and its name.
func disk(t *testing.T) (dir, name, device string) {
	t.Helper()
	dir = os.Getenv("ASSAY_TEST_DISK")
	require.NotEmpty(t, dir)
	var s unix.Stat_t
	require.NoError(t, unix.Stat(dir, &s))
	device = fmt.Sprintf("%d:%d", unix.Major(s.Dev), unix.Minor(s.Dev))
	at, err := os.Readlink("/sys/dev/block/" + device)
	require.NoError(t, err)
	return dir, filepath.Base(at), device
}

func TestGuestEverySettingIsReadBackOnV2(t *testing.T) {
	slot := v2Slot(t)
	_, _, device := disk(t)
	quota := sysfs.Write{File: "cpu.max", Value: "50000 100000"} // for what depends on it
	trial := 0
	check := func(file, value, want string) {
		t.Helper()
		trial++
		leaf := newLeaf(t, slot, strconv.Itoa(trial), quota, sysfs.Write{File: file, Value: value})
		got, err := leaf.Read(file)
		require.NoError(t, err)
		if got = strings.TrimSpace(got); got != want {
			t.Errorf("%s=%s reads %q, want %q", file, value, got, want)
		}
	}
	check("cpu.max", "150000 100000", "150000 100000")
	check("cpu.max", "max 50000", "max 50000")
	check("cpu.max.burst", "20000", "20000")
	check("cpu.weight", "250", "250")
	check("cpu.idle", "1", "1")
	check("cpuset.cpus", "1-2", "1-2")
	check("cpuset.mems", "1", "1")
	check("memory.max", "268435456", "268435456")
	check("memory.high", "134217729", "134217728") // down to a whole page
	check("memory.low", "67108864", "67108864")
	check("memory.min", "33554432", "33554432")
	check("memory.swap.max", "0", "0")
	check("memory.oom.group", "1", "1")
	check("io.weight", "default 250", "default 250")
	check("io.max", device+" wbps=4194304", device+" rbps=max wbps=4194304 riops=max wiops=max")
	check("pids.max", "64", "64")
}

// The machine's own group loses the CPUs of an isolated partition, whoever runs there
// keeps off them, and has them again when the leaf is gone.
func TestGuestIsolatedPartitionTakesItsCPUs(t *testing.T) {
	slot := v2Slot(t)
	const root = sysfs.FS("/sys/fs/cgroup")
	left := func() string {
		t.Helper()
		text, err := root.Read("cpuset.cpus.effective")
		require.NoError(t, err)
		return strings.TrimSpace(text)
	}
	require.Equal(t, "0-3", left())
	for _, kind := range []string{"isolated", "root"} {
		leaf, err := slot.Leaf(kind, "main", []sysfs.Write{{File: "cpuset.cpus", Value: "2-3"}, {File: "cpuset.cpus.partition", Value: kind}})
		require.NoError(t, err)
		text, err := leaf.Read("cpuset.cpus.partition")
		require.NoError(t, err)
		require.Equal(t, kind, strings.TrimSpace(text))
		require.Equal(t, "0-1", left())
		p, line := played(t, leaf, launch.Settings{Affinity: []int{2, 3}}, "ASSAY_PLAY=ask")
		_, err = p.Wait()
		require.NoError(t, err)
		require.Regexp(t, "^2 ", line, "it has its two")
		require.NoError(t, leaf.Remove())
		require.Equal(t, "0-3", left())
	}
}

// The Go runtime counts its CPUs before main: a process that was moved in later
// would have counted those of the group above.
func TestGuestProcessIsBornInItsGroup(t *testing.T) {
	leaf := newLeaf(t, v2Slot(t), "1", sysfs.Write{File: "cpuset.cpus", Value: "2"})
	p, line := played(t, leaf, launch.Settings{}, "ASSAY_PLAY=ask")
	exit, err := p.Wait()
	require.NoError(t, err)
	require.Zero(t, exit.Status)
	require.Equal(t, fmt.Sprintf("1 0::/assay/test-%d/1.main", os.Getpid()), line)
}

func TestGuestPeakAndPressureAreTheLeafs(t *testing.T) {
	slot := v2Slot(t)
	leaf := newLeaf(t, slot, "1", sysfs.Write{File: "cpuset.cpus", Value: "1"})
	p, line := played(t, leaf, launch.Settings{}, "ASSAY_PLAY=hold")
	require.Equal(t, "held", line)
	spinners := []*launch.Process{start(t, leaf, "spin", nil), start(t, leaf, "spin", nil)}
	for _, s := range spinners {
		_, err := s.Wait()
		require.NoError(t, err)
	}
	c, err := leaf.Counters()
	require.NoError(t, err)
	if peak := c["cgroup-peak-bytes"]; peak < held || peak > 2*held {
		t.Errorf("peak %v bytes, of a process that holds %d", peak, held)
	}
	if c["cpu-pressure-ns"] <= 0 {
		t.Errorf("two that spin on one CPU wait for it: %v", c)
	}
	for _, unit := range []string{"memory-pressure-ns", "io-pressure-ns"} {
		if _, told := c[unit]; !told {
			t.Errorf("no %s in %v", unit, c)
		}
	}
	require.NoError(t, leaf.Kill())
	_, err = p.Wait()
	require.NoError(t, err)
	other, err := newLeaf(t, slot, "2").Counters()
	require.NoError(t, err)
	if other["cgroup-peak-bytes"] > held/2 {
		t.Errorf("a leaf that nothing ran in has a peak of %v bytes", other["cgroup-peak-bytes"])
	}
}

// Only where cgroup.kill fails are forks stopped by pids.max first.
func TestGuestKillIsTheKernelsOwn(t *testing.T) {
	leaf := newLeaf(t, v2Slot(t), "1")
	p, line := played(t, leaf, launch.Settings{}, "ASSAY_PLAY=fork")
	require.Equal(t, "grown", line)
	require.NoError(t, leaf.Kill())
	exit, err := p.Wait()
	require.NoError(t, err)
	require.Equal(t, syscall.SIGKILL, exit.Signal)
	limit, err := leaf.Read("pids.max")
	require.NoError(t, err)
	require.Equal(t, "max", limit)
	events, err := leaf.Read("cgroup.events")
	require.NoError(t, err)
	require.Contains(t, events, "populated 0")
}

func TestGuestOutOfMemoryIsCountedByEvents(t *testing.T) {
	leaf := newLeaf(t, v2Slot(t), "1",
		sysfs.Write{File: "memory.max", Value: "33554432"}, sysfs.Write{File: "memory.swap.max", Value: "0"})
	exit, err := start(t, leaf, "hoard", nil).Wait()
	require.NoError(t, err)
	require.Equal(t, syscall.SIGKILL, exit.Signal)
	events, err := leaf.Read("memory.events")
	require.NoError(t, err)
	require.Regexp(t, regexp.MustCompile(`(?m)^max [1-9]`), events)
	require.Regexp(t, regexp.MustCompile(`(?m)^oom_kill 1$`), events)
}

// A limit on writing bounds the time from below, however slow the machine.
func TestGuestWritingIsHeldBack(t *testing.T) {
	slot := v2Slot(t)
	dir, _, device := disk(t)
	file := filepath.Join(dir, "written")
	defer os.Remove(file)
	const rate = 4 << 20
	leaf := newLeaf(t, slot, "1", sysfs.Write{File: "io.max", Value: fmt.Sprintf("%s wbps=%d", device, rate)})
	begun := time.Now()
	p, line := played(t, leaf, launch.Settings{}, "ASSAY_PLAY=write", "ASSAY_PLAY_FILE="+file)
	_, err := p.Wait()
	require.NoError(t, err)
	require.Equal(t, "<nil>", line)
	if took := time.Since(begun); took < time.Second {
		t.Errorf("%d bytes at %d a second were written in %v", written, rate, took)
	}
	stat, err := leaf.Read("io.stat")
	require.NoError(t, err)
	m := regexp.MustCompile(regexp.QuoteMeta(device) + ` .*wbytes=(\d+)`).FindStringSubmatch(stat)
	require.NotNil(t, m, stat)
	n, err := strconv.Atoi(m[1])
	require.NoError(t, err)
	if n < written {
		t.Errorf("the leaf is said to have written %d bytes of %d", n, written)
	}
}

// Where the pages of a process are stands in its numa_maps.
func TestGuestMemoryPolicyPlacesPages(t *testing.T) {
	slot := v2Slot(t)
	const pages = held / 4096 // a mapping of the runtime's may lie next to it and be shown as one with it
	only1 := func(node0, node1 int) bool { return node0 == 0 && node1 >= pages }
	trial := 0
	check := func(name string, m *launch.MemoryPolicy, set []sysfs.Write, want func(node0, node1 int) bool) {
		t.Helper()
		trial++
		leaf := newLeaf(t, slot, strconv.Itoa(trial), set...)
		p, line := played(t, leaf, launch.Settings{Memory: m}, "ASSAY_PLAY=hold")
		require.Equal(t, "held", line)
		node0, node1 := placed(t, p.PID)
		require.NoError(t, leaf.Kill())
		_, err := p.Wait()
		require.NoError(t, err)
		if !want(node0, node1) {
			t.Errorf("%s: of %d pages, %d are on node 0 and %d on node 1", name, pages, node0, node1)
		}
	}
	check("bind:1", &launch.MemoryPolicy{Mode: "bind", Nodes: []int{1}}, nil, only1)
	check("bind:0", &launch.MemoryPolicy{Mode: "bind", Nodes: []int{0}}, nil, func(a, b int) bool { return a >= pages && b == 0 })
	check("preferred:1", &launch.MemoryPolicy{Mode: "preferred", Nodes: []int{1}}, nil, only1)
	check("interleave", &launch.MemoryPolicy{Mode: "interleave", Nodes: []int{0, 1}}, nil,
		func(a, b int) bool { return a+b >= pages && a > pages/3 && b > pages/3 })
	check("local, on a CPU of node 1", &launch.MemoryPolicy{Mode: "local"}, []sysfs.Write{{File: "cpuset.cpus", Value: "3"}}, only1)
	check("cpuset.mems=1", nil, []sysfs.Write{{File: "cpuset.mems", Value: "1"}}, only1)
}

var onNode = regexp.MustCompile(` N([01])=(\d+)`)

// placed counts the pages of the mapping that the part holds, on each node: it is
// the largest of them. Huge pages are counted as the small ones that they are made of.
func placed(t *testing.T, pid int) (node0, node1 int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/numa_maps", pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		var on [2]int
		for _, m := range onNode.FindAllStringSubmatch(line, -1) {
			n, err := strconv.Atoi(m[2])
			require.NoError(t, err)
			on[m[1][0]-'0'] = n
		}
		if on[0]+on[1] > node0+node1 {
			node0, node1 = on[0], on[1]
		}
	}
	return node0, node1
}

// swapOn gives the guest 256 MiB of swap on its disk for a test.
func swapOn(t *testing.T) {
	t.Helper()
	dir, _, _ := disk(t)
	file := filepath.Join(dir, "swap")
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	require.NoError(t, unix.Fallocate(int(f.Fd()), 0, 0, 256<<20))
	require.NoError(t, f.Close())
	for _, command := range []string{"mkswap", "swapon"} {
		out, err := exec.Command(command, file).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("swapoff", file).CombinedOutput(); err != nil {
			t.Errorf("swapoff: %v: %s", err, out)
		}
		os.Remove(file)
	})
}

func TestGuestPagesAreSwappedOnlyAsFarAsAllowed(t *testing.T) {
	slot := v2Slot(t)
	swapOn(t)
	limit := sysfs.Write{File: "memory.max", Value: "33554432"}
	leaf := newLeaf(t, slot, "1", limit)
	p, line := played(t, leaf, launch.Settings{}, "ASSAY_PLAY=hold")
	require.Equal(t, "held", line, "48 MiB under a limit of 32 MiB go in with swap")
	if swapped := bytesOf(t, leaf, "memory.swap.current"); swapped < held-(32<<20) {
		t.Errorf("%d bytes are swapped out", swapped)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID))
	require.NoError(t, err)
	require.Regexp(t, regexp.MustCompile(`VmSwap:\s+[1-9]\d{3,} kB`), string(status))
	require.NoError(t, leaf.Kill())
	_, err = p.Wait()
	require.NoError(t, err)

	none := newLeaf(t, slot, "2", limit, sysfs.Write{File: "memory.swap.max", Value: "0"})
	p, _ = played(t, none, launch.Settings{}, "ASSAY_PLAY=hold")
	exit, err := p.Wait()
	require.NoError(t, err)
	require.Equal(t, syscall.SIGKILL, exit.Signal, "and not without")
}

// With vm.swappiness at 0 the page cache goes first; at 200 memory does.
func TestGuestSwappinessDecidesWhatGoes(t *testing.T) {
	slot := v2Slot(t)
	swapOn(t)
	dir, _, _ := disk(t)
	file := filepath.Join(dir, "read")
	defer os.Remove(file)
	require.NoError(t, writeThrough(file, 64<<20))
	before, err := sysfs.FS("/").Read("proc/sys/vm/swappiness")
	require.NoError(t, err)
	set := func(value string) {
		t.Helper()
		require.NoError(t, sysfs.FS("/").Write(sysfs.Write{File: "proc/sys/vm/swappiness", Value: value}))
	}
	defer set(before)
	swapped := map[string]int64{}
	for i, level := range []string{"0", "200"} {
		set(level)
		leaf := newLeaf(t, slot, strconv.Itoa(i), sysfs.Write{File: "memory.max", Value: strconv.Itoa(80 << 20)})
		p, line := played(t, leaf, launch.Settings{}, "ASSAY_PLAY=read", "ASSAY_PLAY_FILE="+file)
		require.Equal(t, "read <nil>", line)
		swapped[level] = bytesOf(t, leaf, "memory.swap.current")
		require.NoError(t, leaf.Kill())
		_, err := p.Wait()
		require.NoError(t, err)
	}
	if swapped["0"] > 1<<20 || swapped["200"] < 4<<20 {
		t.Errorf("bytes swapped out by swappiness: %v", swapped)
	}
}
