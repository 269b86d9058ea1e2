// Package plan lays an experiment out as blocks of trials.
//
//  1. [New] expands the factors into cells: zip, cross, include, exclude; the
//     control arms come last.
//  2. It draws every block's order from the seed and the block's number, so
//     that more blocks never change earlier ones. Cells that share the level of
//     a slow knob form a plot: plots are drawn, then the trials within each.
//
// It is pure: the same file, seed and version give the same bytes on every
// host, cells that a host can't test included.
package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/assaylab/assay/harness/spec"
)

// Version is the layout of plan.json and the algorithm that draws orders.
const Version = 1

// Analysis is the version of the rules by which verdicts are made, those of the
// rooms stat and verdict: raised where the same samples might be judged
// otherwise. It stands in plan.json, and so under the hash that trials.jsonl
// begins with: spec, claims and rules are fixed before the first trial.
const Analysis = 3

// A Plan is plan.json.
type Plan struct {
	Version    int               `json:"version"`
	Analysis   int               `json:"analysis,omitempty"` // the version that the run was planned for; 0 where none was noted
	Spec       spec.Experiment   `json:"spec"`               // resolved: canonical levels
	SpecSHA256 string            `json:"spec-sha256"`
	Seed       uint64            `json:"seed"`
	Factors    []Factor          `json:"factors"` // what varies: knobs, then zipped ones, then params, each in file order
	Fixed      map[string]string `json:"fixed"`   // keys held at one level, isolation included
	Cells      []Cell            `json:"cells"`   // in order of expansion, control arms last
	Blocks     []Block           `json:"blocks"`  // max-blocks of them; a run may stop before the last
}

// A Factor is a key that varies; one that is zipped may repeat a level.
type Factor struct {
	Key    string   `json:"key"`
	Levels []string `json:"levels"` // canonical, in file order
}

// The arms: a plain cell, the repeat of one for the A/A control, and the cell
// with a known slowdown. Where an experiment has controls, the arm is written
// beside the factors under ArmKey.
const (
	ArmKey      = "arm"
	ArmMain     = "main"
	ArmAA       = "aa"
	ArmPositive = "positive"
)

// A Cell is one combination of levels.
type Cell struct {
	Index  int               `json:"index"`
	Arm    string            `json:"arm"`
	Levels map[string]string `json:"levels"`           // factor key -> canonical level; fixed keys are not repeated
	Inject float64           `json:"inject,omitempty"` // slowdown of the positive control: 0.05 is 5 %
}

// A Block is every cell once, in random order. Whatever plots it is made of, it
// is the unit of inference: one effect comes from each.
type Block struct {
	Nuisance map[string]uint64 `json:"nuisance,omitempty"` // drawn per block, by the names of spec: {"layout": 17}
	Trials   []Trial           `json:"trials"`
}

// A Trial is one planned start of the workload. Trials of one plot share the
// level of a slow knob and run together; trials of one step run at once.
type Trial struct {
	N    int `json:"n"`    // from 0 over the whole plan
	Plot int `json:"plot"` // from 0 within the block, in the order run
	Step int `json:"step"`
	Side int `json:"side,omitempty"` // within the step, from 0: which of the equal shares of CPUs it has
	Cell int `json:"cell"`           // index into Cells
}

// New lays out a checked experiment. The error says which selection names no
// cell, or that none is left.
func New(e spec.Experiment, seed uint64) (Plan, error) {
	p := Plan{Version: Version, Analysis: Analysis, Spec: e, Seed: seed, Fixed: map[string]string{}}
	p.SpecSHA256 = e.SHA256()
	for _, s := range e.Isolation {
		p.Fixed[s.Key.Text] = s.Level.Text
	}
	if err := p.expand(); err != nil {
		return Plan{}, err
	}
	if err := p.paired(); err != nil {
		return Plan{}, err
	}
	plots := p.plots()
	for b := range max(e.Design.Blocks, e.Design.MaxBlocks) {
		p.Blocks = append(p.Blocks, p.block(b, plots))
	}
	return p, nil
}

// Encode gives the bytes of plan.json.
func (p Plan) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return nil, fmt.Errorf("plan: encode: %w", err)
	}
	return append(b, '\n'), nil
}

// Decode reads plan.json; a layout of another version is refused.
func Decode(b []byte) (Plan, error) {
	var p Plan
	if err := json.Unmarshal(b, &p); err != nil {
		return Plan{}, fmt.Errorf("plan: decode: %w", err)
	}
	if p.Version != Version {
		return Plan{}, fmt.Errorf("plan: layout version %d, this assay reads %d (use the assay that wrote it)", p.Version, Version)
	}
	for _, b := range p.Blocks {
		for _, t := range b.Trials {
			if t.Cell < 0 || t.Cell >= len(p.Cells) {
				return Plan{}, fmt.Errorf("plan: trial %d names cell %d of %d", t.N, t.Cell, len(p.Cells))
			}
		}
	}
	return p, nil
}

// Sum is the SHA-256 of plan.json in hex.
func Sum(encoded []byte) string {
	s := sha256.Sum256(encoded)
	return hex.EncodeToString(s[:])
}

// Level is the level of a key in a cell, fixed keys included; "" where the plan does not set it.
func (p Plan) Level(c Cell, key string) string {
	if l, ok := c.Levels[key]; ok {
		return l
	}
	return p.Fixed[key]
}

// Settings are all levels of a cell, fixed keys included.
func (p Plan) Settings(c Cell) map[string]string {
	all := make(map[string]string, len(c.Levels)+len(p.Fixed))
	for k, l := range p.Fixed {
		all[k] = l
	}
	for k, l := range c.Levels {
		all[k] = l
	}
	return all
}

// HasControls says whether some cell is a control arm, and so whether the arm varies.
func (p Plan) HasControls() bool {
	return slices.ContainsFunc(p.Cells, func(c Cell) bool { return c.Arm != ArmMain })
}

// Name shows a cell as "thp=never gogc=100", factors in order, with its arm
// where that is a control; "the only cell" where nothing varies.
func (p Plan) Name(c Cell) string {
	name := ""
	if c.Arm != ArmMain {
		name = ArmKey + "=" + c.Arm
	}
	for _, f := range p.Factors {
		if name != "" {
			name += " "
		}
		name += f.Key + "=" + c.Levels[f.Key]
	}
	if name == "" {
		return "the only cell"
	}
	return name
}
