package vm

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/testenv"
)

// kernel is the one that guests of an architecture are tried with.
func kernel(t *testing.T, arch string) Kernel {
	t.Helper()
	testenv.NeedsGuests(t)
	cache, err := Cache()
	require.NoError(t, err)
	// The cloud kernel of arm64 has no frequency driver.
	k, err := Open(cache, "6.1", map[string]string{"amd64": "cloud-amd64", "arm64": "arm64"}[arch])
	require.NoError(t, err)
	return k
}

// machines are what "make test-vm" boots: a guest for each architecture, of four
// CPUs on two nodes, with frequencies to choose from.
func machine(t *testing.T, arch string) Machine {
	t.Helper()
	k := kernel(t, arch)
	init := filepath.Join(t.TempDir(), "init")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", init, "./init")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=")
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	m := Machine{
		Kernel: k, Init: init, CPUs: 4, Memory: 2 << 30, Nodes: 2,
		Frequencies: []int{3_000_000, 2_400_000, 1_800_000, 1_200_000, 800_000},
	}
	if arch == "arm64" {
		m.Turbo = 3_500_000
	} else {
		m.Threads = 2 // which arm64 kernels before 6.12 can't switch off
	}
	return m
}

func booted(t *testing.T, m Machine) *Guest {
	t.Helper()
	g, err := Boot(t.Context(), m)
	require.NoError(t, err)
	t.Cleanup(g.Cut)
	t.Logf("%s was ready after %v, emulated: %v", m.Kernel.Release, g.Took.Round(10*time.Millisecond), g.Emulated())
	return g
}

// sh runs a line in the guest's shell.
func sh(t *testing.T, g *Guest, line string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out bytes.Buffer
	status, err := g.Run(ctx, Command{Args: []string{"/bin/sh", "-c", line}, Env: []string{"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "SWAP=" + swapThere}, Stdout: &out, Stderr: &out})
	require.NoError(t, err)
	require.Zero(t, status, "%s: %s", line, out.String())
	return strings.TrimSpace(out.String())
}

// line tries the line to a guest.
func line(t *testing.T, g *Guest) {
	require.Equal(t, "4", sh(t, g, "nproc"))
	require.Equal(t, "0 0-1\n1 2-3", sh(t, g, "for n in 0 1; do echo $n $(cat /sys/devices/system/node/node$n/cpulist); done"))
	require.Equal(t, g.machine.Kernel.Release, sh(t, g, "uname -r"))

	run := func(want int, args ...string) {
		t.Helper()
		status, err := g.Run(t.Context(), Command{Args: args})
		require.NoError(t, err)
		require.Equal(t, want, status)
	}
	run(3, "/bin/sh", "-c", "exit 3")
	run(-9, "/bin/sh", "-c", "kill -9 $$")
	_, err := g.Run(t.Context(), Command{Args: []string{"/no/such/program"}})
	require.ErrorContains(t, err, "no such file")

	here := t.TempDir()
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	require.NoError(t, g.Put(t.Context(), File{Path: "/tmp/out/deep/large", Body: large}))
	require.NoError(t, g.Put(t.Context(), File{Path: "/tmp/out/program", Body: []byte("#!/bin/sh\n"), Mode: 0o755}))
	run(0, "/tmp/out/program")
	require.NoError(t, g.Fetch(t.Context(), "/tmp/out", here))
	got, err := os.ReadFile(filepath.Join(here, "deep", "large"))
	require.NoError(t, err)
	require.True(t, bytes.Equal(large, got))
	require.ErrorContains(t, g.Fetch(t.Context(), "/no/such/folder", here), "no such file")

	// The caller's own line: what is written waits for a program that reads it.
	_, err = g.Conn().Write([]byte("question\n"))
	require.NoError(t, err)
	const device = "$(grep -l assay.channel /sys/class/virtio-ports/*/name | cut -d/ -f5)"
	sh(t, g, "exec 3<>/dev/"+device+"; read word <&3; echo \"answer to $word\" >&3")
	answer := make([]byte, len("answer to question\n"))
	require.NoError(t, g.Conn().SetReadDeadline(time.Now().Add(time.Minute)))
	_, err = io.ReadFull(g.Conn(), answer)
	require.NoError(t, err)
	require.Equal(t, "answer to question\n", string(answer))
}
