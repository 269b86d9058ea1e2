package cgroup

import (
	"fmt"
	"path"
	"strings"

	"github.com/assaylab/assay/harness/sysfs"
)

// A mount is one of a cgroup hierarchy.
type mount struct {
	root    string   // the group of the hierarchy that is seen at point
	point   string   // absolute
	unified bool     // cgroup v2
	options []string // of the superblock: on v1 the controllers and "name=..."
}

// hierarchies picks the mounts of cgroup hierarchies, in their order. Later ones
// of one hierarchy are further views of it.
func hierarchies(all []sysfs.Mount) ([]mount, error) {
	var found []mount
	for _, m := range all {
		if m.Kind != "cgroup" && m.Kind != "cgroup2" {
			continue
		}
		if !path.IsAbs(m.Point) || !path.IsAbs(m.Root) {
			return nil, fmt.Errorf("mountinfo: the cgroup mount of %q on %q has a path that does not begin with /", m.Root, m.Point)
		}
		h := mount{root: m.Root, point: m.Point, unified: m.Kind == "cgroup2"}
		if !h.unified {
			h.options = m.Super
		}
		found = append(found, h)
	}
	return found, nil
}

// A membership is a line of /proc/PID/cgroup (cgroups(7)): which group of one
// hierarchy a process is in.
type membership struct {
	controllers []string // as in the mount's options; none for v2
	group       string   // absolute within the hierarchy, as this cgroup namespace sees it
}

func parseMemberships(text string) ([]membership, error) {
	var all []membership
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) != 3 || !path.IsAbs(parts[2]) {
			return nil, fmt.Errorf("/proc/self/cgroup: %q is not ID:CONTROLLERS:/GROUP", strings.TrimSuffix(line, "\n"))
		}
		m := membership{group: parts[2]}
		if parts[1] != "" {
			m.controllers = strings.Split(parts[1], ",")
		}
		all = append(all, m)
	}
	return all, nil
}

// unifiedGroup is the process's group in the v2 hierarchy.
func unifiedGroup(all []membership) (string, bool) {
	for _, m := range all {
		if m.controllers == nil {
			return m.group, true
		}
	}
	return "", false
}

// below turns a group's name into a path relative to what the mount shows, or
// says that it is not to be seen there.
func (m mount) below(group string) (string, bool) {
	if m.root == "/" {
		return group, true
	}
	rest, found := strings.CutPrefix(group, m.root)
	if !found || rest != "" && rest[0] != '/' {
		return "", false
	}
	return "/" + strings.TrimPrefix(rest, "/"), true
}
