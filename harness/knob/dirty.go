package knob

import (
	"errors"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/workloads/wire"
)

// Each limit on dirty pages has two files, of which one rules and the other reads 0.
const dirtyNote = "the kernel takes half of dirty-ratio (or -bytes) for a background limit that is not below it"

// dirtyRatio fills in a knob whose level is a share in percent.
func dirtyRatio(k Knob, file, twin string) Knob {
	k.Scope, k.Note, k.Allow = Machine, dirtyNote, "a whole number from 1 to 100"
	k.Parse = func(_, text string) (string, error) { return count(text, 1, 100) }
	k.Effects, k.Read = number(file), saying(file)
	k.Host, k.Twin = below(file), twin
	return k
}

// dirtyBytes fills in a knob whose level is a size.
func dirtyBytes(k Knob, file, twin string) Knob {
	k.Scope, k.Note, k.Allow = Machine, dirtyNote, "a size such as 64MiB, from 128KiB"
	k.Parse = func(_, text string) (string, error) { return atLeast(text, 2*largestPage) }
	k.Effects = func(_, level string, h host.Host) (Effects, error) {
		n, err := wire.ParseBytes(level)
		if err != nil {
			return Effects{}, err
		}
		return one(h, file, strconv.FormatInt(n, 10), sysfs.Number)
	}
	k.Read = func(_ string, e Evidence) (string, bool) {
		text, ok := e.Host[file]
		if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil && n > 0 {
			return wire.FormatBytes(n), ok
		}
		return strings.TrimSpace(text), ok
	}
	k.Host, k.Twin = below(file), twin
	return k
}

// atLeast is a size of at least so many bytes. The kernel takes no fewer than two pages.
func atLeast(text string, bytes int64) (string, error) {
	level, err := sizeAbove0(text)
	if err != nil {
		return "", err
	}
	if n, err := wire.ParseBytes(level); err != nil || n < bytes {
		return "", errors.Join(err, errors.New(level+" is below "+wire.FormatBytes(bytes)))
	}
	return level, nil
}
