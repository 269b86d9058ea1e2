package run

import (
	"slices"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// A Manner is one way of watching a workload. The harness tries them on one cell to
// tell what its own watching costs.
type Manner struct {
	Name    string // in reports
	Bare    bool   // started as by hand: no group of its own, no control channel, nothing read
	Collect []sample.Group
}

// Manners are all of them. In the first nothing but the window itself is told.
func Manners() []Manner {
	own := []sample.Group{sample.Process, sample.Cgroup, sample.Noise}
	return []Manner{
		{Name: "nothing", Collect: []sample.Group{}},
		{Name: "bare", Bare: true, Collect: []sample.Group{}},
		{Name: string(sample.Process), Collect: own[:1]},
		{Name: string(sample.Cgroup), Collect: own[1:2]},
		{Name: string(sample.Noise), Collect: own[2:]},
		{Name: string(sample.Runtime), Collect: []sample.Group{sample.Runtime}},
		{Name: string(sample.Perf), Collect: []sample.Group{sample.Perf}},
		{Name: "usual", Collect: append(slices.Clone(own), sample.Runtime)},
	}
}

// Watch gives a cell that is watched in this manner. No trial of it is tainted: a
// manner that reads no evidence would have none, and be repeated less often. Its
// command line is as long in every manner, so that no stack is shifted.
func (m Manner) Watch(s Setup) Setup {
	s.Bare, s.Talks, s.Collect = m.Bare, s.Talks && !m.Bare, m.Collect
	s.Roles = slices.Clone(s.Roles)
	for i := range s.Roles {
		m.play(&s.Roles[i])
	}
	return s
}

func (m Manner) play(r *Role) {
	r.Causes = nil
	for _, rule := range sample.Rules() {
		r.Causes = append(r.Causes, rule.Kind)
	}
	value := "=0"
	if slices.Contains(m.Collect, sample.Runtime) {
		value = "=1"
	}
	asked := func(a string) bool { return a == "-"+wire.FlagStats }
	if !slices.ContainsFunc(r.Args, asked) {
		return
	}
	r.Args = append(slices.DeleteFunc(slices.Clone(r.Args), asked), "-"+wire.FlagStats+value)
}
