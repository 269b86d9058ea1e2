package cgroup

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"
)

// Read gives the text of a control file of the leaf, by its v2 name and in v2
// notation whatever the host has. An error that wraps errors.ErrUnsupported or
// fs.ErrNotExist means that there is no such reading here.
func (l *Leaf) Read(file string) (string, error) {
	text, err := l.read(file)
	if err != nil {
		return "", fmt.Errorf("cgroup %s: %w", file, err)
	}
	return text, nil
}

func (l *Leaf) read(file string) (string, error) {
	if l.slot == nil {
		return "", errors.New("the leaf was removed")
	}
	if file == "" || strings.ContainsRune(file, '/') {
		return "", errors.New("not the name of a control file")
	}
	controller := prefix(file)
	group := l.group(controller)
	if group == "" || strings.HasSuffix(file, ".pressure") {
		return l.readUnified(file)
	}
	if l.slot.tree.where(controller).unified {
		if reason := v1Only[file]; reason != "" {
			return "", fmt.Errorf("%s: %w", reason, errors.ErrUnsupported)
		}
		return read(group, file)
	}
	e, known := v1[file]
	switch {
	case e.not != "":
		return "", fmt.Errorf("%s: %w", e.not, errors.ErrUnsupported)
	case !known:
		return "", fmt.Errorf("no known meaning on cgroup v1: %w", errors.ErrUnsupported)
	}
	return e.read(l.readV1)
}

// readUnified reads what every v2 group has, controllers or not: cgroup.*,
// *.pressure, and the first lines of cpu.stat.
func (l *Leaf) readUnified(file string) (string, error) {
	for i, dir := range l.dirs {
		if l.slot.in[i].unified {
			return read(dir, file)
		}
	}
	if err := l.slot.tree.Reach(prefix(file)); err != nil {
		return "", err
	}
	return "", fmt.Errorf("no unified group on this host: %w", errors.ErrUnsupported)
}

func (l *Leaf) readV1(file string) (string, error) {
	if name, unified := strings.CutPrefix(file, "unified:"); unified {
		return l.readUnified(name)
	}
	controller := prefix(file)
	if controller == "blkio" { // as v1 calls it
		controller = "io"
	}
	group := l.group(controller)
	if group == "" {
		return "", errors.ErrUnsupported
	}
	return read(group, file)
}

// counting are the controllers without which a leaf does not have a unit. Pressure,
// and the CPU time of v2, are any group's.
var counting = map[string]string{
	"nr-periods": "cpu", "nr-throttled": "cpu", "throttled-ns": "cpu",
	"cgroup-peak-bytes": "memory", "oom-kills": "memory",
}

// Counting is the controller, by its v2 name, that a unit of [Leaf.Counters] takes;
// "" for one that takes none.
func Counting(unit string) string { return counting[unit] }

// Counters are what the kernel has counted for the leaf since it was made, by
// unit as in results:
//
//	cpu-user-ns, cpu-system-ns            CPU time, resolution 1000 ns
//	nr-periods, nr-throttled              enforcement periods, and those cut short by the quota
//	throttled-ns                          time runnable but throttled, summed over CPUs
//	cgroup-peak-bytes                     most memory charged at once: anonymous, page cache and kernel; may pass memory.max a little
//	oom-kills                             processes killed for memory.max
//	burst-ns                              CPU time used beyond the quota as a burst
//	memory-high-, memory-max-events       times that it was held back, or met its limit
//	io-read-bytes, io-write-bytes         from and to devices, over all of them (v2 only)
//	io-reads, io-writes                   requests for that
//	cpu-, memory-, io-pressure-ns         time in which some task waited (PSI)
//	cpu-, memory-, io-full-pressure-ns    time in which all that were not idle did; of the CPU from Linux 5.13 on
//
// A unit that the host can't count is absent, which is not zero.
func (l *Leaf) Counters() (map[string]float64, error) {
	c := counts{leaf: l, units: map[string]float64{}}
	c.lines("cpu.stat", map[string]scaled{
		"user_usec":      {"cpu-user-ns", 1000},
		"system_usec":    {"cpu-system-ns", 1000},
		"nr_periods":     {"nr-periods", 1},
		"nr_throttled":   {"nr-throttled", 1},
		"throttled_usec": {"throttled-ns", 1000},
		"burst_usec":     {"burst-ns", 1000},
	})
	c.lines("memory.events", map[string]scaled{
		"oom_kill": {"oom-kills", 1},
		"high":     {"memory-high-events", 1},
		"max":      {"memory-max-events", 1},
	})
	if text, ok := c.text("io.stat"); ok {
		addIO(text, c.units)
	}
	if text, ok := c.text("memory.peak"); ok {
		if bytes, err := strconv.ParseUint(text, 10, 64); err == nil {
			c.units["cgroup-peak-bytes"] = float64(bytes)
		}
	}
	for _, resource := range []string{"cpu", "memory", "io"} {
		text, ok := c.text(resource + ".pressure")
		if total, found := pressureTotal(text, "some"); ok && found {
			c.units[resource+"-pressure-ns"] = total
		}
		if total, found := pressureTotal(text, "full"); ok && found {
			c.units[resource+"-full-pressure-ns"] = total
		}
	}
	return c.units, errors.Join(c.errs...)
}

// OOMKills is how many processes of the leaf the kernel killed for memory; ok is
// false where the host can't count them.
func (l *Leaf) OOMKills() (n float64, ok bool) {
	text, err := l.Read("memory.events")
	if err != nil {
		return 0, false
	}
	kills, ok := fields(text)["oom_kill"]
	return float64(kills), ok
}

type counts struct {
	leaf  *Leaf
	units map[string]float64
	errs  []error
}

type scaled struct {
	unit string
	by   float64
}

// text reads a file that may be absent. PSI that is switched off answers
// EOPNOTSUPP.
func (c *counts) text(file string) (string, bool) {
	text, err := c.leaf.Read(file)
	if err != nil && !absent(err) && !errors.Is(err, syscall.EOPNOTSUPP) {
		c.errs = append(c.errs, err)
	}
	return text, err == nil
}

func (c *counts) lines(file string, wanted map[string]scaled) {
	text, ok := c.text(file)
	if !ok {
		return
	}
	for key, value := range fields(text) {
		if w, wants := wanted[key]; wants {
			c.units[w.unit] = float64(value) * w.by
		}
	}
}
