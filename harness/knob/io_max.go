package knob

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/workloads/wire"
)

var _ = register(Knob{
	Name:    "io.max",
	Doc:     "how much the workload may read and write on one disk, in bytes and operations a second",
	Scope:   Cgroup,
	Allow:   "DISK,rbps=SIZE,wbps=SIZE,riops=NUMBER,wiops=NUMBER, each limit once or left out, such as vda,wbps=10MiB",
	Try:     "io.max=vda,wbps=10MiB",
	Note:    "writes that stay in the page cache are not held back until they are written out, and on cgroup v1 (blkio.throttle) not at all: there it holds reads and direct writes",
	Parse:   func(_, text string) (string, error) { l, err := parseDisk(text); return l.String(), err },
	Effects: diskEffects,
	Read:    readDisks,
	Refuses: []Refusal{
		{Cell: "io.max=sda,wbps=1MiB", Why: "there is no disk sda here"},
		{Cell: "io.max=vda", Why: "not a disk and its limits"},
		{Cell: "io.max=vda,wbps=1MiB,wbps=2MiB", Why: "given twice"},
	},
	Leaf: "io.max",
})

// A diskLimit is a level of io.max: for each of ioLimits a canonical text, empty
// for no limit.
type diskLimit struct {
	disk   string
	limits [4]string
}

// ioLimits are in the kernel's order.
var ioLimits = [4]string{"rbps", "wbps", "riops", "wiops"}

var diskName = regexp.MustCompile(`^[a-z][a-z0-9_!-]*$`)

func parseDisk(text string) (diskLimit, error) {
	parts := strings.Split(text, ",")
	l := diskLimit{disk: parts[0]}
	if !diskName.MatchString(l.disk) || len(parts) < 2 {
		return diskLimit{}, fmt.Errorf("%q is not a disk and its limits", text)
	}
	for _, part := range parts[1:] {
		if err := l.take(part); err != nil {
			return diskLimit{}, err
		}
	}
	return l, nil
}

func (l *diskLimit) take(part string) error {
	name, value, _ := strings.Cut(part, "=")
	for i, known := range ioLimits {
		if known != name {
			continue
		}
		if l.limits[i] != "" {
			return fmt.Errorf("%s is given twice", name)
		}
		var err error
		if i < 2 {
			l.limits[i], err = sizeAbove0(value)
		} else {
			l.limits[i], err = count(value, 1, 1<<32-1)
		}
		return err
	}
	return fmt.Errorf("%q is none of %s", part, strings.Join(ioLimits[:], ", "))
}

func (l diskLimit) String() string {
	text := l.disk
	for i, name := range ioLimits {
		if l.limits[i] != "" {
			text += "," + name + "=" + l.limits[i]
		}
	}
	return text
}

func diskEffects(_, level string, h host.Host) (Effects, error) {
	l, err := parseDisk(level)
	if err != nil {
		return Effects{}, err
	}
	device, err := h.FS.Read(blockDevice(l.disk))
	if err != nil {
		return Effects{}, unsupported("there is no disk %s here (sys/block lists them; a partition can't be limited)", l.disk)
	}
	value := strings.TrimSpace(device)
	for i, name := range ioLimits {
		limit := l.limits[i]
		switch {
		case limit == "":
			limit = "max"
		case i < 2:
			n, err := wire.ParseBytes(limit)
			if err != nil {
				return Effects{}, err
			}
			limit = fmt.Sprint(n)
		}
		value += " " + name + "=" + limit
	}
	return Effects{Cgroup: []sysfs.Write{{File: "io.max", Value: value}}, Observe: []string{blockDevice(l.disk)}}, nil
}

// blockDevice is the file that holds a disk's number.
func blockDevice(disk string) string { return "sys/block/" + disk + "/dev" }

// readDisks shows the limits of each disk as a level, by the disk's number where
// its name was not read.
func readDisks(_ string, e Evidence) (string, bool) {
	text, ok := fromLeaf("io.max", e)
	var disks []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		shown := diskCalled(words[0], e)
		for _, word := range words[1:] {
			name, limit, _ := strings.Cut(word, "=")
			if limit == "max" {
				continue
			}
			if n, err := strconv.ParseInt(limit, 10, 64); err == nil && strings.HasSuffix(name, "bps") {
				limit = wire.FormatBytes(n)
			}
			shown += "," + name + "=" + limit
		}
		disks = append(disks, shown)
	}
	return strings.Join(disks, "; "), ok
}

func diskCalled(number string, e Evidence) string {
	for file, text := range e.Host {
		if name, ok := strings.CutPrefix(file, "sys/block/"); ok && strings.TrimSpace(text) == number {
			return strings.TrimSuffix(name, "/dev")
		}
	}
	return number
}
