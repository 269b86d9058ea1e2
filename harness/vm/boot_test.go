package vm

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// machines are what "make test-vm" boots: a guest for each architecture, of four
// CPUs on two nodes, with frequencies to choose from.
func machine(t *testing.T, arch string) Machine {
	t.Helper()
	if os.Getenv("ASSAY_TEST_VM") != "1" {
		t.Skip("boots guests: run make test-vm")
	}
	cache, err := Cache()
	require.NoError(t, err)
	k, err := Find(cache, "6.1", arch)
	if arch == "arm64" {
		k, err = read(cache, "6.1", arch) // the cloud kernel has no frequency driver
	}
	require.NoError(t, err)
	init := filepath.Join(t.TempDir(), "init")
	command, err := exec.LookPath("go")
	require.NoError(t, err)
	require.NoError(t, BuildInit(t.Context(), command, filepath.Join("..", ".."), arch, init, os.Environ()))
	return Machine{
		Kernel: k, Init: init, CPUs: 4, Memory: 2 << 30, Nodes: 2,
		Frequencies: []int{3_000_000, 2_400_000, 1_800_000, 1_200_000, 800_000},
	}
}

func booted(t *testing.T, m Machine) *Guest {
	t.Helper()
	g, err := Boot(t.Context(), m)
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Logf("%s was ready after %v, emulated: %v", m.Kernel.Release, g.Took.Round(10*time.Millisecond), g.Emulated())
	return g
}

// sh runs a line in the guest's shell.
func sh(t *testing.T, g *Guest, line string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out bytes.Buffer
	status, err := g.Run(ctx, Command{Args: []string{"/bin/sh", "-c", line}, Env: []string{"PATH=/bin:/sbin:/usr/bin:/usr/sbin"}, Stdout: &out, Stderr: &out})
	require.NoError(t, err)
	require.Zero(t, status, "%s: %s", line, out.String())
	return strings.TrimSpace(out.String())
}

func TestVMProbe(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			m := machine(t, arch)
			g := booted(t, m)
			for _, line := range []string{
				"uname -a; cat /proc/uptime; nproc; ls /sys/devices/system/node; cat /sys/fs/cgroup/cgroup.controllers; lsmod",
				"cd /sys/devices/system/cpu/cpufreq; ls; head -n 99 policy0/scaling_*",
				"cat /sys/devices/system/clocksource/clocksource0/current_clocksource; mount; ls /sys/kernel/debug/sched; ls /dev",
			} {
				t.Log(sh(t, g, line))
			}
			require.NoError(t, g.Off(t.Context()))
		})
	}
}
