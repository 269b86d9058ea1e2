package report

import (
	"maps"
	"slices"

	"github.com/assaylab/assay/harness/sample"
)

// A Check is what the evidence of all trials says of one level: whether the
// knob was really set, and whether its mechanism moved.
type Check struct {
	Key        string `json:"key"`
	Level      string `json:"level"`
	InForce    int    `json:"in-force"` // trials of the main analysis
	Idle       int    `json:"idle"`
	NotInForce int    `json:"not-in-force"`
	Unproved   int    `json:"could-not-find-out,omitempty"`
	Effective  string `json:"effective,omitempty"` // the level as it was, where that differs
	Why        string `json:"why,omitempty"`       // of the worst standing seen, its last trial's words
}

// checksOf gathers standings by key and level, keys in the order of the plan's
// factors and then by name, levels in order of cells.
func checksOf(in Input) []Check {
	var checks []Check
	at := map[[2]string]int{}
	for _, key := range checkedKeys(in) {
		for _, c := range in.Plan.Cells {
			k := [2]string{key, in.Plan.Level(c, key)}
			if _, ok := at[k]; !ok {
				at[k] = len(checks)
				checks = append(checks, Check{Key: key, Level: k[1]})
			}
		}
	}
	for _, s := range in.Main {
		if s.Cell < 0 || s.Cell >= len(in.Plan.Cells) {
			continue
		}
		for key, st := range s.Standings {
			c := &checks[at[[2]string{key, in.Plan.Level(in.Plan.Cells[s.Cell], key)}]]
			c.add(st.Word, st.Why)
			if e, ok := s.Effective[key]; ok && e != c.Level {
				c.Effective = e
			}
		}
	}
	return slices.DeleteFunc(checks, func(c Check) bool { return c.InForce+c.Idle+c.NotInForce+c.Unproved == 0 })
}

func checkedKeys(in Input) []string {
	seen := map[string]bool{}
	for _, s := range in.Main {
		for key := range s.Standings {
			seen[key] = true
		}
	}
	var keys []string
	for _, f := range in.Plan.Factors {
		if seen[f.Key] {
			keys = append(keys, f.Key)
			delete(seen, f.Key)
		}
	}
	return append(keys, slices.Sorted(maps.Keys(seen))...)
}

func (c *Check) add(word, why string) {
	switch word {
	case sample.NotInForce:
		c.NotInForce++
		c.Why = why
	case sample.Unproved:
		c.Unproved++
		if c.NotInForce == 0 {
			c.Why = why
		}
	case sample.Idle:
		c.Idle++
		if c.NotInForce+c.Unproved == 0 {
			c.Why = why
		}
	case sample.InForce:
		c.InForce++
		if c.NotInForce+c.Unproved+c.Idle == 0 {
			c.Why = why
		}
	}
}
