package driver

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/assaylab/assay/workloads/wire"
)

// options are the parsed command line.
type options struct {
	help     bool
	describe bool
	role     string
	count    int
	inject   float64
	stats    bool
	course   bool
	profile  string // file of the CPU profile; empty for none
	trace    string // file of the execution trace; empty for none
	setup    Setup
}

// parse reads the command line. The error says which flag is wrong and what it takes.
func (w Workload) parse(args []string) (options, error) {
	var (
		o      options
		params Params
		n      = count(1)
		slow   percent
	)
	o.setup = w.Declare(&params)
	fs := flag.NewFlagSet(w.Name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	for _, p := range params.list {
		fs.Var(p, p.Name, p.Doc)
	}
	fs.StringVar(&o.role, wire.FlagRole, w.soleRole(), "")
	fs.BoolVar(&o.describe, wire.FlagDescribe, false, "")
	fs.Var(&n, wire.FlagCount, "")
	fs.Var(&slow, wire.FlagInject, "")
	fs.BoolVar(&o.stats, wire.FlagStats, false, "")
	fs.BoolVar(&o.course, wire.FlagCourse, false, "")
	fs.StringVar(&o.profile, wire.FlagProfile, "", "")
	fs.StringVar(&o.trace, wire.FlagTrace, "", "")

	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return options{help: true}, nil
	}
	if err != nil {
		return options{}, err
	}
	if fs.NArg() > 0 {
		return options{}, fmt.Errorf("argument %q: there are only flags (-name=value)", fs.Arg(0))
	}
	if err := w.checkRole(o.role); err != nil {
		return options{}, err
	}
	if err := params.conflict(); err != nil {
		return options{}, err
	}
	o.count, o.inject = int(n), float64(slow)
	return o, nil
}

// soleRole is the role that goes without saying: the only one, or "" for all of them.
func (w Workload) soleRole() string {
	if all := w.roles(); len(all) == 1 {
		return all[0].Name
	}
	return ""
}

func (w Workload) checkRole(role string) error {
	if role == w.soleRole() {
		return nil
	}
	var names []string
	for _, r := range w.roles() {
		names = append(names, r.Name)
	}
	if !slices.Contains(names, role) {
		return fmt.Errorf("-role=%s: there is only %s", role, strings.Join(names, ", "))
	}
	return nil
}

func (w Workload) roles() []wire.Role {
	if w.Roles == nil {
		return []wire.Role{{Name: wire.RoleMain, Doc: "all of it, in one process"}}
	}
	return w.Roles
}
