package spec

// All keys of an experiment file. To add one, add its line here: the reader,
// the messages and the schema take it from there.

// maxBlocks is the largest number of blocks that may be asked for.
const maxBlocks = 10_000

// mostPrecision is the widest half-width to stop at, in percent.
const mostPrecision = 50

var experimentKeys = table[Experiment]{"the experiment", []field[Experiment]{
	{key: "name", doc: "The file's own name, without .yaml.", need: true,
		is: named(func(e *Experiment) *Scalar { return &e.origin.name })},
	{key: "extends", doc: "Name of the experiment beside this one to start from: sections are merged key by key, one level deep, and lists replaced.",
		is: named(func(*Experiment) *Scalar { return new(Scalar) })},
	{key: "question", doc: "What the experiment is to find out, in one sentence.",
		is: sentence(func(e *Experiment) *string { return &e.Question })},
	{key: "workload", doc: "What a trial runs.", need: true,
		is: under(workloadKeys, func(e *Experiment) *Workload { return &e.Workload })},
	{key: "knobs", doc: "What is set, crossed with all else that has several levels; one level is held.",
		is: factors(func(e *Experiment) *[]Factor { return &e.Knobs })},
	{key: "zip", doc: "Groups of keys (params with param. before them) that advance together through lists of one length.",
		is: zips(func(e *Experiment) *[][]Factor { return &e.Zip })},
	{key: "include", doc: "Cells to add: each names one level of every key that varies.",
		is: selections(false, func(e *Experiment) *[]Selection { return &e.Include })},
	{key: "exclude", doc: "Cells to leave out: all that have the levels named.",
		is: selections(false, func(e *Experiment) *[]Selection { return &e.Exclude })},
	{key: "isolation", doc: "Knobs held at one level to keep the rest of the machine away.",
		is: constants(func(e *Experiment) *[]Setting { return &e.Isolation })},
	{key: "design", doc: "How often, in what order and how long.",
		is: under(designKeys, func(e *Experiment) *Design { return &e.Design })},
	{key: "measure", doc: "Which counters stand beside the workload's own; runtime and cgroup where absent. perf counts events of the processor. cpuprofile, trace and schedtrace (what the runtime prints of its scheduler, every 10 ms) are files of the role under test, of one more trial of each cell, which is not timed; they stand in profiles/ of the run's folder.",
		is: words(func(e *Experiment) *[]string { return &e.Measure }, append([]string{"runtime", "cgroup", "perf"}, recordings...)...)},
	{key: "claims", doc: "Predicted relations, each with its source; each gets its verdict.",
		is: eachUnder(claimKeys, func(e *Experiment) *[]Claim { return &e.Claims })},
	{key: "report", doc: "How results are laid out.",
		is: under(reportKeys, func(e *Experiment) *Report { return &e.Report })},
}}

var workloadKeys = table[Workload]{"workload", []field[Workload]{
	{key: "program", doc: "A folder under workloads/.",
		is: named(func(w *Workload) *Scalar { return &w.Program })},
	{key: "gotest", doc: "Benchmarks of any Go package, in place of program: its test binary is built and run once a trial, in the package's folder.",
		is: under(gotestKeys, func(w *Workload) *Gotest { w.Gotest = &Gotest{}; return w.Gotest })},
	{key: "command", doc: "Any program and its arguments, in place of program: looked up on PATH, or from the checkout where it has a slash; {NAME} takes the level of a param. Its environment is PATH (/usr/local/bin:/usr/bin:/bin), LANG=C, and HOME and TMPDIR, an empty folder of the trial's own; knobs env.NAME add to it.",
		is: argv(func(w *Workload) *[]Scalar { return &w.Command })},
	{key: "dir", doc: "The folder that a command runs in, from the checkout; an empty one of the trial's own where absent.",
		is: folderPath(func(w *Workload) *Scalar { return &w.Dir })},
	{key: "metrics", doc: "Where a command prints its numbers, for one that does not print lines of the Go benchmark format; the first is the primary one. {process-wall-ns: {better: lower}} is a number that the harness counts.",
		is: metrics(func(w *Workload) *[]Metric { return &w.Metrics })},
	{key: "params", doc: "Flags of the workload, or {NAME} in a command's arguments; a list makes a factor called param.NAME.",
		is: params(func(w *Workload) *[]Factor { return &w.Params })},
	{key: "expect", doc: "What is not a failure.",
		is: under(expectKeys, func(w *Workload) *Workload { return w })},
}}

var gotestKeys = table[Gotest]{"workload.gotest", []field[Gotest]{
	{key: "package", doc: "Import path of the package: of this module, of the standard library, or of the module in dir.", need: true,
		is: importPath(func(g *Gotest) *Scalar { return &g.Package })},
	{key: "bench", doc: "Which benchmarks to run, as of go test -bench.", need: true,
		is: benchPattern(func(g *Gotest) *Scalar { return &g.Bench })},
	{key: "skip", doc: "Which of these to leave out, as of go test -skip: one that fails, or whose setup takes most of the time.",
		is: benchPattern(func(g *Gotest) *Scalar { return &g.Skip })},
	{key: "benchtime", doc: "Iterations of a trial (100x), or a time for which each benchmark's are found once, before the first block, for all cells; 1s where absent.",
		is: benchtime(func(g *Gotest) *Scalar { return &g.Benchtime })},
	{key: "dir", doc: "A folder of the module to build in, or of its workspace where there is a go.work, from the checkout; the checkout where absent.",
		is: folderPath(func(g *Gotest) *Scalar { return &g.Dir })},
}}

var metricKeys = table[Metric]{"a metric", []field[Metric]{
	{key: "regexp", doc: "Regular expression with one group, in which the number stands; ^ and $ are the ends of a line. Several matches become their median.",
		is: capture(func(m *Metric) *string { return &m.Regexp })},
	{key: "json", doc: "Path of the number in the JSON document that the command prints: .latency.p99 or .results[0].mean.",
		is: jsonPath(func(m *Metric) *string { return &m.JSON })},
	{key: "from", doc: "Which stream it is printed on; stdout where absent.",
		is: choice(func(m *Metric) *string { return &m.From }, "stdout", "stderr")},
	{key: "unit", doc: "What the number is printed in, where that is not the metric's own unit.",
		is: choice(func(m *Metric) *string { return &m.printed }, "ns", "us", "ms", "s", "B", "KiB", "MiB", "GiB")},
	{key: "scale", doc: "What the number is multiplied by, where no unit says it.",
		is: multiple(func(m *Metric) *float64 { return &m.Scale })},
	{key: "better", doc: "Which way is an improvement.",
		is: choice(func(m *Metric) *string { return &m.Better }, "lower", "higher")},
}}

var expectKeys = table[Workload]{"workload.expect", []field[Workload]{
	{key: "exit", doc: "Exit statuses that are no failure; [0] where absent.", need: true,
		is: counts(0, 255, func(w *Workload) *[]int { return &w.Expect })},
}}

var designKeys = table[Design]{"design", []field[Design]{
	{key: "blocks", doc: "Blocks to run: each is every cell once, in random order; 10 where absent.",
		is: count(1, maxBlocks, func(d *Design) *int { return &d.Blocks })},
	{key: "max-blocks", doc: "Most blocks to run while the precision is not reached; blocks where absent.",
		is: count(1, maxBlocks, func(d *Design) *int { return &d.MaxBlocks })},
	{key: "precision", doc: "Half-width of every claim's interval to stop at, as a percentage.",
		is: percent(mostPrecision, func(d *Design) *float64 { return &d.Precision })},
	{key: "warmup", doc: "Untimed trials per cell before the first block; 1 where absent.",
		is: count(0, 1000, func(d *Design) *int { return &d.Warmup })},
	{key: "timeout", doc: "For one trial; where absent 10 times the longest so far, at least 30s, and of trials of minutes 3 times the longest, at least 10m.",
		is: span(func(d *Design) *Duration { return &d.Timeout })},
	{key: "budget", doc: "For the run, from its first trial: a block starts only if it fits.",
		is: span(func(d *Design) *Duration { return &d.Budget })},
	{key: "seed", doc: "Of the orders drawn; drawn per run where absent. A fixed one is for tests.",
		is: seed(func(d *Design) **uint64 { return &d.Seed })},
	{key: "whole-plot", doc: "Keys that are slow or disturbing to change: trials of a block that share their levels run together, in plots drawn anew for every block.",
		is: keys(func(d *Design) *[]Scalar { return &d.WholePlot })},
	{key: "duet", doc: "A key with two levels whose cells run as pairs, both at once on CPUs of their own, so that what happens to the machine happens to both.",
		is: word(func(d *Design) *Scalar { return &d.Duet })},
	{key: "nuisance", doc: "What is drawn anew for every block, so that no claim rests on one value of it: layout (the order in which the linker places functions), env-size (bytes of environment, which shift the stack).",
		is: words(func(d *Design) *[]string { return &d.Nuisance }, NuisanceLayout, NuisanceEnvSize)},
	{key: "controls", doc: "Arms that test the instrument.",
		is: under(controlKeys, func(d *Design) *Controls { return &d.Controls })},
}}

var controlKeys = table[Controls]{"design.controls", []field[Controls]{
	{key: "aa", doc: "A cell to run twice under two names: its ratio must cover 1.",
		is: selection(func(c *Controls) *Selection { return &c.AA })},
	{key: "positive", doc: "A cell to run again with a known slowdown, which must be found.",
		is: under(positiveKeys, func(c *Controls) *Positive { c.Positive = &Positive{}; return c.Positive })},
}}

var positiveKeys = table[Positive]{"design.controls.positive", []field[Positive]{
	{key: "inject", doc: "The slowdown, as a percentage.", need: true,
		is: percent(500, func(p *Positive) *float64 { return &p.Inject })},
	{key: "at", doc: "The cell; the aa cell where absent, else the first.",
		is: selection(func(p *Positive) *Selection { return &p.At })},
	{key: "metric", doc: "Where the slowdown is looked for; ns/op where absent.",
		is: word(func(p *Positive) *Scalar { return &p.Metric })},
}}

var claimKeys = table[Claim]{"a claim", []field[Claim]{
	{key: "id", doc: "What the claim is called in results.", need: true,
		is: named(func(c *Claim) *Scalar { return &c.ID })},
	{key: "source", doc: "Who claims it, and at what scale.",
		is: under(sourceKeys, func(c *Claim) *Source { return &c.Source })},
	{key: "says", doc: "The claim in its source's words, with its numbers.",
		is: sentence(func(c *Claim) *string { return &c.Says })},
	{key: "compare", doc: "What is compared with what.", need: true,
		is: under(compareKeys, func(c *Claim) *Compare { return &c.Compare })},
	{key: "direction", doc: "Which way it goes: ratio < 1. One verdict.",
		is: relation(func(c *Claim) **Relation { return &c.Direction })},
	{key: "magnitude", doc: "How far it goes: ratio within 0.75..0.85. One verdict.",
		is: relation(func(c *Claim) **Relation { return &c.Magnitude })},
	{key: "predict", doc: "Any other relation: value == 1 procs. One verdict.",
		is: relation(func(c *Claim) **Relation { return &c.Predict })},
}}

var sourceKeys = table[Source]{"source", []field[Source]{
	{key: "title", doc: "Of the paper, report or page.", need: true,
		is: sentence(func(s *Source) *string { return &s.Title })},
	{key: "section", doc: "Where in it.",
		is: sentence(func(s *Source) *string { return &s.Section })},
	{key: "url", doc: "Its web address.",
		is: address(func(s *Source) *string { return &s.URL })},
	{key: "at", doc: "What the source ran with: keys of this experiment, or go, kernel and arch. The verdict says where the run differs.",
		is: selection(func(s *Source) *Selection { return &s.At })},
}}

var compareKeys = table[Compare]{"compare", []field[Compare]{
	{key: "metric", doc: "A unit as the workload prints it.", need: true,
		is: word(func(c *Compare) *Scalar { return &c.Metric })},
	{key: "benchmark", doc: "The line's name, where a workload prints several.",
		is: word(func(c *Compare) *Scalar { return &c.Benchmark })},
	{key: "of", doc: "The side that is claimed about: the numerator of a ratio.", need: true,
		is: selection(func(c *Compare) *Selection { return &c.Of })},
	{key: "to", doc: "The side it is held against, or a list of sides against all of which it must hold; none for a value.",
		is: selections(true, func(c *Compare) *[]Selection { return &c.To })},
	{key: "each", doc: "Keys that vary to split by: one verdict for each combination of their levels.",
		is: keys(func(c *Compare) *[]Scalar { return &c.Each })},
}}

var reportKeys = table[Report]{"report", []field[Report]{
	{key: "columns", doc: "The key across the benchstat table; the first that varies where absent.",
		is: word(func(r *Report) *Scalar { return &r.Columns })},
	{key: "plots", doc: "Which plots to draw; all where absent.",
		is: words(func(r *Report) *[]string { return &r.Plots }, "box", "ecdf", "run-order", "forest", "pareto", "interaction")},
}}
