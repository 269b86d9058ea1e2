package knob

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
)

var _ = register(Knob{
	Name:  "drop-capabilities",
	Doc:   "capabilities that the workload does without (capabilities(7))",
	Scope: Process,
	Allow: "all, or names with commas between, such as ipc_lock,sys_nice",
	Try:   "drop-capabilities=all",
	Note:  "only a workload that runs as root has any; nothing that it executes gains one (no_new_privs)",
	Parse: func(_, text string) (string, error) {
		if text == launch.AllCapabilities {
			return text, nil
		}
		names := strings.Split(text, ",")
		slices.Sort(names)
		for i, n := range names {
			switch {
			case !slices.Contains(launch.Capabilities(), n):
				return "", fmt.Errorf("%q is no capability (write sys_nice for CAP_SYS_NICE)", n)
			case i > 0 && names[i-1] == n:
				return "", fmt.Errorf("%q names %s twice", text, n)
			}
		}
		return strings.Join(names, ","), nil
	},
	Effects: func(_, level string, _ host.Host) (Effects, error) {
		return Effects{Process: launch.Settings{Drop: strings.Split(level, ",")}}, nil
	},
	Refuses: []Refusal{{Cell: "drop-capabilities=CAP_SYS_NICE", Why: "is no capability"}},
	Read:    fromProcess(droppedOf),
	Shown:   []string{procStatus},
})

// droppedOf are the capabilities that a process has not got, of those that its
// kernel knows as far as can be told: those up to the highest that anyone has.
func droppedOf(seen map[string]string) (string, bool) {
	has, ok := effectiveOf(seen)
	if !ok || has == 0 {
		return launch.AllCapabilities, ok
	}
	var missing []string
	for number, name := range launch.Capabilities() {
		if has>>number == 0 {
			break
		}
		if has>>number&1 == 0 {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return strings.Join(missing, ","), true
}

// effectiveOf is CapEff, a bit for each capability.
func effectiveOf(seen map[string]string) (uint64, bool) {
	text, ok := statusLine(seen, "CapEff")
	bits, err := strconv.ParseUint(text, 16, 64)
	return bits, ok && err == nil
}

// dropped holds the process against the capabilities that it was to be without.
func (r *readings) dropped(names []string) {
	has, ok := effectiveOf(r.e.Process)
	if !ok {
		return
	}
	var left []string
	for number, name := range launch.Capabilities() {
		if has>>number&1 == 1 && (slices.Contains(names, name) || slices.Contains(names, launch.AllCapabilities)) {
			left = append(left, name)
		}
	}
	r.hold("effective capabilities", "without "+strings.Join(names, ","), "with "+strings.Join(left, ","), true, len(left) == 0)
}
