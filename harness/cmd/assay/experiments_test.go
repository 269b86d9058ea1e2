package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
)

// fewestExact is how often a value without noise must be seen to be believed.
const fewestExact = 3

// TestEveryExperiment holds all files under experiments/ to their contract: they
// name only knobs, workloads and metrics that there are, and can decide what
// they ask.
func TestEveryExperiment(t *testing.T) {
	l := here(t)
	tree, err := l.tree()
	require.NoError(t, err)
	watch(t, filepath.Join(tree, "experiments"), filepath.Join(tree, "workloads"))
	names, err := experiments(tree)
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			p := ready(t, l, name, 1)
			e := p.plan.Spec
			if e.Name != name {
				t.Errorf("name %q in %s.yaml", e.Name, name)
			}
			if !strings.HasSuffix(e.Question, "?") {
				t.Errorf("question %q is none", e.Question)
			}
			for _, c := range e.Claims {
				if c.Source.Title == "" || c.Says == "" {
					t.Errorf("claim %s has no source or does not say what is claimed", c.ID.Text)
				}
			}
			if key := e.Report.Columns.Text; key != "" && !slices.ContainsFunc(p.plan.Factors, func(f plan.Factor) bool { return f.Key == key }) {
				t.Errorf("report.columns %q does not vary", key)
			}
			decides(t, p)
			samePlan(t, p)
		})
	}
}

// decides: blocks enough for the hardest judged of the claims.
func decides(t *testing.T, p *prepared) {
	t.Helper()
	e, need := p.plan.Spec, 1
	if len(e.Claims) > 0 {
		need = fewestExact
	}
	if p.noisy() {
		need = max(need, spec.Design{}.FewestBlocks(verdict.Count(p.plan)))
	}
	if e.Design.Blocks < need {
		t.Errorf("%d blocks can't decide its claims: it needs %d", e.Design.Blocks, need)
	}
}

// samePlan: the same file, seed and version give the same bytes, another seed others.
func samePlan(t *testing.T, p *prepared) {
	t.Helper()
	encoded := func(seed uint64) []byte {
		again, err := plan.New(p.plan.Spec, seed)
		require.NoError(t, err)
		b, err := again.Encode()
		require.NoError(t, err)
		return b
	}
	want, err := p.plan.Encode()
	require.NoError(t, err)
	if !bytes.Equal(want, encoded(1)) {
		t.Error("two plans of one seed differ")
	}
	if bytes.Equal(want, encoded(2)) {
		t.Error("two seeds give one plan")
	}
}

// here is the lab of this checkout, with the go command's caches and a home of its own.
func here(t *testing.T) *lab {
	t.Helper()
	tree, err := findTree("")
	require.NoError(t, err)
	for _, kv := range caches(t, tree) {
		key, value, _ := strings.Cut(kv, "=")
		t.Setenv(key, value)
	}
	t.Setenv("HOME", t.TempDir())
	return &lab{dir: tree, stdout: io.Discard, stderr: io.Discard}
}

// ready prepares an experiment as assay run does.
func ready(t *testing.T, l *lab, name string, seed uint64) *prepared {
	t.Helper()
	p, err := l.prepare(context.Background(), name, wishes{seed: &seed})
	require.NoError(t, err)
	return p
}
