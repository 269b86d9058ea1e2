package knob

import (
	"fmt"
	"regexp"
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
	V1:      noV1IO,
	Note:    "writes that stay in the page cache are not held back until they are written out",
	Parse:   func(_, text string) (string, error) { l, err := parseDisk(text); return l.String(), err },
	Effects: diskEffects,
	Read: func(_ string, e Evidence) (string, bool) {
		text, ok := fromLeaf("io.max", e)
		return strings.ReplaceAll(text, "\n", "; "), ok
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
	device, err := h.FS.Read("sys/block/" + l.disk + "/dev")
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
	return Effects{Cgroup: []sysfs.Write{{File: "io.max", Value: value}}}, nil
}
