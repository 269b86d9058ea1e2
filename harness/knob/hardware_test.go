package knob

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

// hardwareOnly are the knobs that no guest has. Some machine of testdata shows each.
var hardwareOnly = []string{"governor", "cpu-min-freq", "cpu-max-freq", "energy-performance-preference", "turbo", "smt", "c-state-limit"}

// TestHardwareKnobsOnRecordedMachines takes the knobs through the layouts that
// real drivers have: each file is one machine, whose comment says line by line
// what a knob says now, what can be set (and what it then is), and what cannot.
func TestHardwareKnobsOnRecordedMachines(t *testing.T) {
	files, err := filepath.Glob("testdata/machines/*.txtar")
	require.NoError(t, err)
	shown := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			require.NoError(t, err)
			r := recorded{t: t, host: unpack(t, archive)}
			for line := range strings.Lines(string(archive.Comment)) {
				if key := r.line(strings.TrimSpace(line)); key != "" {
					shown[key] = true
				}
			}
		})
	}
	for _, name := range hardwareOnly {
		require.True(t, shown[name], "%s is set on no machine", name)
	}
}

// A recorded is a machine of testdata.
type recorded struct {
	t    *testing.T
	host host.Host
}

func unpack(t *testing.T, archive *txtar.Archive) host.Host {
	root := t.TempDir()
	for _, f := range archive.Files {
		path := filepath.Join(root, f.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, f.Data, 0o644))
	}
	cpus := []int{0, 1, 2, 3, 4, 5} // as many as the largest of them has
	return host.Host{FS: sysfs.FS(root), Root: true, Kernel: "6.12.0", Cgroup: host.CgroupV2, CPU: host.CPU{Online: cpus, Allowed: cpus}}
}

// line does what one says and gives the knob that it set; other lines are prose.
func (r *recorded) line(line string) (set string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "arch":
		r.host.Arch = rest
	case "now":
		key, want, _ := strings.Cut(rest, " ")
		k, _ := Lookup(key)
		now, _ := scout{host: r.host, reach: everything, writable: r.host.FS.Writable}.knob(k)
		require.Equal(r.t, want, now, line)
	case "no":
		cell, why, _ := strings.Cut(rest, ": ")
		refused(r.t, r.host, why, levelsIn(r.t, cell))
	case "set":
		cell, becomes, _ := strings.Cut(rest, " = ")
		return r.set(cell, becomes)
	}
	return ""
}

// set applies a level, reads it back, holds it against the evidence and restores.
func (r *recorded) set(cell, becomes string) (key string) {
	t, h := r.t, r.host
	levels := levelsIn(t, cell)
	key, level, _ := strings.Cut(cell, "=")
	if becomes == "" {
		becomes = level
	}
	k, _ := Lookup(key)
	l, _ := scout{host: h, reach: everything, writable: h.FS.Writable}.level(key, level, "drop the level")
	require.Equal(t, Support{Word: Yes}, l.Support, cell)
	e, err := Resolve(levels, h)
	require.NoError(t, err)
	before := walk(t, h)
	s, err := NewSession(newJournal(t), h.FS, "run", e.Host)
	require.NoError(t, err)
	_, err = s.Apply(e.Host)
	require.NoError(t, err)
	wrong, err := s.Verify()
	require.NoError(t, err)
	require.Empty(t, wrong)
	evidence := seen(h, e)
	got, ok := k.Read(key, evidence)
	require.True(t, ok)
	require.Equal(t, becomes, strings.TrimSpace(got), cell)
	require.Equal(t, InForce, Judge(levels, e, evidence)[key].Word, cell)
	report, err := s.Close(nil)
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())
	require.Equal(t, before, walk(t, h), cell)
	return key
}

func levelsIn(t *testing.T, cell string) texts {
	key, level, _ := strings.Cut(cell, "=")
	canonical, err := Parse(key, level)
	require.NoError(t, err)
	require.Equal(t, level, canonical)
	return texts{key: canonical}
}

// walk is every file of a machine.
func walk(t *testing.T, h host.Host) map[string]string {
	all := map[string]string{}
	err := filepath.WalkDir(h.FS.Path(""), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all[path] = strings.TrimSpace(string(b))
		return err
	})
	require.NoError(t, err)
	return all
}
