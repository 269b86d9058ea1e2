package knob

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

// below is Knob.Host of a knob whose file has one name: patterns, of which the
// first that matches anything on a host holds the level.
func below(patterns ...string) func(string) []string {
	return func(string) []string { return patterns }
}

// files are those that hold a key's level on a host: those of the first pattern
// that matches any. None: this kernel has not got the knob.
func (k Knob) files(key string, f sysfs.FS) ([]string, error) {
	for _, pattern := range k.Host(key) {
		found, err := f.Glob(pattern)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

// owns says whether a file could be one of those that hold a key's level.
func (k Knob) owns(key, file string) bool {
	return k.Host != nil && slices.ContainsFunc(k.Host(key), func(p string) bool { return matches(p, file) })
}

func matches(pattern, file string) bool {
	ok, err := path.Match(pattern, file)
	return ok && err == nil
}

func (k Knob) family() bool { return strings.HasSuffix(k.Name, ".*") }

// holder is the knob, not a family, that a machine file belongs to.
func holder(file string) (Knob, bool) {
	for _, k := range known { // in any order: no file is of two
		if !k.family() && k.owns(k.Name, file) {
			return k, true
		}
	}
	return Knob{}, false
}

func isAct(file string) bool {
	k, ok := holder(file)
	return ok && k.Act
}

// moves says whether a write to the knob's file may change what another says.
func (k Knob) moves(to string) bool {
	return k.Twin == to || slices.ContainsFunc(k.Moves, func(p string) bool { return matches(p, to) })
}

// one is the effect of one value in a file that may be missing.
func one(h host.Host, file, value string, same sysfs.Same) (Effects, error) {
	if !h.FS.Exists(file) {
		return Effects{}, unsupported("this kernel has no %s", file)
	}
	return Effects{Host: []sysfs.Write{{File: file, Value: value, Same: same}}}, nil
}

// number is the Effects of a knob whose level is the number in its file.
func number(file string) func(_, level string, h host.Host) (Effects, error) {
	return func(_, level string, h host.Host) (Effects, error) { return one(h, file, level, sysfs.Number) }
}

// saying reads the level of a knob whose file holds it as it is.
func saying(file string) func(string, Evidence) (string, bool) {
	return func(_ string, e Evidence) (string, bool) {
		text, ok := e.Host[file]
		return text, ok
	}
}

// each reads the level of a knob that has a file for each of several CPUs; where
// they differ it is all of them, sorted, with "/" between.
func each(show func(string) string, patterns ...string) func(string, Evidence) (string, bool) {
	return func(_ string, e Evidence) (string, bool) {
		var levels []string
		for file, text := range e.Host {
			if slices.ContainsFunc(patterns, func(p string) bool { return matches(p, file) }) {
				levels = append(levels, show(strings.TrimSpace(text)))
			}
		}
		slices.Sort(levels)
		return strings.Join(slices.Compact(levels), "/"), len(levels) > 0
	}
}

func verbatim(text string) string { return text }

// onV1 says whether a controller hangs on a v1 hierarchy, which a process on
// such a host is told by a line of its own (cgroups(7)).
func onV1(h host.Host, controller string) bool {
	if h.Cgroup != host.CgroupV1 && h.Cgroup != host.CgroupHybrid {
		return false
	}
	if controller == "io" {
		controller = "blkio"
	}
	groups, err := h.FS.Read("proc/self/cgroup")
	if err != nil {
		return h.Cgroup == host.CgroupV1
	}
	return regexp.MustCompile(`(?m)^\d+:([^:]*,)?` + regexp.QuoteMeta(controller) + `(,[^:]*)?:`).MatchString(groups)
}
