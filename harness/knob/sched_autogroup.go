package knob

const autogroup = "proc/sys/kernel/sched_autogroup_enabled"

var _ = register(Knob{
	Name:    "sched-autogroup",
	Doc:     "whether each session shares the CPUs as one: 1 yes, 0 no",
	Scope:   Machine,
	Allow:   "0, 1",
	Try:     "sched-autogroup=0",
	Note:    "it has no say over a workload whose leaf has the cpu controller, only over the processes outside of any group",
	Parse:   oneOf("0", "1"),
	Effects: number(autogroup),
	Read:    saying(autogroup),
	Host:    below(autogroup),
})
