package spec

import (
	"fmt"
	"strings"
	"time"
)

// An Override is what a command line changes in the design, for one run. It is a
// part of the experiment and of its hash: a run says under what design it was made.
// Zero fields change nothing.
type Override struct {
	Blocks    int      `json:"blocks,omitempty"`    // to run at most
	Precision float64  `json:"precision,omitempty"` // 0.01 is 1 %
	Budget    Duration `json:"budget,omitzero"`
}

// String shows the flags that say it: "--precision 1% --budget 30m0s".
func (o Override) String() string {
	var parts []string
	if o.Blocks > 0 {
		parts = append(parts, fmt.Sprintf("--blocks %d", o.Blocks))
	}
	if o.Precision > 0 {
		parts = append(parts, fmt.Sprintf("--precision %.12g%%", 100*o.Precision))
	}
	if o.Budget > 0 {
		parts = append(parts, "--budget "+o.Budget.String())
	}
	return strings.Join(parts, " ")
}

// ParseOverride reads the texts of flags; an empty one, or 0 blocks, changes
// nothing. The bounds are those of the experiment file.
func ParseOverride(blocks int, precision, budget string) (o Override, err error) {
	if blocks < 0 || blocks > maxBlocks {
		return o, fmt.Errorf("--blocks %d: 1 to %d", blocks, maxBlocks)
	}
	o.Blocks = blocks
	if precision != "" {
		var ok bool
		if o.Precision, ok = share(precision, mostPrecision); !ok {
			return o, fmt.Errorf("--precision %s: a share above 0 %% and up to %d %%, such as 1%%", precision, mostPrecision)
		}
	}
	if budget != "" {
		d, err := time.ParseDuration(budget)
		if err != nil || d <= 0 {
			return o, fmt.Errorf("--budget %s: a time above 0, such as 30m", budget)
		}
		o.Budget = Duration(d)
	}
	return o, nil
}

// lifted is how many blocks a run may have that a precision or a budget from the
// command line is to end: a bound of the plan's size and no more.
const lifted = 1000

// With is the experiment under another design. Without a number of blocks, a
// precision or a budget may ask for more than the file's max-blocks: that bound
// goes. The error is that of a file with such a design.
func (e Experiment) With(o Override) (Experiment, error) {
	if o == (Override{}) {
		return e, nil
	}
	e.Override = o
	if o.Blocks > 0 {
		e.Design.Blocks, e.Design.MaxBlocks = o.Blocks, o.Blocks
	}
	if o.Precision > 0 {
		e.Design.Precision = o.Precision
	}
	if o.Budget > 0 {
		e.Design.Budget = o.Budget
	}
	if o.Blocks == 0 {
		cells := len(e.Include)
		product := 1
		for _, g := range e.groups() {
			product *= len(g[0].Levels)
		}
		e.Design.MaxBlocks = max(e.Design.MaxBlocks, min(lifted, maxTrials/max(1, cells+product)))
	}
	return e, consistent(e)
}
