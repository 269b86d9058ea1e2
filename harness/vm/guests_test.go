package vm

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/build"
)

// Where things are in a guest. The tests of a package run in that package's
// folder below the tree, as go test has it.
const (
	treeThere = "/assay"
	kitThere  = "/assay/kit"
	diskThere = "/disk"
)

// tree is this module.
func tree(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	return dir
}

// goes runs the go command in the tree for an architecture.
func goes(t *testing.T, arch string, args ...string) {
	t.Helper()
	c := exec.Command("go", args...)
	c.Dir = tree(t)
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+arch)
	out, err := c.CombinedOutput()
	require.NoError(t, err, "go %s: %s", strings.Join(args, " "), out)
}

// packages are those with tests for root or for guests, as paths in the tree.
func packages(t *testing.T) []string {
	t.Helper()
	gated := regexp.MustCompile(`(?m)^func Test(Root|Guest)`)
	var found []string
	err := filepath.WalkDir(filepath.Join(tree(t), "harness"), func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !gated.Match(text) {
			return err
		}
		dir, err := filepath.Rel(tree(t), filepath.Dir(path))
		if !slices.Contains(found, dir) {
			found = append(found, dir)
		}
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

// baggage is what a guest takes along: the command, a kit of the workloads, the
// experiments, and the tests of every package that has some for it.
func baggage(t *testing.T, arch string) []File {
	t.Helper()
	here := t.TempDir()
	in := func(names ...string) string { return filepath.Join(append([]string{here}, names...)...) }
	var files []File
	take := func(path, source string) { files = append(files, File{Path: path, Source: source}) }

	goes(t, arch, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", in("assay"), "./harness/cmd/assay")
	take(kitThere+"/assay", in("assay"))
	b := builder(t)
	programs, err := b.Programs(t.Context())
	require.NoError(t, err)
	kit, err := b.Pack(t.Context(), in("kit"), arch, programs, nil)
	require.NoError(t, err)
	take(kitThere+"/kit.json", in("kit", "kit.json"))
	for _, bin := range kit.Binaries {
		take(kitThere+"/"+bin.SHA256, in("kit", bin.SHA256))
	}
	take(treeThere+"/go.mod", filepath.Join(tree(t), "go.mod"))
	experiments, err := filepath.Glob(filepath.Join(tree(t), "experiments", "*.yaml"))
	require.NoError(t, err)
	for _, file := range experiments {
		take(treeThere+"/experiments/"+filepath.Base(file), file)
	}
	for _, dir := range packages(t) {
		binary := in(strings.ReplaceAll(dir, "/", "-") + ".test")
		goes(t, arch, "test", "-c", "-trimpath", "-ldflags=-s -w", "-o", binary, "./"+dir)
		take(treeThere+"/"+dir+"/test", binary)
	}
	return files
}

func builder(t *testing.T) build.Builder {
	t.Helper()
	command, err := exec.LookPath("go")
	require.NoError(t, err)
	home, err := os.UserHomeDir()
	require.NoError(t, err)
	return build.Builder{Root: tree(t), Cache: t.TempDir(), Go: command, Home: home}
}

// disk makes an image with an ext4 file system.
func disk(t *testing.T) Disk {
	t.Helper()
	image := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.WriteFile(image, nil, 0o644))
	require.NoError(t, os.Truncate(image, 512<<20))
	t.Setenv("PATH", os.Getenv("PATH")+":/sbin:/usr/sbin")
	out, err := exec.Command("mkfs.ext4", "-q", "-F", image).CombinedOutput()
	require.NoError(t, err, string(out))
	return Disk{Image: image, At: diskThere, Type: "ext4"}
}

// environ is what tests in a guest find.
var environ = []string{
	"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "TMPDIR=/tmp", "LANG=C",
	"ASSAY_KILLS=2", // of the 10 that make test-root does: each is a whole run
	"ASSAY_TEST_ROOT=1", "ASSAY_TEST_GUEST=1", "ASSAY_TEST_KIT=" + kitThere, "ASSAY_TEST_DISK=" + diskThere,
}

// resources are modules behind what experiments can ask for.
var resources = []string{"loop", "zram", "xfs", "overlay", "veth", "sch_netem", "sch_tbf", "dummy"}

func TestVMGuests(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			m := machine(t, arch)
			m.Modules, m.Files, m.Disks = resources, baggage(t, arch), []Disk{disk(t)}
			g := booted(t, m)
			t.Run("line", func(t *testing.T) { line(t, g) })
			for _, dir := range packages(t) {
				if only := os.Getenv("ASSAY_VM_PACKAGE"); only != "" && only != filepath.Base(dir) {
					continue
				}
				t.Run(filepath.Base(dir), func(t *testing.T) { tests(t, g, dir) })
			}
			require.NoError(t, g.Off(t.Context()))
		})
	}
}

// tests runs the tests of a package in the guest.
func tests(t *testing.T, g *Guest, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	begun := time.Now()
	pattern := "^Test(Root|Guest)"
	if only := os.Getenv("ASSAY_VM_RUN"); only != "" {
		pattern = only
	}
	var out bytes.Buffer
	status, err := g.Run(ctx, Command{
		Args: []string{treeThere + "/" + dir + "/test", "-test.v", "-test.timeout=19m", "-test.run", pattern},
		Env:  environ, Dir: treeThere + "/" + dir, Stdout: &out, Stderr: &out,
	})
	said := out.String()
	require.NoError(t, err, said)
	sum := count(said)
	t.Logf("%d passed, %d skipped in %v", len(sum.passed), len(sum.skipped), time.Since(begun).Round(100*time.Millisecond))
	for _, line := range sum.skipped {
		t.Log("skipped: " + line)
	}
	if status != 0 {
		t.Errorf("exit %d:\n%s", status, said)
	}
}

// A tally is what tests said of themselves with -test.v.
type tally struct{ passed, skipped []string }

var (
	running = regexp.MustCompile(`^=== (?:RUN|NAME|CONT) +(\S+)`)
	ending  = regexp.MustCompile(`^ *--- (PASS|SKIP): (\S+) `)
	logged  = regexp.MustCompile(`^ +\w+_test\.go:\d+: (.*)`)
)

// count reads the endings of tests. What a test logged last is why it skips.
func count(said string) tally {
	var sum tally
	now, last := "", map[string]string{}
	for line := range strings.Lines(said) {
		if m := running.FindStringSubmatch(line); m != nil {
			now = m[1]
		}
		if m := logged.FindStringSubmatch(line); m != nil {
			last[now] = m[1]
		}
		switch m := ending.FindStringSubmatch(line); {
		case m == nil:
		case m[1] == "PASS":
			sum.passed = append(sum.passed, m[2])
		default:
			sum.skipped = append(sum.skipped, fmt.Sprintf("%s: %s", m[2], last[m[2]]))
		}
	}
	return sum
}
