package knob

import "math"

const somaxconn = "proc/sys/net/core/somaxconn"

var _ = register(Knob{
	Name:    "somaxconn",
	Doc:     "how many connections may wait to be accepted on a socket",
	Scope:   Machine,
	Allow:   "a whole number from 1 to 2147483647",
	Try:     "somaxconn=128",
	Note:    "Go reads it once, when a program first listens",
	Parse:   func(_, text string) (string, error) { return count(text, 1, math.MaxInt32) },
	Effects: number(somaxconn),
	Read:    saying(somaxconn),
	Host:    below(somaxconn),
})
