package driver

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemoryFitsToTheByte(t *testing.T) {
	require.NoError(t, fits("-a", 3<<30, 3<<30))
	require.EqualError(t, fits("-a and -b", 4<<30, 1.5*(1<<30)),
		"-a and -b: that is 4.0 GiB in memory at once, and this machine has 1.5 GiB, swap included (lower it)")
}

func TestAFileSystemTakesWhatFits(t *testing.T) {
	require.NoError(t, RoomFor(t.TempDir(), 1, 1))
	require.NoError(t, RoomFor("", 1, 1))
	require.ErrorContains(t, RoomFor(t.TempDir(), 1, 1<<70), "not for 1099511627776.0 GiB")
	require.NoError(t, RoomFor(t.TempDir()+"/none", 1, 1))
}
