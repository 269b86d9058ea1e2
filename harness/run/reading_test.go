package run

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
)

// A process is there before it has its environment: the kernel closes what tells its
// parent of exec first.
func TestTheEnvironmentOfAProcessIsReadOnceItIsThere(t *testing.T) {
	for i := range 200 {
		c := exec.Command("sleep", "10")
		c.Env = []string{"GOGC=50"}
		require.NoError(t, c.Start())
		got := environ(sysfs.FS("/"), c.Process.Pid)
		require.NoError(t, c.Process.Kill())
		require.Error(t, c.Wait())
		require.Equal(t, map[string]string{"GOGC": "50"}, got, "process %d", i)
	}
}

func TestAProcessThatHasEndedHasNoEnvironment(t *testing.T) {
	c := exec.Command("true")
	require.NoError(t, c.Start())
	pid := c.Process.Pid
	require.NoError(t, c.Wait())
	require.Nil(t, environ(sysfs.FS("/"), pid))
}
