package vm

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// endsWithin is how long a guest may outlive its harness.
const endsWithin = 10 * time.Second

// TestVMGuestEndsWithItsHarness kills a harness that waits for a program of its guest.
func TestVMGuestEndsWithItsHarness(t *testing.T) {
	init := machine(t, "amd64").Init
	dir := t.TempDir()
	c := exec.Command(os.Args[0], "-test.run=^TestVMPlayedHarness$", "-test.v")
	c.Env = append(os.Environ(), "TMPDIR="+dir, "ASSAY_PLAY_INIT="+init)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { c.Process.Kill() })
	qemu := 0
	for lines := bufio.NewScanner(out); qemu == 0; {
		require.True(t, lines.Scan(), "the harness ended too soon")
		if _, pid, ok := strings.Cut(lines.Text(), "asked of "); ok {
			qemu, err = strconv.Atoi(pid)
			require.NoError(t, err)
		}
	}
	require.NoError(t, syscall.Kill(qemu, 0))
	require.NoError(t, c.Process.Kill())
	require.Error(t, c.Wait())
	require.Eventually(t, func() bool { return syscall.Kill(qemu, 0) == syscall.ESRCH }, endsWithin, 10*time.Millisecond, "QEMU is still there")
	left, err := filepath.Glob(filepath.Join(dir, "assay-*"))
	require.NoError(t, err)
	require.Empty(t, left, "files of a guest that was up")
}

// TestVMPlayedHarness is the harness that is killed.
func TestVMPlayedHarness(t *testing.T) {
	init := os.Getenv("ASSAY_PLAY_INIT")
	if init == "" {
		t.Skip("plays a part in TestVMGuestEndsWithItsHarness")
	}
	g := booted(t, Machine{Kernel: kernel(t, "amd64"), Init: init, Memory: 512 << 20})
	fmt.Printf("asked of %d\n", g.qemu.Process.Pid)
	g.Run(t.Context(), Command{Args: []string{"/bin/sleep", "1000"}})
	t.Error("the guest ended before its harness")
}

// abandoned cuts the line to a guest in the middle of a request, which is all that a
// guest sees of a harness that is gone, and waits for it to power off.
func abandoned(t *testing.T, g *Guest) {
	seen := &watcher{word: "runs", found: make(chan struct{})}
	ended := make(chan error, 1)
	go func() {
		_, err := g.Run(t.Context(), Command{Args: []string{"/bin/sh", "-c", "echo runs; sleep 1000"}, Stdout: seen})
		ended <- err
	}()
	select {
	case <-seen.found:
	case err := <-ended:
		t.Fatalf("it did not run: %v", err)
	}
	require.NoError(t, g.control.Close())
	require.Error(t, <-ended)
	select {
	case <-g.ended:
	case <-time.After(endsWithin):
		t.Fatalf("still there %v after the line was cut", endsWithin)
	}
	require.NoError(t, g.exit, "it powers off by itself")
}
