package knob

const numaBalancing = "proc/sys/kernel/numa_balancing"

var _ = register(Knob{
	Name:    "numa-balancing",
	Doc:     "whether the kernel moves pages to the node that uses them: 0 off, 1 on, 2 between tiers of memory, 3 both",
	Scope:   Machine,
	Allow:   "0, 1, 2, 3",
	Try:     "numa-balancing=1",
	Note:    "with one node there is nowhere to move a page to; what is left is the price of looking, a page fault now and then",
	Parse:   oneOf("0", "1", "2", "3"),
	Effects: number(numaBalancing),
	Read:    saying(numaBalancing),
	Host:    below(numaBalancing),
})
