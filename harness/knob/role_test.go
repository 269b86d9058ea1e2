package knob

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/plan"
)

func TestAKeyAddressesARoleByName(t *testing.T) {
	check := func(key, role, name string) {
		t.Helper()
		if r, n := Address(key); r != role || n != name {
			t.Errorf("%s addresses %q by %q, want %q by %q", key, r, n, role, name)
		}
	}
	check("gogc", "", "gogc")
	check("cpu.max", "", "cpu.max")
	check("env.X", "", "env.X")
	check("load.gogc", "load", "gogc")
	check("load.cpu.max", "load", "cpu.max")
	check("load.env.X", "load", "env.X")
	check("load.nonsense", "", "load.nonsense")
	check("param.gogc", "", "param.gogc") // a param that is called so
	check("arm", "", "arm")
}

func TestEachRoleGetsItsOwnLevels(t *testing.T) {
	levels := map[string]string{"gogc": "50", "load.gogc": "off", "load.cpu.max": "0.5", "param.rate": "100"}
	check := func(role string, want map[string]string) {
		t.Helper()
		if got := Levels(levels, role); !maps.Equal(got, want) {
			t.Errorf("of %q: %v, want %v", role, got, want)
		}
	}
	check("", map[string]string{"gogc": "50", "param.rate": "100"})
	check("load", map[string]string{"gogc": "off", "cpu.max": "0.5"})
	check("proxy", map[string]string{})
}

func TestWhatIsOfAllRolesAddressesNone(t *testing.T) {
	check := func(name, level, want string) {
		t.Helper()
		if _, err := ParseFor("load", name, level); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("load.%s=%s: %v, want %q", name, level, err, want)
		}
	}
	check("thp", "never", "thp is of the machine, and so of every role: write thp")
	check("thp", Default, "thp is of the machine")
	check("goamd64", "v3", "every role is the same binary: write goamd64")
	check("gogc", "x", "gogc")
	if level, err := ParseFor("load", "gogc", "off"); err != nil || level != "off" {
		t.Errorf("load.gogc=off: %q, %v", level, err)
	}
}

func fourCPUs() host.Host {
	return host.Host{CPU: host.CPU{
		Online: []int{0, 1, 2, 3}, Allowed: []int{0, 1, 2, 3},
		Cores: [][]int{{0}, {1}, {2}, {3}}, Nodes: [][]int{{0, 1, 2, 3}},
	}}
}

func TestOtherRolesHaveTheCPUsThatAreLeft(t *testing.T) {
	check := func(levels map[string]string, want string) {
		t.Helper()
		h := fourCPUs()
		tested, err := Resolve(levels, h)
		if err != nil {
			t.Fatal(err)
		}
		e, err := ResolveBeside("load", levels, h, tested)
		if got := host.FormatCPUs(e.Process.Affinity); err != nil || got != want {
			t.Errorf("%v: load has CPUs %s (%v), want %s", levels, got, err, want)
		}
	}
	check(map[string]string{"cpus": "1"}, "0,2-3")
	check(map[string]string{"cpus": "1", "load.cpus": "2"}, "2-3")
	check(map[string]string{"cpus": "4"}, "0") // none is left: they share one
	check(map[string]string{}, "0-3")          // nobody took any
	check(map[string]string{"cpuset.cpus": "0-1"}, "2-3")
	check(map[string]string{"cpuset.cpus": "0-1", "load.cpuset.cpus": "1"}, "1")
}

func TestACellWhoseRolesNeedMoreCPUsThanThereAreIsNotTestable(t *testing.T) {
	p := plan.Plan{
		Factors: []plan.Factor{{Key: "load.cpus", Levels: []string{"3", "4"}}},
		Fixed:   map[string]string{"cpus": "1"},
		Cells: []plan.Cell{
			{Index: 0, Levels: map[string]string{"load.cpus": "3"}},
			{Index: 1, Levels: map[string]string{"load.cpus": "4"}},
		},
	}
	f := Feasible(p, fourCPUs(), nil)
	if !f.Cells[0].Testable {
		t.Errorf("3 CPUs for load: %s", f.Cells[0].Why)
	}
	want := "load.cpus=4: this process may use 3 CPUs here (0,2-3) (beside the role under test, which has CPUs 1)"
	if f.Cells[1].Testable || f.Cells[1].Why != want {
		t.Errorf("4 CPUs for load: %q, want %q", f.Cells[1].Why, want)
	}
}

func TestALimitOfARoleNeedsAGroupToo(t *testing.T) {
	p := plan.Plan{
		Fixed: map[string]string{"load.cpu.max": "0.5"},
		Cells: []plan.Cell{{Levels: map[string]string{}}},
	}
	f := Feasible(p, fourCPUs(), func(string) error { return errors.New("no room") })
	if f.Cells[0].Testable || !strings.HasPrefix(f.Cells[0].Why, "load.cpu.max=0.5: setting cpu.max of the leaf: no room") {
		t.Errorf("%+v", f.Cells[0])
	}
}
