package knob

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

func TestDemandsAreThoseOfTheCellsEachOnce(t *testing.T) {
	cells := []map[string]string{
		{"thp": "never", "fs": "tmpfs:16MiB"},
		{"thp": "never", "fs": "tmpfs:32MiB"},
		{"thp": "always", "fs": "tmpfs:32MiB", "gogc": "50"},
		{"gogc": "100"},
	}
	states, resources, err := Demands(cells, machine(t, nil))
	require.NoError(t, err)
	require.Len(t, states, 3, "never, always, and nothing to be set")
	require.Len(t, resources, 2)

	check := func(d Demand, err error, want string) {
		t.Helper()
		key, level := d.Blame(err)
		require.Equal(t, want, key+"="+level)
	}
	refused := func(d Demand) error {
		return &SetError{File: d.State[0].File, Value: d.State[0].Value, Err: fs.ErrInvalid}
	}
	check(states[0], refused(states[0]), "thp=never")
	check(states[1], refused(states[1]), "thp=always")
	check(states[0], refused(states[1]), "=")
	check(states[0], fs.ErrInvalid, "=")
	check(resources[1], fs.ErrInvalid, "fs=tmpfs:32MiB")
}

// writesOf are what a session over cells may write.
func writesOf(t testing.TB, h host.Host, cells ...map[string]string) []sysfs.Write {
	t.Helper()
	states, _, err := Demands(cells, h)
	require.NoError(t, err)
	return Writes(states)
}

func TestWritesAreAllThatCellsCanMake(t *testing.T) {
	require.Equal(t, []sysfs.Write{
		{File: thpEnabled, Value: "never", Same: sysfs.Selector},
		{File: thpEnabled, Value: "always", Same: sysfs.Selector},
	}, writesOf(t, machine(t, nil), texts{"thp": "never"}, texts{"thp": "always"}, texts{"thp": "never", "gogc": "50"}))
}

func TestDemandsOfACellThatIsNotPossibleAreNone(t *testing.T) {
	_, _, err := Demands([]map[string]string{{"goarch": "riscv"}}, machine(t, nil))
	require.ErrorContains(t, err, "goarch=riscv: ")
}
