package knob

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
)

// planOf has a cell for each combination of a first and a second factor.
func planOf(fixed texts, factors ...plan.Factor) plan.Plan {
	p := plan.Plan{Factors: factors, Fixed: fixed, Cells: []plan.Cell{{Arm: plan.ArmMain, Levels: texts{}}}}
	for _, f := range factors {
		var cells []plan.Cell
		for _, c := range p.Cells {
			for _, l := range f.Levels {
				levels := texts{f.Key: l}
				for k, v := range c.Levels {
					levels[k] = v
				}
				cells = append(cells, plan.Cell{Index: len(cells), Arm: c.Arm, Levels: levels})
			}
		}
		p.Cells = cells
	}
	return p
}

var thpFactor = plan.Factor{Key: "thp", Levels: []string{"never", "madvise", "always"}}

func TestFeasibleSaysWhatIsWrittenWhereAndWritesNothing(t *testing.T) {
	h := machine(t, nil)
	before := content(t, h)
	f := Feasible(planOf(texts{"cpu.max": "0.5", "gogc": "50", "goamd64": "v2", "cpus": "1", "param.live-heap": "1MiB"}, thpFactor), h, everything)
	require.Equal(t, before, content(t, h))
	require.True(t, f.Testable())
	require.Empty(t, f.Root)
	var rows []string
	for _, l := range f.Levels {
		rows = append(rows, fmt.Sprint(l.Key, "=", l.Level, " ", l.Word, " ", l.Host, l.Cgroup, l.Affinity, l.Env, l.Build))
	}
	require.Equal(t, []string{
		"thp=never yes [{" + thpEnabled + " madvise never}] []map[] map[]",
		"thp=madvise yes [{" + thpEnabled + " madvise madvise}] []map[] map[]",
		"thp=always yes [{" + thpEnabled + " madvise always}] []map[] map[]",
		"cpu.max=0.5 yes [] [{cpu.max 50000 100000 }]map[] map[]",
		"cpus=1 yes [] [{cpuset.cpus 1 }]1map[] map[]",
		"goamd64=v2 yes [] []map[] map[GOAMD64:v2]",
		"gogc=50 yes [] []map[GOGC:50] map[]",
	}, rows)
	_, err := json.Marshal(f)
	require.NoError(t, err)
}

// refusing is a scout to whom the machine's files are closed by err.
func refusing(t *testing.T, err error, root bool) scout {
	h := machine(t, nil)
	h.Root = root
	return scout{host: h, reach: everything, writable: func(file string) error {
		return &fs.PathError{Op: "write", Path: file, Err: err}
	}}
}

func TestALevelEqualToThePresentNeedsNoPrivilege(t *testing.T) {
	s := refusing(t, syscall.EACCES, false)
	l, needsRoot := s.level("thp", "madvise", "drop the level")
	require.Equal(t, Support{Word: Yes}, l.Support)
	require.False(t, needsRoot)
	l, needsRoot = s.level("thp", "always", "drop the level")
	require.Equal(t, Support{Word: No, Why: "thp=always: writing sys/kernel/mm/transparent_hugepage/enabled needs root: run with sudo, or drop the level"}, l.Support)
	require.True(t, needsRoot)
}

func TestAClosedFileSaysWhatToDo(t *testing.T) {
	check := func(err error, root bool, word SupportWord, why string) {
		t.Helper()
		l, needsRoot := refusing(t, err, root).level("thp", "always", "drop the level")
		require.Equal(t, word, l.Word)
		require.Contains(t, l.Why, why)
		require.False(t, needsRoot)
	}
	check(syscall.EROFS, false, No, "mounted read-only")
	check(syscall.EACCES, true, No, "though this is root")
	check(syscall.ENOENT, true, No, "no such file")
	check(syscall.EIO, true, Unknown, "could not find out")
}

func TestOnlyTheCellsConcernedAreNotTestable(t *testing.T) {
	f := Feasible(planOf(texts{}, plan.Factor{Key: "goamd64", Levels: []string{"v1", "v4"}}, plan.Factor{Key: "gogc", Levels: []string{"50", "100"}}), machine(t, nil), everything)
	var testable []bool
	for _, c := range f.Cells {
		testable = append(testable, c.Testable)
	}
	require.Equal(t, []bool{true, true, false, false}, testable)
	require.Equal(t, "goamd64=v4: Example CPU runs up to v3: a v4 program ends at its start", f.Cells[2].Why)
}

func TestAControllerOutOfReachNamesItsUser(t *testing.T) {
	h := machine(t, nil)
	f := Feasible(planOf(texts{"memory.max": "2GiB", "cpus": "1"}, plan.Factor{Key: "gogc", Levels: []string{"50", "100"}}), h, except("memory", "cpuset"))
	require.False(t, f.Testable())
	require.Equal(t, "memory.max=2GiB: setting memory.max of the leaf: cgroup controller memory: this user may not make groups (run as root), or drop the knob", f.Cells[0].Why)
	require.Empty(t, f.Levels[2].Cgroup, "cpus does without its cpuset")
	f = Feasible(planOf(texts{"memory.max": "2GiB"}), h, nil)
	require.Contains(t, f.Cells[0].Why, "no cgroups can be made here")
}

func TestAConflictIsFoundBeforeAnythingRuns(t *testing.T) {
	f := Feasible(planOf(texts{"cpus": "1", "cpuset.cpus": "0"}), machine(t, nil), everything)
	require.Equal(t, "cpus and cpuset.cpus can't be set together: drop one of them", f.Cells[0].Why)
}

func TestWhatCouldNotBeFoundOutIsNotRun(t *testing.T) {
	h := machine(t, nil)
	h.CPU.Level = 0
	f := Feasible(planOf(texts{"goamd64": "v1"}), h, everything)
	require.Equal(t, Unknown, f.Levels[0].Word)
	require.False(t, f.Testable())
	require.Contains(t, f.Cells[0].Why, "could not find out whether this host has it")
}

func TestCatalogueShowsEachKnobOnThisHost(t *testing.T) {
	rows := map[string]Row{}
	for _, r := range Catalogue(machine(t, nil), except("memory")) {
		rows[r.Name] = r
	}
	require.Len(t, rows, len(All()))
	check := func(name, current string, word SupportWord, why string) {
		t.Helper()
		r := rows[name]
		require.Equal(t, current, r.Current, name)
		require.Equal(t, word, r.Word, "%s: %s", name, r.Why)
		require.Contains(t, r.Why, why)
	}
	check("thp", "madvise", Yes, "")
	check("gogc", "", Yes, "")
	check("cpu.max", "", Yes, "")
	check("memory.max", "", No, "may not make groups")
	check("swappiness", "60", No, "a swappiness of its own")
	check("netem", "", Yes, "")

	for _, r := range Catalogue(machine(t, texts{"sys/module/sch_netem/x": "", "boot/config-6.12.0": "\n# CONFIG_NET_SCH_NETEM is not set\n"}), nil) {
		rows[r.Name] = r
	}
	check("netem", "", No, "netem=delay=5ms: this kernel has no sch_netem")

	h := machine(t, map[string]string{thpEnabled: ""})
	h.Arch = "arm64"
	for _, r := range Catalogue(h, nil) {
		rows[r.Name] = r
	}
	check("thp", "", No, "this kernel has no")
	check("goamd64", "", No, "this machine is arm64")
	check("cpus", "", Yes, "")
	_, err := json.Marshal(rows)
	require.NoError(t, err)
}
