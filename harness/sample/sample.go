// Package sample is what one trial measured: its lines, its counters, and what was true
// then.
//
//  1. [Printed], [Parse] and a [Finder] read what a program printed; [Fold] makes one
//     [Line] of all that have one name.
//  2. Every counter that a line can hold stands in one [Vocabulary], with its [Group];
//     every kind of doubt in one table of [Rules], by which [Taints] goes.
//  3. [Again] says whether a trial is to be tried again, [Chosen] and [First] which of
//     its attempts count.
//  4. [Header] and [Text] write the lines in the Go benchmark format.
package sample

import (
	"time"

	"github.com/assaylab/assay/workloads/wire"
)

// A Sample is one attempt at one trial. It is a line of trials.jsonl; Lines
// stand in samples.txt or rejected.txt.
type Sample struct {
	N        int       `json:"n"`     // plan.Trial.N; -1-k for the k-th warm-up or recording
	Block    int       `json:"block"` // from 0; -1 for warm-ups and recordings
	Cell     int       `json:"cell"`
	Attempt  int       `json:"attempt"` // from 1
	Env      string    `json:"env"`     // "host"
	Session  int       `json:"session"` // from 1
	Emulated bool      `json:"emulated,omitempty"`
	Start    time.Time `json:"start"`
	Wall     int64     `json:"wall-ns"` // fork to reaped
	Window   Window    `json:"window"`

	Outcome Outcome `json:"outcome"`
	Role    string  `json:"role,omitempty"`   // which failed first, where a trial has several roles
	Exit    int     `json:"exit"`             // status, where it exited
	Signal  string  `json:"signal,omitempty"` // "SIGKILL", where it was killed
	Error   string  `json:"error,omitempty"`  // why it failed, with the tail of stderr
	Taints  []Taint `json:"taints,omitempty"`

	Effective map[string]string   `json:"effective,omitempty"` // key -> level as it was, where that differs or was default
	Standings map[string]Standing `json:"standings,omitempty"` // key -> what evidence says of its level
	Counters  map[string]float64  `json:"counters,omitempty"`  // unit -> value, also appended to the lines

	// Histograms are what the runtime counted by size in the window: sched-latency-ns,
	// gc-pause-ns, other-pause-ns. Buckets are [lo, hi, n].
	Histograms map[string][]wire.Bucket `json:"histograms,omitempty"`

	// Course is how long equal parts of the window's work took, as the workload noted:
	// ns an operation. Nil where it notes none.
	Course wire.Course `json:"course-ns,omitempty"`

	// Spent is what each benchmark of a test binary took of a warm-up, by the function of
	// its package, the longest first; those under a hundredth are left out.
	Spent []Spent `json:"spent,omitempty"`

	Files []string `json:"files,omitempty"` // recordings of the window, below the run's folder; see Recording

	File   string `json:"file"`   // MainFile or "rejected.txt"
	Offset int64  `json:"offset"` // of its text there
	Length int64  `json:"length"`
	CRC    uint32 `json:"crc"` // CRC-32C of the text

	// Raw are the lines as they were printed, where several of one name became
	// their median.
	Raw []Line `json:"raw,omitempty"`

	Lines []Line `json:"-"`

	// Looked are the kinds of taint that Counters could have shown, of a sample that was
	// read without them; see [Looked].
	Looked []string `json:"-"`
}

// A Spent is the time that went to one benchmark and those within it.
type Spent struct {
	Name string `json:"name"` // without "Benchmark"
	NS   int64  `json:"ns"`
}

// A Standing is knob.Standing as it stands in a file.
type Standing struct {
	Word string `json:"word"` // one of those below
	Why  string `json:"why,omitempty"`
}

// The words of a Standing, those of knob.Word.
const (
	InForce    = "in force"
	Idle       = "idle" // in force, its mechanism not exercised
	NotInForce = "not in force"
	Unproved   = "could not find out"
)

// A Line is one line of the Go benchmark format.
type Line struct {
	Name   string  `json:"name"` // without "Benchmark"
	Iters  int     `json:"iters"`
	Values []Value `json:"values"`
}

// A Value is one number with its unit, as printed: "ns/op", not "sec/op".
type Value struct {
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Get returns the value in a unit.
func (l Line) Get(unit string) (float64, bool) {
	for _, v := range l.Values {
		if v.Unit == unit {
			return v.Value, true
		}
	}
	return 0, false
}

// A Window says what a sample's numbers cover.
type Window string

const (
	Measured Window = "measured" // begin to end of the control channel
	Whole    Window = "process"  // exec to exit
)

// An Outcome is how a trial ended.
type Outcome string

const (
	OK      Outcome = "ok"
	Exited  Outcome = "exit-code" // a status that expect does not name
	Killed  Outcome = "signal"
	OOM     Outcome = "oom"
	Timeout Outcome = "timeout"
	Garbled Outcome = "garbled"  // exited well but its output or protocol was wrong
	Void    Outcome = "void"     // a knob was found changed under it; always repeated
	Broken  Outcome = "harness"  // the harness could not run it
	Gone    Outcome = "gone"     // a file that its cell sets was taken away during the run: not testable any more
	GivenUp Outcome = "given-up" // not started: too many attempts of its cell, or of one it runs beside, failed in a row before; see MaxFailures
)

// A Taint is a recorded reason to doubt one trial.
type Taint struct {
	Kind  string  `json:"kind"` // "steal"
	Value float64 `json:"value"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`
}
