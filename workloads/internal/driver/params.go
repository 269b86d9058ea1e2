package driver

import (
	"fmt"
	"strconv"
	"time"

	"github.com/assaylab/assay/workloads/wire"
)

// Params are the params of a workload, in the order in which Declare names
// them. Each method binds a variable, which then holds the default, and after
// the flags are parsed the value.
type Params struct {
	list  []*param
	rules []func() error
}

// Check adds a rule of how params go together. It is asked once they hold their
// values, before anything is started: its error is one of the command line.
func (ps *Params) Check(rule func() error) { ps.rules = append(ps.rules, rule) }

// conflict is the first rule that is broken.
func (ps *Params) conflict() error {
	for _, rule := range ps.rules {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// A param is a wire.Param bound to a variable. It is the flag.Value as well,
// so that a flag accepts exactly what an experiment may set.
type param struct {
	wire.Param
	text  string // canonical
	store func(canonical string)
}

// An Option narrows the levels of a param.
type Option func(*wire.Param)

// Min is the smallest level allowed, as canonical text.
func Min(level string) Option { return func(p *wire.Param) { p.Min = level } }

// Max is the largest level allowed, as canonical text.
func Max(level string) Option { return func(p *wire.Param) { p.Max = level } }

// OneOf lists the only levels there are.
func OneOf(levels ...string) Option { return func(p *wire.Param) { p.Values = levels } }

// Int declares a whole number.
func (ps *Params) Int(v *int64, name, def, doc string, opts ...Option) {
	ps.add(wire.Int, name, def, doc, opts, func(s string) { *v, _ = wire.ParseInt(s) })
}

// Float declares a finite number.
func (ps *Params) Float(v *float64, name, def, doc string, opts ...Option) {
	ps.add(wire.Float, name, def, doc, opts, func(s string) { *v, _ = wire.ParseFloat(s) })
}

// Bytes declares a size, written with its unit: 64MiB.
func (ps *Params) Bytes(v *int64, name, def, doc string, opts ...Option) {
	ps.add(wire.Bytes, name, def, doc, opts, func(s string) { *v, _ = wire.ParseBytes(s) })
}

// Duration declares a time span in Go's own syntax.
func (ps *Params) Duration(v *time.Duration, name, def, doc string, opts ...Option) {
	ps.add(wire.Duration, name, def, doc, opts, func(s string) { *v, _ = wire.ParseDuration(s) })
}

// Bool declares a switch.
func (ps *Params) Bool(v *bool, name, def, doc string, opts ...Option) {
	ps.add(wire.Bool, name, def, doc, opts, func(s string) { *v, _ = wire.ParseBool(s) })
}

// String declares a text; OneOf says which.
func (ps *Params) String(v *string, name, def, doc string, opts ...Option) {
	ps.add(wire.String, name, def, doc, opts, func(s string) { *v = s })
}

// add panics on a default that is not allowed: the workload's own mistake.
func (ps *Params) add(kind wire.Kind, name, def, doc string, opts []Option, store func(string)) {
	p := &param{Param: wire.Param{Name: name, Kind: kind, Default: def, Doc: doc}, store: store}
	for _, o := range opts {
		o(&p.Param)
	}
	if err := p.Set(def); err != nil {
		panic(fmt.Sprintf("driver: param %s: default: %v", name, err))
	}
	ps.list = append(ps.list, p)
}

// Set is flag.Value: it parses a level as the harness does.
func (p *param) Set(text string) error {
	canonical, err := p.Canonical(text)
	if err != nil {
		return err
	}
	p.text = canonical
	p.store(canonical)
	return nil
}

// String is flag.Value.
func (p *param) String() string { return p.text }

// IsBoolFlag makes -x mean -x=true for a switch.
func (p *param) IsBoolFlag() bool { return p.Kind == wire.Bool }

// A percent is a flag.Value: "5%" is 0.05.
type percent float64

func (p *percent) Set(text string) error {
	share, err := wire.ParsePercent(text)
	*p = percent(share)
	return err
}

func (p *percent) String() string { return wire.FormatPercent(float64(*p)) }

// A count is a flag.Value: a whole number from 1.
type count int

func (c *count) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is not a whole number from 1", text)
	}
	*c = count(n)
	return nil
}

func (c *count) String() string { return strconv.Itoa(int(*c)) }
