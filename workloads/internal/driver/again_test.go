package driver

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatTheKernelCannotExecuteIsExplained(t *testing.T) {
	foreign := filepath.Join(t.TempDir(), "foreign")
	require.NoError(t, os.WriteFile(foreign, []byte("\x7fELF of a processor that there is not"), 0o700))
	err := exec.Command(foreign).Run()
	require.ErrorContains(t, NotAgain(err, "dance"), "exec format error (the kernel can't execute a program for ")
	require.ErrorContains(t, NotAgain(err, "dance"), "or dance)")
	for _, other := range []error{nil, fs.ErrPermission, errors.New("another")} {
		require.Equal(t, other, NotAgain(other, "dance"))
	}
}
