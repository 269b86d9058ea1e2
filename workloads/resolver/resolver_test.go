package main

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGoAsksTheServerThatItIsSentTo(t *testing.T) {
	c := &config{resolver: byGo, file: byDial, options: noOptions, name: "some.test.", ops: 20, goroutines: 3}
	set, err := c.setup("main")
	require.NoError(t, err)
	ops, err := set.Run()
	require.NoError(t, err)
	tr := set.(*trial)
	require.EqualValues(t, 21, ops, "rounded up to seven each")
	require.EqualValues(t, 42, tr.asked, "one query for A and one for AAAA a look-up")
	require.NoError(t, set.Close())
}

func TestParamsThatDoNotGoTogetherAreRefused(t *testing.T) {
	check := func(c config, want string) {
		t.Helper()
		require.ErrorContains(t, c.allow(), want)
	}
	check(config{resolver: byC, file: byDial, options: noOptions}, "-resolver=cgo takes -config=resolv.conf")
	check(config{resolver: byGo, file: byDial, options: "ndots:5"}, `-options="ndots:5" takes -config=resolv.conf`)
	if c := (config{resolver: byC, file: byFile, options: noOptions}); !linksC() {
		require.NoError(t, c.allow())
		_, err := c.setup("main")
		require.ErrorContains(t, err, "built without cgo")
	}
}

func TestAnotherAnswerIsAWrongOne(t *testing.T) {
	require.NoError(t, right([]netip.Addr{wanted[1], netip.MustParseAddr("::ffff:192.0.2.1")}))
	require.ErrorContains(t, right(wanted[:1]), "wrong answer: addresses [192.0.2.1]")
	require.ErrorContains(t, right([]netip.Addr{wanted[0], wanted[0]}), "wrong answer")
}

// TestRootBothResolversReadTheFileInTheirNamespace runs the program, as its
// namespaces are the process's own.
func TestRootBothResolversReadTheFileInTheirNamespace(t *testing.T) {
	if os.Getenv("ASSAY_TEST_ROOT") == "" {
		t.Skip("needs root: set ASSAY_TEST_ROOT=1 (make test-root)")
	}
	before, err := os.ReadFile("/etc/resolv.conf")
	require.NoError(t, err)
	check := func(cgo string, args ...string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "resolver")
		build := exec.Command("go", "build", "-o", path, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
		out, err := build.CombinedOutput()
		require.NoError(t, err, "%s", out)
		run := exec.Command(path, append(args, "-config=resolv.conf", "-ops=10", "-options=ndots:1")...)
		out, err = run.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "\t2 dns-queries/op")
	}
	check("0")
	if _, err := exec.LookPath("gcc"); err == nil {
		check("1", "-resolver=cgo")
	}
	after, err := os.ReadFile("/etc/resolv.conf")
	require.NoError(t, err)
	require.Equal(t, before, after)
}
