// Package resource provides what a machine has not got of its own: a swap area,
// a file system for the trials, a network with delay and loss.
//
//  1. [Parse] gives a level's canonical text. A [Spec] names what a cell wants.
//  2. [Set.Apply] makes what is wanted and takes away what is not, a [Set] being
//     one run's. Each thing is noted in the journal before it is made.
//  3. [Set.Verify] says what of it is not as it was made, [Seen] what a process is
//     subject to.
//  4. [Undoers] take away what a run left: a guardian, a restore and the next run
//     use them.
package resource

import (
	"errors"
	"fmt"
	"slices"

	"github.com/assaylab/assay/harness/sysfs"
)

// machine is where these things are made: always the kernel that we run on.
const machine = sysfs.FS("/")

// A Kind is one sort of resource. A trial has at most one of each.
type Kind string

const (
	Swap    Kind = "swap"  // an area that is used before any other
	Files   Kind = "fs"    // the file system that HOME and TMPDIR of the trials lie on
	Network Kind = "netem" // a network namespace, its loopback with delay and loss
)

// A Spec is a resource that a cell wants.
type Spec struct {
	Kind  Kind   `json:"kind"`
	Level string `json:"level"` // canonical, as Parse gives it
}

func (s Spec) String() string { return string(s.Kind) + " " + s.Level }

// None is the level of swap and netem at which nothing is made or emulated; a
// namespace of its own the workload has at that level too.
const None = "none"

// Parse gives the canonical text of a level.
func Parse(k Kind, text string) (string, error) {
	level, err := parse(Spec{k, text})
	if err != nil {
		return "", err
	}
	return level.String(), nil
}

// A level knows how to make itself.
type level interface {
	fmt.Stringer
	make(m *making) error
}

func parse(s Spec) (level, error) {
	switch s.Kind {
	case Swap:
		return ParseSwap(s.Level)
	case Files:
		return ParseFiles(s.Level)
	case Network:
		return ParseNetwork(s.Level)
	}
	return nil, fmt.Errorf("no kind of resource %q", s.Kind)
}

// Seen is what a process is subject to, by kind, as a level; dir is its TMPDIR. What
// can't be told is absent.
func Seen(pid int, dir string, kinds []Kind) map[Kind]string {
	seen := make(map[Kind]string)
	for _, k := range kinds {
		if text, err := see(k, pid, dir); err == nil {
			seen[k] = text
		}
	}
	return seen
}

func see(k Kind, pid int, dir string) (string, error) {
	switch k {
	case Swap:
		text, err := machine.Read(swapsFile)
		return swapSeen(text), err
	case Files:
		return filesSeen(pid, dir)
	case Network:
		return networkSeen(pid)
	}
	return "", errors.ErrUnsupported
}

// Match holds what was seen against a spec. Hidden are options that the kernel
// does not show, so that nothing can be said of them.
func (s Spec) Match(seen string) (ok bool, hidden []string) {
	if s.Kind != Files {
		return seen == s.Level, nil
	}
	want, err := ParseFiles(s.Level)
	if err != nil {
		return false, nil
	}
	got, err := ParseFiles(seen)
	if err != nil || got.Type != want.Type || got.Size != want.Size {
		return false, nil
	}
	for _, option := range want.Options {
		switch {
		case slices.Contains(got.Options, option):
		case got.contradicts(option):
			return false, nil
		default:
			hidden = append(hidden, option)
		}
	}
	return true, hidden
}
