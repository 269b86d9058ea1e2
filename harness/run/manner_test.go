package run

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
)

func TestEveryMannerHasACommandLineOfOneLengthAndNoTaints(t *testing.T) {
	cell := Setup{Talks: true, Roles: []Role{{Name: "main", Tested: true, Args: []string{"-spin=1", "-stats"}}}}
	length := 0
	for _, m := range Manners() {
		s := m.Watch(cell)
		args := strings.Join(s.Roles[0].Args, " ")
		if length == 0 {
			length = len(args)
		}
		if len(args) != length || !strings.HasPrefix(args, "-spin=1 -stats=") {
			t.Errorf("%s: %q", m.Name, args)
		}
		require.Len(t, s.Roles[0].Causes, len(sample.Rules()))
		require.NotNil(t, s.Collect, "nil would read everything")
		require.Equal(t, !m.Bare, s.Talks)
	}
	require.Equal(t, []string{"-spin=1", "-stats"}, cell.Roles[0].Args, "the cell is left as it was")
}

// A bare start has no descriptor 3, and yet is a trial.
func TestABareProcessHasNoControlChannel(t *testing.T) {
	l := shellLocal(t, `echo "BenchmarkX 1 $([ -e /proc/self/fd/3 ] && echo 1 || echo 2) ns/op"`)
	for _, m := range Manners() {
		if m.Bare {
			l.Cells[0] = m.Watch(l.Cells[0])
		}
	}
	s := l.try(t)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, 2.0, s.Lines[0].Values[0].Value)
}
