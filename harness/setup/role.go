package setup

import (
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// roles says what a cell means for each process of its trials, in the order in
// which they start.
func (s Site) roles(c plan.Cell, tested knob.Effects, h host.Host) ([]run.Role, error) {
	var roles []run.Role
	for _, d := range s.Description.Roles {
		r, err := s.role(c, d.Name, tested, h)
		if err != nil {
			return nil, s.of(c, err)
		}
		r.Args, r.Causes, r.CPUs = s.arguments(c, r.Name), knob.Causes(r.Levels), r.Effects.Process.Affinity
		r.Kernel = s.Description.KernelWork != ""
		roles = append(roles, r)
	}
	return roles, nil
}

// role is whom levels address and what they do to it. One under test without a CPU
// knob has all CPUs, another those that this one leaves.
func (s Site) role(c plan.Cell, name string, tested knob.Effects, h host.Host) (r run.Role, err error) {
	levels := s.Plan.Settings(c)
	if name != s.Description.UnderTest().Name {
		r = run.Role{Name: name, Levels: knob.Levels(levels, name)}
		r.Effects, err = knob.ResolveBeside(name, levels, h, tested)
		return r, err
	}
	r = run.Role{Name: name, Tested: true, Levels: levels, Effects: tested}
	if r.Effects.Process.Affinity == nil {
		r.Effects.Process.Affinity = knob.Given(levels, h).CPU.Allowed
	}
	return r, nil
}

// arguments are a role's. Where there are several it is told which it is; the one
// that prints is slowed down where the cell is, and counts what only it can see.
func (s Site) arguments(c plan.Cell, name string) []string {
	w, role, inject := s.Plan.Spec.Workload, "", 0.0
	if len(s.Description.Roles) > 1 {
		role = name
	}
	prints := name == s.Description.Printer().Name
	if prints {
		inject = c.Inject
	}
	args := Arguments(w, s.Plan.Settings(c), role, inject)
	if !prints || w.Outside() {
		return args
	}
	args = append(args, "-"+wire.FlagCourse)
	if sample.Asked(s.Plan.Spec.Measure, sample.Runtime) {
		args = append(args, "-"+wire.FlagStats)
	}
	return args
}
