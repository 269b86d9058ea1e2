package knob

const zoneReclaim = "proc/sys/vm/zone_reclaim_mode"

var _ = register(Knob{
	Name:    "zone-reclaim",
	Doc:     "whether a node short of memory reclaims before it takes from another: 1 yes, +2 by writing pages out, +4 by swapping",
	Scope:   Machine,
	Allow:   "a whole number from 0 to 7",
	Try:     "zone-reclaim=1",
	Parse:   func(_, text string) (string, error) { return count(text, 0, 7) },
	Effects: number(zoneReclaim),
	Read:    saying(zoneReclaim),
	Host:    below(zoneReclaim),
})
