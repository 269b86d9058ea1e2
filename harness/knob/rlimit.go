package knob

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/workloads/wire"
)

// A unit is how the number of a resource limit is read and shown.
type unit struct {
	parse func(string) (uint64, error)
	show  func(uint64) string
}

var counted = unit{
	parse: func(text string) (uint64, error) {
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return 0, fmt.Errorf("%q is not a whole number, nor unlimited", text)
		}
		return n, nil
	},
	show: func(n uint64) string { return strconv.FormatUint(n, 10) },
}

var inBytes = unit{
	parse: func(text string) (uint64, error) {
		n, err := wire.ParseBytes(text)
		return uint64(n), err
	},
	show: func(n uint64) string { return wire.FormatBytes(int64(n)) },
}

// parse reads "SOFT:HARD", or one number that is both.
func (u unit) limit(resource, text string) (launch.Limit, error) {
	soft, hard, two := strings.Cut(text, ":")
	if !two {
		hard = soft
	}
	l := launch.Limit{Resource: resource}
	var err error
	if l.Soft, err = u.bound(soft); err == nil {
		l.Hard, err = u.bound(hard)
	}
	if err == nil && l.Soft > l.Hard {
		err = fmt.Errorf("%q: the soft limit is above the hard one", text)
	}
	return l, err
}

func (u unit) bound(text string) (uint64, error) {
	if text == "unlimited" {
		return launch.Unlimited, nil
	}
	return u.parse(text)
}

func (u unit) text(l launch.Limit) string {
	word := func(n uint64) string {
		if n == launch.Unlimited {
			return "unlimited"
		}
		return u.show(n)
	}
	if l.Soft == l.Hard {
		return word(l.Hard)
	}
	return word(l.Soft) + ":" + word(l.Hard)
}

// rlimit fills in what the knobs of resource limits share.
func rlimit(k Knob, resource string, u unit, bounded func(launch.Limit, host.Host) error) Knob {
	k.Scope, k.Shown = Process, []string{procLimits, procStatus}
	k.Parse = func(_, text string) (string, error) {
		l, err := u.limit(resource, text)
		if err != nil {
			return "", err
		}
		return u.text(l), nil
	}
	k.Effects = func(_, level string, h host.Host) (Effects, error) {
		l, err := u.limit(resource, level)
		if err == nil {
			err = bounded(l, h)
		}
		return Effects{Process: launch.Settings{Limits: []launch.Limit{l}}}, err
	}
	k.Read = func(_ string, e Evidence) (string, bool) {
		soft, hard, ok := limitOf(e.Process, resource)
		l, err := counted.limit(resource, soft+":"+hard)
		return u.text(l), ok && err == nil
	}
	return k
}

// belowHard says that a hard limit can be lowered by anyone and raised by root alone.
func belowHard(l launch.Limit, h host.Host) error {
	if h.Root {
		return nil
	}
	text, err := h.FS.Read("proc/self/limits")
	if err != nil {
		return err
	}
	_, hard, ok := limitOf(map[string]string{procLimits: text}, l.Resource)
	most, err := counted.bound(hard)
	if ok && err == nil && l.Hard > most {
		return needsRoot(fmt.Sprintf("a hard limit above this process's own, %s,", hard))
	}
	return nil
}
