package knob

const (
	overcommitRatio  = "proc/sys/vm/overcommit_ratio"
	overcommitKbytes = "proc/sys/vm/overcommit_kbytes"
)

var _ = register(Knob{
	Name:    "overcommit-ratio",
	Doc:     "how much of physical memory the kernel promises where overcommit-memory is 2, in percent",
	Scope:   Machine,
	Allow:   "a whole number from 1 to 1000",
	Try:     "overcommit-ratio=80",
	Parse:   func(_, text string) (string, error) { return count(text, 1, 1000) },
	Effects: number(overcommitRatio),
	Read:    saying(overcommitRatio),
	Host:    below(overcommitRatio),
	Twin:    overcommitKbytes,
})
