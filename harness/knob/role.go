package knob

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/workloads/wire"
)

// Address says whom a key addresses, and by which key there: "load" and "gogc"
// for load.gogc, "" and the key itself where it begins with no role's name. It
// does not know whether the workload has such a role.
func Address(key string) (role, name string) {
	if _, ok := Lookup(key); ok {
		return "", key
	}
	role, name, _ = strings.Cut(key, ".")
	if _, ok := Lookup(name); !ok || role == wire.RoleParam {
		return "", key
	}
	return role, name
}

// ParseFor is Parse for a knob that is to address another role than the one under
// test. The error says why some knobs can't.
func ParseFor(role, name, text string) (string, error) {
	switch k, _ := Lookup(name); k.Scope {
	case Machine:
		return "", fmt.Errorf("%s is of the machine, and so of every role: write %s", name, name)
	case Provided:
		return "", fmt.Errorf("%s is provided to every role: write %s", name, name)
	case Boot:
		return "", fmt.Errorf("%s is of the machine that every role runs on: write %s", name, name)
	case Build:
		return "", fmt.Errorf("%s is of the build, and every role is the same binary: write %s", name, name)
	}
	return Parse(name, text)
}

// Levels are the levels of a cell that address a role, without its name; of the
// role under test ("") those that begin with no role's name.
func Levels(levels map[string]string, role string) map[string]string {
	own := map[string]string{}
	for key, level := range levels {
		if r, name := Address(key); r == role {
			own[name] = level
		}
	}
	return own
}

// ResolveBeside gives the effects of what addresses a role that is not under
// test. Without a knob that says otherwise it has the CPUs that the role under
// test leaves: where that takes none in particular, or all, they share.
func ResolveBeside(role string, levels map[string]string, h host.Host, tested Effects) (Effects, error) {
	h = Given(levels, h)
	rest := h.CPU.Allowed
	if taken := tested.Process.Affinity; taken != nil {
		rest, _ = h.Beside(taken)
	}
	own := Levels(levels, role)
	if _, counted := own[CPUsKey]; counted {
		h.CPU.Allowed = rest
	}
	e, err := Resolve(own, h)
	if err != nil {
		return e, fmt.Errorf("%s.%w (beside the role under test, which has CPUs %s)", role, err, host.FormatCPUs(tested.Process.Affinity))
	}
	if e.Process.Affinity == nil {
		e.Process.Affinity = rest
	}
	return e, nil
}

// addressed are the roles that the levels of a cell address by name, sorted.
func addressed(levels map[string]string) []string {
	var roles []string
	for key := range maps.Keys(levels) {
		if role, _ := Address(key); role != "" {
			roles = join(roles, []string{role})
		}
	}
	slices.Sort(roles)
	return roles
}

// keyOf is a role's key as an experiment writes it.
func keyOf(role, name string) string {
	if role == "" {
		return name
	}
	return role + "." + name
}
