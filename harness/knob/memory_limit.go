package knob

import (
	"strconv"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/workloads/wire"
)

// memoryLimit fills in what the knobs of a group's memory share: a level is a
// size or max, the file holds bytes.
func memoryLimit(k Knob) Knob {
	file := k.Name
	k.Scope, k.Leaf, k.Allow = Cgroup, file, "a size such as 512MiB, or max"
	k.Parse = func(_, text string) (string, error) {
		if text == "max" {
			return text, nil
		}
		return sizeAbove0(text)
	}
	k.Effects = func(_, level string, _ host.Host) (Effects, error) {
		value := level
		if level != "max" {
			n, err := wire.ParseBytes(level)
			if err != nil {
				return Effects{}, err
			}
			value = strconv.FormatInt(n, 10)
		}
		return Effects{Cgroup: []sysfs.Write{{File: file, Value: value, Same: sysfs.Number}}}, nil
	}
	k.Read = func(_ string, e Evidence) (string, bool) {
		text, ok := fromLeaf(file, e)
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return wire.FormatBytes(n), ok
		}
		return text, ok
	}
	return k
}

// reached judges a limit by the peak of the group.
func reached(level string, e Evidence) (peak float64, read, met bool) {
	limit, err := wire.ParseBytes(level)
	peak, read = e.Counts["cgroup-peak-bytes"]
	return peak, read && err == nil, peak >= near*float64(limit)
}
