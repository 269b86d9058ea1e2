package cgroup

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// A mount is a line of /proc/PID/mountinfo (proc_pid_mountinfo(5)) that
// mounts a cgroup hierarchy.
type mount struct {
	root    string   // the group of the hierarchy that is seen at point
	point   string   // absolute
	unified bool     // cgroup v2
	options []string // of the superblock: on v1 the controllers and "name=..."
}

// parseMounts picks the cgroup hierarchies, in the order of the text. Later
// lines of one hierarchy are further views of it.
func parseMounts(text string) ([]mount, error) {
	var found []mount
	for line := range strings.Lines(text) {
		m, isCgroup, err := parseMount(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, err
		}
		if isCgroup {
			found = append(found, m)
		}
	}
	return found, nil
}

// parseMount reads one line:
//
//	36 35 98:0 /root /point rw,noatime shared:1 - type source superoptions
//
// with any number of optional fields before the dash.
func parseMount(line string) (m mount, isCgroup bool, err error) {
	fields := strings.Split(line, " ")
	dash := slices.Index(fields, "-")
	if dash < 6 || len(fields) < dash+3 {
		return mount{}, false, fmt.Errorf("mountinfo: %q is not a line of proc_pid_mountinfo(5)", line)
	}
	kind := fields[dash+1]
	if kind != "cgroup" && kind != "cgroup2" {
		return mount{}, false, nil
	}
	m = mount{root: unescape(fields[3]), point: unescape(fields[4]), unified: kind == "cgroup2"}
	if !path.IsAbs(m.point) || !path.IsAbs(m.root) {
		return mount{}, false, fmt.Errorf("mountinfo: %q has a path that does not begin with /", line)
	}
	if !m.unified && len(fields) > dash+3 {
		m.options = strings.Split(fields[dash+3], ",")
	}
	return m, true, nil
}

// unescape undoes the kernel's mangle(): space, tab, newline and backslash are
// three octal digits after a backslash.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && octal(s[i+1]) && octal(s[i+2]) && octal(s[i+3]) {
			b.WriteByte((s[i+1]-'0')*64 + (s[i+2]-'0')*8 + (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func octal(c byte) bool { return '0' <= c && c <= '7' }

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
