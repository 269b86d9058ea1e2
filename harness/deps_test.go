package harness

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/assaylab/assay/"

// rooms is a statement of policy: what each package may import beyond the
// standard library. A new arrow or dependency is added here first, with its why.
var rooms = map[string][]string{
	// How things are said, by all rooms alike; and what tests need.
	"harness/prose":   {},
	"harness/testenv": {},

	// What files say; no machine.
	"harness/spec": {"harness/prose", "github.com/goccy/go-yaml"}, // go-yaml: errors with line, column and source
	"harness/plan": {"harness/spec"},

	// What the machine says.
	"harness/sysfs":   {"golang.org/x/sys/unix"},
	"harness/host":    {"harness/sysfs", "github.com/klauspost/cpuid/v2", "github.com/prometheus/procfs", "golang.org/x/sys/unix"},
	"harness/journal": {"harness/prose", "harness/sysfs", "golang.org/x/sys/unix"}, // its own room: knobs and cgroups both note before they touch
	"harness/resource": { // its own room: what makes swap and mounts is no knob's, and knobs stay pure
		"harness/journal", "harness/sysfs", "workloads/wire", "golang.org/x/sys/unix",
	},
	"harness/knob": {"harness/build", "harness/host", "harness/journal", "harness/launch", "harness/plan", "harness/prose", "harness/resource", "harness/sysfs", "workloads/wire"}, // build: how GOFLAGS is split

	// A trial.
	"harness/build":   {"workloads/wire"},
	"harness/cgroup":  {"harness/sysfs"},
	"harness/launch":  {"golang.org/x/sys/unix"},
	"harness/sample":  {"harness/prose", "harness/spec", "workloads/wire", "golang.org/x/perf"}, // spec says where a command prints its metrics
	"harness/collect": {"harness/sample", "harness/sysfs", "golang.org/x/sys/unix"},             // its own room: one file a kernel source, tried without a trial; perf_event_open needs x/sys
	"harness/run": {
		"harness/build", "harness/cgroup", "harness/collect", "harness/knob", "harness/launch",
		"harness/plan", "harness/prose", "harness/resource", "harness/sample", "harness/spec", "harness/sysfs", "workloads/wire", "golang.org/x/sys/unix",
	},
	"harness/setup": { // its own room: what a cell means on one machine, the same here and in a guest, tried without one
		"harness/build", "harness/cgroup", "harness/host", "harness/knob", "harness/plan", "harness/prose", "harness/run", "harness/sample", "harness/spec", "workloads/wire", // cgroup: which controller counts a unit
	},

	// What was measured; no machine again.
	"harness/results": {"harness/build", "harness/plan", "harness/prose", "harness/sample"}, // build for its hash of files; its own room: the folder is read by report and written by run
	"harness/stat":    {"harness/plan", "harness/prose", "harness/sample", "harness/spec", "workloads/wire", "golang.org/x/perf", "gonum.org/v1/gonum"},
	"harness/verdict": {"harness/plan", "harness/prose", "harness/sample", "harness/spec", "harness/stat", "workloads/wire"},
	"harness/compare": { // its own room: two runs that no plan joins, folders and plain files alike, matched and held against each other
		"harness/build", "harness/host", "harness/plan", "harness/prose", "harness/results", "harness/sample", "harness/stat",
		"workloads/wire", "golang.org/x/perf",
	},
	"harness/profile": {"harness/plan", "harness/prose", "harness/sample", "harness/stat", "workloads/wire"}, // its own room: what an instrument is worth outlives the run that found it, and other runs cite it
	"harness/report": {
		"harness/compare", "harness/host", "harness/plan", "harness/profile", "harness/prose", "harness/report/plot", "harness/sample", "harness/spec", "harness/stat", "harness/verdict",
		"workloads/wire", "golang.org/x/perf",
	},
	"harness/report/plot": {"gonum.org/v1/plot", "golang.org/x/image/font"}, // x/image names the weight of a font

	// A machine that this one is not.
	"harness/vm":      {"harness/vm/link"},
	"harness/vm/link": {"golang.org/x/sys/unix"},                    // a port that is opened so that reading blocks; its own room: what both ends of a guest's line say
	"harness/vm/init": {"harness/vm/link", "golang.org/x/sys/unix"}, // the guest's first process: mounts, modules, power

	// Wiring.
	"harness/cmd/assay": {
		"harness/...", "workloads/wire", "golang.org/x/sys/unix",
		"github.com/spf13/cobra", "github.com/schollz/progressbar/v3",
	},

	"workloads/wire":             {},
	"workloads/internal/driver":  {"workloads/wire"},
	"workloads/internal/byhand":  {},                                                                            // how tests start a workload out of their own binary, roles and all
	"workloads/internal/dnsstub": {},                                                                            // the name server that dial, resolver and http-client-pool ask
	"workloads/*":                {"workloads/wire", "workloads/internal/driver", "workloads/internal/dnsstub"}, // and what it measures
}

// owners are the rooms of each third-party module; x/perf is our common language.
var owners = map[string]int{"golang.org/x/perf": 4, "golang.org/x/sys/unix": 9}

// testOnly may be imported by tests anywhere.
var testOnly = []string{
	"github.com/stretchr/testify", "github.com/rogpeppe/go-internal", "golang.org/x/perf", "golang.org/x/sys/unix",
	"gonum.org/v1/gonum", // distributions to hold simulations against
}

type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestEveryImportIsInTheTable(t *testing.T) {
	for _, p := range packages(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		allowed, ok := policy(room)
		if !ok && len(p.Imports) > 0 {
			t.Errorf("%s has no row in the table", room)
		}
		for _, imp := range p.Imports {
			if third(imp) && !permits(allowed, imp) {
				t.Errorf("%s imports %s: not in its row", room, strings.TrimPrefix(imp, module))
			}
		}
		for _, imp := range slices.Concat(p.TestImports, p.XTestImports) {
			if third(imp) && !strings.HasPrefix(imp, module) && !permits(allowed, imp) && !permits(testOnly, imp) {
				t.Errorf("tests of %s import %s", room, imp)
			}
		}
	}
}

// An arrow that nobody uses would let the next one in unseen.
func TestEveryArrowIsUsed(t *testing.T) {
	used := map[string][]string{}
	for _, p := range packages(t) {
		used[strings.TrimPrefix(p.ImportPath, module)] = p.Imports
	}
	for room, allowed := range rooms {
		if strings.HasSuffix(room, "/*") {
			continue // a row for many, of which each uses its own
		}
		for _, arrow := range allowed {
			if !slices.ContainsFunc(used[room], func(imp string) bool { return permits([]string{arrow}, imp) }) {
				t.Errorf("%s does not import %s any more: take it out of the row", room, arrow)
			}
		}
	}
}

func TestOneDependencyOneRoom(t *testing.T) {
	users := map[string][]string{}
	for room, allowed := range rooms {
		for _, imp := range allowed {
			if room != "harness/cmd/assay" && strings.Contains(strings.Split(imp, "/")[0], ".") {
				users[imp] = append(users[imp], room)
			}
		}
	}
	for imp, by := range users {
		if limit := max(1, owners[imp]); len(by) > limit {
			t.Errorf("%s is imported by %q; one room each", imp, by)
		}
	}
}

func policy(room string) ([]string, bool) {
	if allowed, ok := rooms[room]; ok {
		return allowed, true
	}
	if parts := strings.Split(room, "/"); len(parts) == 2 && parts[0] == "workloads" {
		return rooms["workloads/*"], true
	}
	return nil, false
}

// third says whether a path is outside the standard library.
func third(path string) bool { return strings.Contains(strings.Split(path, "/")[0], ".") }

func permits(allowed []string, path string) bool {
	path = strings.TrimPrefix(path, module)
	return slices.ContainsFunc(allowed, func(a string) bool {
		a = strings.TrimSuffix(strings.TrimPrefix(a, module), "...")
		return path == a || strings.HasPrefix(path, strings.TrimSuffix(a, "/")+"/")
	})
}
