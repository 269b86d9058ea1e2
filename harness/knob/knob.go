// Package knob turns settings such as thp=madvise into effects, proves that
// they were in force, and says what else they cause.
//
// A knob is one value in one file. It decides, purely; [Session] acts.
//
//  1. [Parse] gives a level's canonical text, [Lookup] and [All] the knobs.
//  2. [Reachable] narrows a host to what its user can have; [Feasible] says what
//     of a plan can be tested there, and what would be written where.
//  3. [Resolve] gives the effects of one cell: [Session.Apply] puts its host
//     files in force, a resource.Set makes what it provides, the leaf and the
//     process get the rest at their birth.
//  4. [Session.Verify] holds host files against what was set. [Judge] says
//     from what a trial saw how each level stood, [Effective] what it really was.
//  5. [Session.Close] puts the machine back.
package knob

import (
	"time"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/resource"
	"github.com/assaylab/assay/harness/sysfs"
)

// Default is a level of every knob: not touched, the observed value recorded.
const Default = "default"

// A Knob is one thing an experiment can set.
type Knob struct {
	Name  string   // key in experiments and in results; a family ends in ".*" ("env.*")
	Doc   string   // one line
	Scope Scope    // whom it addresses
	Allow string   // the levels, in words: "never, madvise, always"
	Try   string   // one level, "gogc=200": an example for help, and what the support of the knob is asked with
	Note  string   // what to know before believing a result; empty for nothing
	Since string   // which kernels or versions of Go have it, and where that differs; empty for all that are in use
	After []string // names of knobs to be set first
	Not   []string // names of knobs that it can't be set together with in one cell
	Needs []string // levels of which one, or another of the same knob, has to be set beside it: "cpu.max=0.5"
	Arch  string   // the GOARCH that it is of; empty for any
	V1    string   // a cgroup knob of v2 alone: why v1 has nothing that means the same; empty for a knob of both

	// Parse turns a level's source text into its canonical text; the error says
	// what is wrong, Allow what is right. Default never reaches it.
	Parse func(key, text string) (string, error)

	// Effects says what a canonical level means on a host. Pure: it looks only at
	// h and the files under h.FS. An error that wraps errors.ErrUnsupported means
	// no; any other error means that it could not be found out. Default never
	// reaches it.
	Effects func(key, level string, h host.Host) (Effects, error)

	// Check judges the mechanism from what a trial saw, the readings having
	// been proved already: in force, or in force with its mechanism idle, or not in force.
	// Nil: the readings are all there is to say. Checked says it in words.
	Check   func(key, level string, e Evidence) Standing
	Checked string

	// Read finds the level in what a trial saw, as canonical text; ok is false
	// where the trial did not look.
	Read func(key string, e Evidence) (level string, ok bool)

	// Clash says why the levels of a cell can't be set together, where the names
	// alone (Not) don't tell: a least frequency above the highest. Nil: they can.
	Clash func(key string, levels map[string]string) error

	// Knows says why the toolchain that a cell is built with does not know a key or
	// a level; nil where it does, or where that could not be found out. Nil: it is
	// not the toolchain's to know.
	Knows func(key, level string, t build.Toolchain) *Misfit

	// Refuses are rules that Parse, Effects and Clash hold, each by a cell that
	// breaks it: help shows them, and the test of every knob tries them.
	Refuses []Refusal

	// Host gives the files below the root that hold the level of a machine knob,
	// as patterns (path.Match): the first that matches anything on a host is the
	// one. Leaf is the file of the leaf, by its v2 name, that holds the level of a
	// cgroup knob. Both are read where the level is default.
	Host func(key string) []string
	Leaf string

	// Shown are files below /proc/PID that show the level of a process knob.
	Shown []string

	// Moves are files, as patterns, that may say something else after a write to
	// Host: the governor "performance" takes the energy preference with it. What
	// they say then is our doing. Twin is the same limit in another unit, such as
	// dirty_bytes for dirty_ratio: that which was written last rules, and the
	// other reads 0.
	Moves []string
	Twin  string

	// Settles is how long files of Moves may take to follow a write, on the kernel's
	// own work queue, as drivers of frequency have it: no trial begins before that,
	// and what they say by then is the write's doing. 0: they follow at once.
	Settles time.Duration

	// Act says that the level is something done anew before each trial, such as
	// dropping caches, not a state that is held, read or put back.
	Act bool

	// Kind is the resource that a knob provides. Gives says what a level of it
	// changes of the host, for the other knobs of a cell; nil for nothing. A level
	// that gives is given to all of them, so it must not need what another gives.
	Kind  resource.Kind
	Gives func(level string, h *host.Host)

	Causes []string // kinds of taint that are evidence in this knob's cells ("throttling")
}

// A Refusal is a rule of a knob, by an example.
type Refusal struct {
	Cell  string             // levels with blanks between: "cpu-min-freq=2GHz cpu-max-freq=1GHz"
	Where string             // the host that refuses it: "a machine without swap"; empty for any that has the knob
	Lacks func(h *host.Host) // makes a host one of Where; nil for one without Files
	Files map[string]string  // what such a host's files say, "" for one that is not there
	Why   string             // what the error says of it, in part
}

// A Scope is whom a knob addresses.
type Scope string

const (
	Machine  Scope = "machine"
	Provided Scope = "resource" // something that the machine has not got of its own
	Cgroup   Scope = "cgroup"
	Process  Scope = "process"
	Build    Scope = "build"
	Boot     Scope = "boot" // what a guest is booted with: no machine that runs can be given another
)

// Effects is what a level means: where, what, and in which of five places.
type Effects struct {
	Host    []sysfs.Write     // files under /proc and /sys, restored afterwards
	Provide []resource.Spec   // made before, removed afterwards
	Cgroup  []sysfs.Write     // files of the leaf, by v2 names and in v2 notation; memory.swappiness is there on v1 alone
	Process launch.Settings   // of the process
	Env     map[string]string // of the process; GODEBUG is merged by key
	Build   map[string]string // of go build: GOAMD64=v3; GOFLAGS is merged
	Kernel  string            // series that the machine has to run: "6.1"

	// ObserveProcess are files below /proc/PID that prove the settings of the
	// process, or show a level that is default: see [ReadProcess].
	ObserveProcess []string

	// Observe are files that are not set but have a say in the level too, or hold
	// a level that is default: they are to be read and recorded. ObserveLeaf are
	// files of the leaf by v2 names.
	Observe, ObserveLeaf []string

	// ObserveProvided are resources to be looked at where their level is default.
	ObserveProvided []resource.Kind

	// Parts are the effects of each key, where these are the effects of a cell.
	Parts map[string]Effects
}

// Evidence is what a trial saw. A nil map was not looked at, which proves
// nothing either way; an entry that is missing from a map was not there.
type Evidence struct {
	Host     map[string]string        // file below the root -> text, for files of Effects.Host and Effects.Observe
	Leaf     map[string]string        // cgroup file by v2 name -> text in v2 notation, at the end of the window
	Env      map[string]string        // environment of the workload, from /proc/PID/environ
	Process  map[string]string        // file below /proc/PID -> text, of Effects.ObserveProcess, before the window
	Build    map[string]string        // settings in the binary's build info: "GOAMD64" -> "v3"
	Provided map[resource.Kind]string // what the workload is subject to, see resource.Seen; nil: not looked at
	Affinity []int                    // CPUs of the workload, from Cpus_allowed_list of /proc/PID/status; nil: not looked at
	Counts   map[string]float64       // counters over the window and readings at its end, by unit as in results
	Said     []string                 // what the Go runtime said on stderr of GODEBUG, when it read that
}

// A Standing is how a level stood in one trial.
type Standing struct {
	Word Word   `json:"word"`
	Why  string `json:"why,omitempty"` // "AnonHugePages 0 B of 71 MiB"
}

// A Word is what evidence says of a level.
type Word string

const (
	InForce    Word = "in force"
	Idle       Word = "idle" // in force, its mechanism not exercised
	NotInForce Word = "not in force"
	Unproved   Word = "could not find out"
)
