package cgroup

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/sysfs"
)

// A Mode says where controllers hang.
type Mode string

const (
	None   Mode = "none"
	V1     Mode = "v1"
	Hybrid Mode = "hybrid" // controllers on v1, processes also on v2
	V2     Mode = "v2"
)

// folder is what every group of ours is below.
const folder = "assay"

// controllers, by v2 names. On v1 hosts cpuacct counts what v2's cpu counts.
var controllers = [...]string{"cpu", "cpuset", "io", "memory", "pids"}

// A Tree is the cgroup hierarchies of a machine as they were found, and the
// place in each where groups are made. Nothing is made yet.
type Tree struct {
	Mode Mode

	all []*hierarchy // unified last
	k   kernel
	pid int // of the harness
}

// A hierarchy is one mounted cgroup file system.
type hierarchy struct {
	mount
	top   string   // the mount point, below the root folder
	base  string   // the existing group in which folder is made
	holds []string // controllers of ours that a group made here can have, by the kernel's names
	moves bool     // the harness itself is in base and has to leave it (v2)
	why   *Blocked // why no group can be made here; nil: it can
}

// Detect finds the hierarchies from proc/self/mountinfo and proc/self/cgroup
// below root, which is "/" on a real machine. A machine without cgroups is not
// an error: its Mode is None.
func Detect(root string) (*Tree, error) { return detect(root, linux()) }

func detect(root string, k kernel) (*Tree, error) {
	mounts, own, err := readProc(sysfs.FS(root))
	if err != nil {
		return nil, fmt.Errorf("cgroup: find hierarchies: %w", err)
	}
	t := &Tree{k: k, pid: os.Getpid()}
	for _, m := range distinct(mounts) {
		h := &hierarchy{mount: m, top: filepath.Join(root, m.point)}
		h.base = h.top
		t.all = append(t.all, h)
	}
	t.Mode = t.mode()
	t.all = slices.DeleteFunc(t.all, (*hierarchy).useless)
	for _, h := range t.all {
		if t.Mode == V2 {
			t.settle(h, own)
		}
		t.examine(h)
	}
	return t, nil
}

func readProc(root sysfs.FS) ([]mount, []membership, error) {
	all, err := root.Mounts("self")
	if err != nil {
		return nil, nil, err
	}
	mounts, err := hierarchies(all)
	if err != nil {
		return nil, nil, err
	}
	text, err := root.Read("proc/self/cgroup")
	if err != nil {
		return mounts, nil, nil // a kernel without cgroups has no such file
	}
	own, err := parseMemberships(text)
	return mounts, own, err
}

// distinct keeps one mount of each hierarchy, the first that shows all of it
// or else the first.
func distinct(mounts []mount) []mount {
	var kept []mount
	for _, m := range mounts {
		same := slices.IndexFunc(kept, m.sameHierarchy)
		if same < 0 {
			kept = append(kept, m)
		} else if kept[same].root != "/" && m.root == "/" {
			kept[same] = m
		}
	}
	slices.SortStableFunc(kept, func(a, b mount) int { return a.rank() - b.rank() })
	return kept
}

// rank puts those last that kill best, v2 and then v1's pids: what is made last
// is removed first.
func (m mount) rank() int {
	switch {
	case m.unified:
		return 2
	case slices.Contains(m.options, "pids"):
		return 1
	}
	return 0
}

func (m mount) sameHierarchy(other mount) bool {
	if m.unified || other.unified {
		return m.unified == other.unified
	}
	for _, word := range m.options {
		if identifies(word) && slices.Contains(other.options, word) {
			return true
		}
	}
	return false
}

// identifies says of an option that no two v1 hierarchies have it.
func identifies(option string) bool {
	switch option {
	case "rw", "ro", "xattr", "clone_children", "noprefix", "cpuset_v2_mode", "favordynmods":
		return false
	}
	return !strings.HasPrefix(option, "release_agent=")
}

func (t *Tree) mode() Mode {
	unified := slices.ContainsFunc(t.all, func(h *hierarchy) bool { return h.unified })
	onV1 := slices.ContainsFunc(t.all, func(h *hierarchy) bool { return !h.unified && !h.useless() })
	switch {
	case unified && onV1:
		return Hybrid
	case unified:
		return V2
	case onV1:
		return V1
	}
	return None
}

// carries lists the controllers of ours that a v1 hierarchy is mounted with.
func (m mount) carries() []string {
	var names []string
	for _, name := range []string{"cpu", "cpuacct", "cpuset", "memory", "pids"} {
		if slices.Contains(m.options, name) {
			names = append(names, name)
		}
	}
	if slices.Contains(m.options, "blkio") {
		names = append(names, "io")
	}
	return names
}

// useless says of a v1 hierarchy, such as name=systemd or freezer, that a trial
// needs no group in it.
func (h *hierarchy) useless() bool { return !h.unified && len(h.carries()) == 0 }
