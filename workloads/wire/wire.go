// Package wire is what a workload and the harness say to each other: flag
// names, the messages of the control channel, and the shape of -describe.
//
// A workload is an ordinary program. Everything here is optional for it except
// that its stdout is the Go benchmark format (golang.org/design/14313-benchmark-format).
// The package imports the standard library only, because both sides link it.
package wire

// Flags that every workload understands. All other flags are its params.
const (
	FlagRole     = "role"     // which role of the workload this process plays; without it, by hand, one process starts the others
	FlagDescribe = "describe" // print a Description as JSON and exit
	FlagCount    = "count"    // re-execute itself this many times, one process a line
	FlagInject   = "inject"   // slow every operation by this percentage ("5%"): the positive control
	FlagStats    = "stats"    // print what the runtime counted in the window, see StatsKey
	FlagCourse   = "course"   // print how long equal parts of the window took, see CourseKey

	// Files that are written over the window, which costs it time.
	FlagProfile = "cpuprofile" // a CPU profile, for go tool pprof
	FlagTrace   = "trace"      // an execution trace, for go tool trace
)

// RoleMain is the role of a workload that has only one.
const RoleMain = "main"

// ControlFD is the descriptor of the control channel, one end of a socketpair.
// Without it a workload skips every message and just runs.
const ControlFD = 3

// Messages, one a line, in this order. NS is CLOCK_MONOTONIC in nanoseconds, decimal.
//
//	workload: ready NS     set up, params parsed, nothing measured yet
//	harness:  go
//	workload: begin NS     the window is about to open
//	harness:  ok           counters were read
//	workload: end NS       the window is closed, the process still holds its memory
//	harness:  ok           counters were read; print and exit
//
// An end of file in place of an answer means that the harness is gone: the
// workload exits at once, non-zero, without printing a result.
//
// That is the talk of the role that prints. Any other role says "ready NS" once
// whoever starts next can use it, and hears nothing: it serves until end of file,
// and then exits 0.
const (
	MsgReady = "ready"
	MsgGo    = "go"
	MsgBegin = "begin"
	MsgOK    = "ok"
	MsgEnd   = "end"
)

// A Description is what -describe prints: all that a harness has to know of a workload.
type Description struct {
	Name    string   `json:"name"` // the folder under workloads/
	Doc     string   `json:"doc"`  // one line
	Roles   []Role   `json:"roles"`
	Params  []Param  `json:"params"`
	Metrics []Metric `json:"metrics"` // every unit that a line of this workload can hold

	// KernelWork says what threads of the kernel do for this workload, on its CPUs:
	// their time is not that of others. Empty where they have no part in it.
	KernelWork string `json:"kernelwork,omitempty"`

	// NoCourse says why a window of this workload has no [Course], where it has none.
	NoCourse string `json:"nocourse,omitempty"`
}

// A Role is one process of a workload's trial. Roles are started in the order of
// their Description, each once the one before it is ready. The last one prints:
// its begin and end are the window. The others serve until it has ended.
type Role struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`

	// Tested marks the role under test, one of several: it is what knobs set and
	// what counters are of, where these do not begin with the name of another.
	Tested bool `json:"tested,omitempty"`
}

// RoleParam can be no role's name: param.x is a param, not a knob of such a role.
const RoleParam = "param"

// Printer is the role that prints: the last one. A program that does not describe
// itself plays RoleMain.
func (d Description) Printer() Role {
	if len(d.Roles) == 0 {
		return Role{Name: RoleMain}
	}
	return d.Roles[len(d.Roles)-1]
}

// UnderTest is the role under test: the only one, or the one marked.
func (d Description) UnderTest() Role {
	for _, r := range d.Roles {
		if r.Tested {
			return r
		}
	}
	return d.Printer()
}

// Beside are the names of the roles that are not under test.
func (d Description) Beside() []string {
	var names []string
	for _, r := range d.Roles {
		if r.Name != d.UnderTest().Name {
			names = append(names, r.Name)
		}
	}
	return names
}

// Prefixed is the metric as it is called where it is of a role that is not under
// test: "load-peak-RSS-bytes".
func (m Metric) Prefixed(role string) Metric {
	m.Unit, m.Doc, m.Primary = role+"-"+m.Unit, "of "+role+": "+m.Doc, false
	return m
}

// A Param is one flag of a workload that an experiment may set or vary.
type Param struct {
	Name    string `json:"name"`    // the flag, without the dash
	Kind    Kind   `json:"kind"`    // how a level of it is parsed
	Default string `json:"default"` // canonical text
	Doc     string `json:"doc"`     // one line, with the unit

	// What a level may be, beyond its kind; see [Param.Canonical]. All canonical text.
	Values []string `json:"values,omitempty"` // the only levels there are
	Min    string   `json:"min,omitempty"`    // smallest level, itself allowed
	Max    string   `json:"max,omitempty"`    // largest level, itself allowed
}

// A Kind says how the text of a param is parsed and shown; see Canonical.
type Kind string

const (
	Int      Kind = "int"      // 100000 or 1e5, canonical without exponent
	Float    Kind = "float"    // shortest text that reads back to the same float64
	Bytes    Kind = "bytes"    // 64MiB, 1GiB, 512B; canonical in the largest binary unit that divides it
	Duration Kind = "duration" // Go syntax, canonical by time.Duration.String
	Bool     Kind = "bool"     // true or false
	String   Kind = "string"   // itself
)

// A Metric is one unit on the lines of a workload.
type Metric struct {
	Unit    string `json:"unit"`   // as printed: "gc-mark-cpu-ns/cycle"
	Doc     string `json:"doc"`    // one line: what it is and where it comes from
	Better  Better `json:"better"` // which direction is an improvement; empty for neither
	Primary bool   `json:"primary,omitempty"`

	// Exact marks a value that has no noise: trials of a cell must agree on it.
	Exact bool `json:"exact,omitempty"`

	// Resolution is how finely the value can be known: intervals of a ratio are
	// widened by Relative (0.01 = 1 %), intervals of a difference or value by
	// Absolute (in Unit). Zero for as fine as a float64.
	Resolution Resolution `json:"resolution,omitzero"`
}

// UnitErrorShare is the unit in which a workload that counts requests without an
// answer tells their share of all: from a limit on a harness doubts its timings.
const UnitErrorShare = "error-share"

// A Better is a direction in the words of the Go benchmark format's unit metadata.
type Better string

const (
	Lower  Better = "lower"
	Higher Better = "higher"
)

// A Resolution is the half-width of what a reading could have been.
type Resolution struct {
	Relative float64 `json:"relative,omitempty"` // a share of the value
	Absolute float64 `json:"absolute,omitempty"` // in the metric's unit
}
