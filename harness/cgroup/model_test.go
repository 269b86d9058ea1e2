package cgroup

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A model is a fake tree with as much of the kernel's behaviour as the package
// relies on. It writes down everything that is done to it.
type model struct {
	t    *testing.T
	root string
	log  []string // "mkdir cpu/assay", "write cpu/assay/x/cpu.shares 10": below sys/fs/cgroup

	denied  map[string]error // path below sys/fs/cgroup -> what access answers
	refuse  map[string]error // file name -> what a write answers
	killed  []int
	invalid string // what the kernel adds to a partition that can't be

	kept []int // processes that kill let go, as they were no longer members
}

const cgroupfs = "sys/fs/cgroup"

// newModel has a mount for each of names: "cpu,cpuacct" and the like on v1,
// "unified" for v2 at sys/fs/cgroup/unified, "." for v2 at sys/fs/cgroup itself.
func newModel(t *testing.T, names ...string) *model {
	m := &model{t: t, root: t.TempDir(), denied: map[string]error{}, refuse: map[string]error{}}
	var mounts, own strings.Builder
	for i, name := range names {
		if name == "unified" || name == "." {
			fmt.Fprintf(&mounts, "%d 31 0:%d / /%s rw,relatime - cgroup2 cgroup2 rw\n", 40+i, 40+i, filepath.Join(cgroupfs, name))
			fmt.Fprintf(&own, "0::/\n")
		} else {
			fmt.Fprintf(&mounts, "%d 31 0:%d / /%s rw,relatime shared:9 - cgroup cgroup rw,%s\n", 40+i, 40+i, filepath.Join(cgroupfs, name), name)
			fmt.Fprintf(&own, "%d:%s:/\n", i+1, name)
		}
		m.top(name)
	}
	m.put("../../../proc/self/mountinfo", "23 1 254:0 / / rw - ext4 /dev/vda rw\n"+mounts.String())
	m.put("../../../proc/self/cgroup", own.String())
	return m
}

func (m *model) top(name string) {
	dir := m.path(name)
	require.NoError(m.t, os.MkdirAll(dir, 0o755))
	if name == "unified" {
		m.fillV2(dir, "")
		return
	}
	if name == "." {
		m.fillV2(dir, "cpuset cpu io memory hugetlb pids rdma misc")
		require.NoError(m.t, os.Remove(filepath.Join(dir, "cgroup.type")))
		return
	}
	m.fillV1(dir, name)
	if strings.Contains(name, "cpuset") {
		m.put(name+"/cpuset.cpus", "0-3\n")
		m.put(name+"/cpuset.mems", "0\n")
	}
}

func (m *model) path(name string) string { return filepath.Join(m.root, cgroupfs, name) }

func (m *model) name(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, m.path("")), "/")
}

func (m *model) put(name, text string) {
	path := m.path(name)
	require.NoError(m.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(m.t, os.WriteFile(path, []byte(text), 0o644))
}

func (m *model) get(name string) string {
	m.t.Helper()
	text, err := os.ReadFile(m.path(name))
	require.NoError(m.t, err)
	return strings.TrimSuffix(string(text), "\n")
}

func (m *model) tree() *Tree {
	m.t.Helper()
	t, err := detect(m.root, m.kernel())
	require.NoError(m.t, err)
	return t
}

func (m *model) slot(run string) *Slot {
	m.t.Helper()
	s, err := m.tree().NewSlot(run, nil)
	require.NoError(m.t, err)
	return s
}

func (m *model) kernel() kernel {
	return kernel{
		mkdir: m.mkdir, rmdir: m.rmdir, write: m.write, kill: m.kill,
		access:  func(path string) error { return m.denied[m.name(path)] },
		isGroup: func(path string) bool { return path != m.path("") && strings.HasPrefix(path, m.path("")) },
	}
}

func (m *model) mkdir(path string) error {
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	m.log = append(m.log, "mkdir "+m.name(path))
	up := filepath.Dir(path)
	if _, err := os.Stat(filepath.Join(up, "cgroup.subtree_control")); err == nil {
		m.fillV2(path, m.get(m.name(up)+"/cgroup.subtree_control"))
		return nil
	}
	m.fillV1(path, strings.SplitN(m.name(path), "/", 2)[0])
	if text, err := os.ReadFile(filepath.Join(up, "cgroup.clone_children")); err == nil && strings.TrimSpace(string(text)) == "1" {
		for _, file := range []string{"cgroup.clone_children", "cpuset.cpus", "cpuset.mems"} {
			if text, err := os.ReadFile(filepath.Join(up, file)); err == nil {
				m.put(m.name(path)+"/"+file, string(text))
			}
		}
	}
	return nil
}

func (m *model) fillV1(dir, controllers string) {
	files := map[string]string{
		"tasks": "", "cgroup.procs": "", "cgroup.clone_children": "0\n", "notify_on_release": "0\n",
	}
	add := map[string]map[string]string{
		"cpu":     {"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n", "cpu.shares": "1024\n", "cpu.stat": "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n"},
		"cpuacct": {"cpuacct.usage": "0\n", "cpuacct.usage_user": "0\n", "cpuacct.usage_sys": "0\n"},
		"cpuset":  {"cpuset.cpus": "\n", "cpuset.mems": "\n", "cpuset.effective_cpus": "0-3\n"},
		"memory":  {"memory.limit_in_bytes": "9223372036854771712\n", "memory.swappiness": "60\n", "memory.max_usage_in_bytes": "0\n", "memory.usage_in_bytes": "0\n", "memory.failcnt": "0\n", "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", "memory.force_empty": ""},
		"pids":    {"pids.max": "max\n", "pids.current": "0\n"},
		"blkio": {
			"blkio.throttle.read_bps_device": "", "blkio.throttle.write_bps_device": "",
			"blkio.throttle.read_iops_device": "", "blkio.throttle.write_iops_device": "", "blkio.bfq.weight": "100\n",
		},
	}
	for _, name := range strings.Split(controllers, ",") {
		for file, text := range add[name] {
			files[file] = text
		}
	}
	m.fill(dir, files)
}

func (m *model) fillV2(dir, controllers string) {
	files := map[string]string{
		"cgroup.procs": "", "cgroup.type": "domain\n", "cgroup.kill": "", "cgroup.freeze": "0\n",
		"cgroup.controllers": controllers + "\n", "cgroup.subtree_control": "\n",
		"cpu.stat":     "usage_usec 0\nuser_usec 0\nsystem_usec 0\n",
		"cpu.pressure": "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
	}
	add := map[string]map[string]string{
		"cpu":    {"cpu.max": "max 100000\n", "cpu.weight": "100\n", "cpu.stat": "usage_usec 0\nuser_usec 0\nsystem_usec 0\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n"},
		"cpuset": {"cpuset.cpus": "\n", "cpuset.mems": "\n", "cpuset.cpus.effective": "0-3\n", partitionFile: "member\n"},
		"memory": {"memory.max": "max\n", "memory.high": "max\n", "memory.peak": "0\n", "memory.events": "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n"},
		"pids":   {"pids.max": "max\n"},
	}
	for _, name := range strings.Fields(controllers) {
		for file, text := range add[name] {
			files[file] = text
		}
	}
	m.fill(dir, files)
}

func (m *model) fill(dir string, files map[string]string) {
	for file, text := range files {
		require.NoError(m.t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644))
	}
}

func (m *model) rmdir(path string) error {
	inside, err := children(path)
	if err != nil {
		return err
	}
	if procs, _ := words(path, "cgroup.procs"); len(procs)+len(inside) > 0 {
		return &fs.PathError{Op: "rmdir", Path: path, Err: syscall.EBUSY}
	}
	m.log = append(m.log, "rmdir "+m.name(path))
	return os.RemoveAll(path)
}

func (m *model) write(group, file, value string) error {
	m.log = append(m.log, "write "+m.name(group)+"/"+file+" "+value)
	if err := m.refuse[file]; err != nil {
		return &fs.PathError{Op: "write", Path: filepath.Join(group, file), Err: err}
	}
	before, err := read(group, file)
	if err != nil {
		return err
	}
	name := m.name(group) + "/" + file
	switch file {
	case "cgroup.subtree_control":
		return m.control(group, name, before, value)
	case "cgroup.procs":
		m.move(group, value)
	case "cgroup.kill":
		filepath.WalkDir(group, func(path string, d fs.DirEntry, err error) error {
			if d.Name() == "cgroup.procs" {
				m.put(m.name(path), "")
			}
			return err
		})
	case partitionFile:
		if value != "member" {
			value += m.invalid
		}
		m.put(name, value+"\n")
	case "memory.limit_in_bytes":
		if value == "-1" {
			value = "9223372036854771712"
		}
		m.put(name, value+"\n")
	default:
		m.put(name, value+"\n")
	}
	return nil
}

func (m *model) control(group, name, before, value string) error {
	on := strings.Fields(before)
	for _, change := range strings.Fields(value) {
		controller := change[1:]
		offered := strings.Fields(m.get(m.name(group) + "/cgroup.controllers"))
		switch procs, _ := words(group, "cgroup.procs"); {
		case !slices.Contains(offered, controller):
			return &fs.PathError{Op: "write", Path: name, Err: syscall.ENOENT}
		case change[0] == '+' && len(procs) > 0 && !realRoot(group):
			return &fs.PathError{Op: "write", Path: name, Err: syscall.EBUSY}
		case change[0] == '+' && !slices.Contains(on, controller):
			on = append(on, controller)
		case change[0] == '-':
			on = slices.DeleteFunc(on, func(c string) bool { return c == controller })
		}
	}
	m.put(name, strings.Join(on, " ")+"\n")
	return nil
}

// move takes a process out of every group of the model and puts it into one.
func (m *model) move(group, pid string) {
	filepath.WalkDir(m.path(""), func(path string, d fs.DirEntry, err error) error {
		if d.Name() == "cgroup.procs" {
			m.expel(filepath.Dir(path), pid)
		}
		return err
	})
	m.put(m.name(group)+"/cgroup.procs", m.get(m.name(group)+"/cgroup.procs")+pid+"\n")
}

func (m *model) expel(group, pid string) {
	procs, _ := words(group, "cgroup.procs")
	kept := slices.DeleteFunc(procs, func(p string) bool { return p == pid })
	text := strings.Join(kept, "\n")
	if text != "" {
		text += "\n"
	}
	m.put(m.name(group)+"/cgroup.procs", text)
}

// kill takes a process out of every group where it still is a member.
func (m *model) kill(pid int, still func() bool) error {
	if !still() {
		m.kept = append(m.kept, pid)
		return nil
	}
	m.killed = append(m.killed, pid)
	filepath.WalkDir(m.path(""), func(path string, d fs.DirEntry, err error) error {
		if d.Name() == "cgroup.procs" {
			m.expel(filepath.Dir(path), strconv.Itoa(pid))
		}
		return err
	})
	return nil
}

// groups lists every group below sys/fs/cgroup that is ours.
func (m *model) groups() []string {
	var found []string
	filepath.WalkDir(m.path(""), func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() && strings.Contains(m.name(path), "assay") {
			found = append(found, m.name(path))
		}
		return err
	})
	return found
}

// done returns the log and begins a new one.
func (m *model) done() []string {
	log := m.log
	m.log = nil
	return log
}

func equal[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}
