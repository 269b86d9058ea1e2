package spec

// A Pos is a place in an experiment file. Lines and columns count from 1.
type Pos struct {
	File         string
	Line, Column int
}

// A Scalar is the source text of one value and where it stands. YAML's own
// typing never touches it: 022 stays "022" and ~ stays "~". After Check, Text
// is the canonical text of a level. It marshals to JSON as the text alone.
type Scalar struct {
	Text string
	Pos  Pos
}

// A Setting is one key at one level. Keys are full names: "thp", "env.X",
// "godebug.gctrace", "param.live-heap".
type Setting struct {
	Key   Scalar `json:"key"`
	Level Scalar `json:"level"`
}

// A Selection names some levels: a part of a cell, in file order.
type Selection []Setting

// A Factor is one key and the levels it takes. One level holds it fixed.
type Factor struct {
	Key    Scalar   `json:"key"`
	Levels []Scalar `json:"levels"`
}

// An Experiment is one YAML file, with extends and NAME.local.yaml folded in.
type Experiment struct {
	Name      string      `json:"name"` // the file's own name without .yaml
	Question  string      `json:"question"`
	Workload  Workload    `json:"workload"`
	Knobs     []Factor    `json:"knobs"`     // crossed, in file order
	Zip       [][]Factor  `json:"zip"`       // factors of one group advance together; groups are crossed with the rest
	Include   []Selection `json:"include"`   // extra cells, complete
	Exclude   []Selection `json:"exclude"`   // cells to leave out: every cell that matches all keys named
	Isolation []Setting   `json:"isolation"` // constants by the same knob names
	Design    Design      `json:"design"`
	Measure   []string    `json:"measure"` // runtime, cgroup, perf, cpuprofile, trace, schedtrace; the first two where absent
	Claims    []Claim     `json:"claims"`
	Report    Report      `json:"report"`
	Local     []string    `json:"local,omitempty"` // keys that NAME.local.yaml changed: the report's first line says so

	// Override is what the command line changed, for one run.
	Override Override `json:"override,omitzero"`

	origin *origin
}

// A Workload says what a trial runs: a program of this tree or, in its place, an
// outside one.
type Workload struct {
	Program Scalar   `json:"program"`           // a folder under workloads/; empty for an outside program
	Gotest  *Gotest  `json:"gotest,omitempty"`  // benchmarks of a Go package
	Command []Scalar `json:"command,omitempty"` // any program and its arguments; see [Workload.Argv]
	Dir     Scalar   `json:"dir,omitzero"`      // where a command runs, from the checkout; the trial's own folder where absent
	Metrics []Metric `json:"metrics,omitempty"` // of a command that prints no benchmark lines; the first is primary
	Params  []Factor `json:"params"`            // keys with their "param." prefix; a list is a factor
	Expect  []int    `json:"expect"`            // exit statuses that are no failure; default 0
}

// A Design says how often, in what order and how long.
type Design struct {
	Blocks    int      `json:"blocks"`
	MaxBlocks int      `json:"max-blocks"` // >= Blocks; equal to it where the file has none
	Precision float64  `json:"precision"`  // half-width to stop at: 0.03 is 3 %; 0 for no such stop
	Warmup    int      `json:"warmup"`     // untimed trials per cell before block 1
	Timeout   Duration `json:"timeout"`    // per trial; 0 for 10 x the warm-up, at least 30 s
	Budget    Duration `json:"budget"`     // from the first trial; 0 for none
	Seed      *uint64  `json:"seed"`       // nil: drawn per run
	Controls  Controls `json:"controls"`

	// WholePlot names keys that are slow or disturbing to change: trials of a
	// block that share their levels run together.
	WholePlot []Scalar `json:"whole-plot,omitempty"`

	// Duet is a key of two levels: cells that differ in it alone run at once.
	Duet Scalar `json:"duet,omitzero"`

	// Nuisance names what is drawn for every block and equal within it.
	Nuisance []string `json:"nuisance,omitempty"`
}

// Nuisance factors: what varies a result and is nobody's question. Both are known
// to move timings by several percent, the same way in every trial of one binary
// or one shell.
const (
	NuisanceLayout  = "layout"   // the seed of the linker's -randlayout: the order of functions in the binary
	NuisanceEnvSize = "env-size" // bytes of a variable that nothing reads: they shift where the stack begins
)

// Controls are arms that test the instrument.
type Controls struct {
	AA       Selection `json:"aa,omitempty"` // the cell repeated under another name; nil for none
	Positive *Positive `json:"positive,omitempty"`
}

// Positive adds a known slowdown to a cell and expects it to be found.
type Positive struct {
	Inject float64   `json:"inject"` // 0.05 is 5 %
	At     Selection `json:"at"`     // the cell; where absent, the aa cell, else the first cell
	Metric Scalar    `json:"metric"` // where it is looked for; "ns/op" where absent
}

// A Claim is a predicted relation with its source.
type Claim struct {
	ID        Scalar    `json:"id"`
	Source    Source    `json:"source"`
	Says      string    `json:"says"`
	Compare   Compare   `json:"compare"`
	Direction *Relation `json:"direction,omitempty"` // at least one of the three;
	Magnitude *Relation `json:"magnitude,omitempty"` // each is a sub-claim with a verdict of its own
	Predict   *Relation `json:"predict,omitempty"`
}

// A Source says who claims it, and at what scale.
type Source struct {
	Title   string `json:"title"`
	Section string `json:"section,omitempty"`
	URL     string `json:"url,omitempty"`

	// At holds what the source ran with, where that matters: keys of this
	// experiment ("param.live-heap: 8GiB") or the facts go, kernel and arch.
	// Where the run differs, the verdict says so.
	At Selection `json:"at,omitempty"`
}

// A Compare names two sides. A key absent from both is matched: cells are
// paired over equal other levels within a block.
type Compare struct {
	Metric    Scalar      `json:"metric"`             // a unit as the workload prints it
	Benchmark Scalar      `json:"benchmark,omitzero"` // a line's name; absent where a workload prints one line
	Of        Selection   `json:"of"`                 // numerator
	To        []Selection `json:"to,omitempty"`       // denominators: all must hold; none for a value
	Each      []Scalar    `json:"each,omitempty"`     // keys to split by, one verdict each
}

// A Relation is "quantity operator number [unit]": a region on the real line.
type Relation struct {
	Text     string   `json:"text"` // as written
	Quantity Quantity `json:"quantity"`
	Lo       Bound    `json:"lo"` // the region [Lo, Hi], filled from the operator
	Hi       Bound    `json:"hi"`
	Unit     string   `json:"unit,omitempty"` // of a difference or value: "ms", "MiB", or the metric's own
	Pos      Pos      `json:"-"`
}

// A Bound is one end of a region. Inf is true where there is none on that side.
type Bound struct {
	Value  float64 `json:"value"`
	Inf    bool    `json:"inf,omitempty"`
	Closed bool    `json:"closed,omitempty"`
}

// A Quantity is what a relation speaks of.
type Quantity string

const (
	Ratio      Quantity = "ratio"      // of / to
	Difference Quantity = "difference" // of - to, in the metric's unit
	Value      Quantity = "value"      // of alone
	Share      Quantity = "share"      // of alone: blocks whose trial is above 0, of all; from 0 to 1
)

// Alone says whether the quantity has one side only.
func (q Quantity) Alone() bool { return q == Value || q == Share }

// A Report says how results are laid out.
type Report struct {
	Columns Scalar   `json:"columns,omitzero"` // the factor across the benchstat table; the first factor where absent
	Plots   []string `json:"plots,omitempty"`  // box, ecdf, run-order, forest, pareto, interaction; all where absent
}
