package setup

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/workloads/wire"
)

// A maker builds nothing and notes what it was asked for.
type maker struct {
	asked []string
	now   string   // the hash of a command, by what it is found to be now
	has   []string // benchmarks of a test binary; nil where it does not say
	fails string   // what can't be made
}

func (m *maker) make(what string) (build.Binary, error) {
	if what == m.fails {
		return build.Binary{}, fmt.Errorf("no %s", what)
	}
	m.asked = append(m.asked, what)
	return build.Binary{Path: what, SHA256: "sum of " + what}, nil
}

func (m *maker) Build(_ context.Context, program string, env map[string]string) (build.Binary, error) {
	return m.make(fmt.Sprint(program, " ", env))
}

func (m *maker) Test(_ context.Context, dir, path string, env map[string]string) (build.Binary, error) {
	return m.make(fmt.Sprint("test ", dir, " ", path, " ", env))
}

func (m *maker) Command(_ context.Context, name, dir string) (build.Binary, error) {
	b, err := m.make(name)
	b.SHA256 += m.now
	return b, err
}

func (m *maker) Benchmarks(context.Context, build.Binary) ([]string, error) {
	if m.has == nil {
		return nil, fmt.Errorf("it does not say")
	}
	return m.has, nil
}

// cores is a host of so many cores of one CPU each, on one node.
func cores(t *testing.T, n int) host.Host {
	h := host.Host{Arch: "amd64", CPU: host.CPU{Level: 4}, FS: sysfs.FS(t.TempDir())}
	for cpu := range n {
		h.CPU.Online = append(h.CPU.Online, cpu)
		h.CPU.Cores = append(h.CPU.Cores, []int{cpu})
	}
	h.CPU.Nodes, h.CPU.Allowed = [][]int{h.CPU.Online}, h.CPU.Online
	return h
}

// none is the answer of a host that has no controller for a leaf.
func none(controller string) error { return fmt.Errorf("no %s", controller) }

var (
	churn  = wire.Description{Name: "gc-churn", Roles: []wire.Role{{Name: wire.RoleMain}}}
	client = wire.Description{Name: "netpoll-load", Roles: []wire.Role{{Name: "server", Tested: true}, {Name: "load"}}}
)

// siteOf is an experiment on a host; the text is its file from the line after the
// question on.
func siteOf(t *testing.T, d wire.Description, h host.Host, text string) Site {
	t.Helper()
	e, err := spec.Parse("x.yaml", []byte("name: x\nquestion: Does it?\n"+text))
	require.NoError(t, err)
	p, err := plan.New(e, 7)
	require.NoError(t, err)
	return Site{File: "x.yaml", Plan: p, Description: d, Host: h, Reach: none}
}

// cells are the setups of a site of which every cell is testable.
func cells(t *testing.T, s Site, b Builder) (map[int]run.Setup, build.Record) {
	t.Helper()
	f, err := s.Feasible()
	require.NoError(t, err)
	require.Empty(t, f.Untestable())
	all, record, err := s.Cells(t.Context(), b, f)
	require.NoError(t, err)
	require.Len(t, all, len(s.Plan.Cells))
	return all, record
}
