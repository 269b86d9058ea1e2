package knob

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

// Each CPU has a folder for each idle state, the deepest last (admin-guide/pm/cpuidle.rst).
const (
	idleStates   = "sys/devices/system/cpu/cpu*/cpuidle/state*/disable"
	idleGovernor = "sys/devices/system/cpu/cpuidle/current_governor"
	anyIdleState = "any"
)

// Note: /dev/cpu_dma_latency limits the same, but for as long as someone holds it
// open: nothing shows its value to others, so nothing could prove it.
var _ = register(Knob{
	Name:  "c-state-limit",
	Doc:   "the deepest idle state (C-state) that a CPU without work may go to",
	Scope: Machine,
	Allow: "a name that the machine has, such as POLL, C1 or WFI; the longest exit latency allowed, such as 10µs; or any",
	Try:   "c-state-limit=C1",
	Note:  "deeper states are disabled one by one on every CPU, shallower ones stay as they are; where CPUs don't sleep, those beside them may lose turbo",
	Parse: func(_, text string) (string, error) {
		if d, err := time.ParseDuration(text); err == nil && d >= 0 && d <= time.Second {
			return d.String(), nil
		}
		if text == anyIdleState || stateName.MatchString(text) {
			return text, nil
		}
		return "", fmt.Errorf("%q is neither a name of an idle state nor a time up to 1s", text)
	},
	Effects: idleEffects,
	Refuses: []Refusal{
		{Cell: "c-state-limit=C9", Why: "CPU 0 has"},
		{Cell: "c-state-limit=2s", Why: "a time up to 1s"},
		{Cell: "c-state-limit=C1", Where: "a machine whose governor of idle states is haltpoll", Files: map[string]string{idleGovernor: "haltpoll"}, Why: "haltpoll does not ask"},
	},
	Read:    readIdle,
	Host:    below(idleStates),
	Check:   idleHeld,
	Checked: "the measured CPUs went to no disabled state in the window, and to some other (cpuidle/state*/usage)",
})

// idleHeld: disabling a state forbids the kernel to choose it, which shows in how
// often each was left. A CPU that was in one as it was disabled leaves it later.
func idleHeld(_, level string, e Evidence) Standing {
	times, ok := e.Counts["idle-entries"]
	if !ok {
		return Standing{Word: InForce, Why: "the idle states of the measured CPUs were not read"}
	}
	beyond, slept := e.Counts["disabled-idle-entries"], time.Duration(e.Counts["idle-ns"])
	switch {
	case level != anyIdleState && beyond > float64(max(1, len(e.Affinity))):
		return Standing{Word: NotInForce, Why: fmt.Sprintf("the measured CPUs were %v times in states that are disabled, %v in all",
			beyond, time.Duration(e.Counts["disabled-idle-ns"]))}
	case times == 0:
		return Standing{Word: Idle, Why: "no measured CPU was idle in the window"}
	}
	return Standing{Word: InForce, Why: fmt.Sprintf("the measured CPUs were idle %v times, %v in all", times, slept)}
}

var stateName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*( [A-Za-z0-9_.-]+)*$`) // "haltpoll idle"

// An idleState is one state of one CPU.
type idleState struct {
	folder  string // "sys/devices/system/cpu/cpu0/cpuidle/state1/"
	cpu     string // "CPU 0"
	index   int
	name    string
	latency time.Duration // to leave it
}

func idleEffects(_, level string, h host.Host) (Effects, error) {
	states, err := idleStatesOf(h)
	if err != nil {
		return Effects{}, err
	}
	var e Effects
	for _, s := range states {
		disable, err := s.beyond(level, states)
		if err != nil {
			return Effects{}, err
		}
		switch file := s.folder + "disable"; {
		case disable:
			e.Host = append(e.Host, sysfs.Write{File: file, Value: "1", Same: sysfs.Text})
		case level == anyIdleState:
			e.Host = append(e.Host, sysfs.Write{File: file, Value: "0", Same: sysfs.Text})
		default:
			e.Observe = append(e.Observe, file)
		}
		if s.cpu == "CPU 0" {
			e.Observe = append(e.Observe, s.folder+"name")
		}
	}
	if len(e.Host) > 0 && level != anyIdleState {
		return e, asked(h)
	}
	return e, nil
}

// idleStatesOf are the states of all CPUs, in the order of their files.
func idleStatesOf(h host.Host) ([]idleState, error) {
	files, err := h.FS.Glob(idleStates)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, unsupported("this kernel chooses no idle states (no sys/devices/system/cpu/cpu*/cpuidle): a hypervisor or idle=poll keeps them from it")
	}
	all := make([]idleState, len(files))
	for i, file := range files {
		if all[i], err = idleStateOf(h, path.Dir(file)+"/"); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// asked says whether the governor asks which states are disabled, before it chooses
// one: haltpoll, which guests have, does not (drivers/cpuidle/governors/haltpoll.c).
func asked(h host.Host) error {
	if name, err := h.FS.Read(idleGovernor); err == nil && name == "haltpoll" {
		return unsupported("the governor haltpoll does not ask which states are disabled (write menu to %s where it is on offer, or drop the level)", idleGovernor)
	}
	return nil
}

func idleStateOf(h host.Host, folder string) (idleState, error) {
	s := idleState{folder: folder}
	parts := strings.Split(folder, "/")
	s.cpu = "CPU " + strings.TrimPrefix(parts[4], "cpu")
	var err error
	if s.index, err = strconv.Atoi(strings.TrimPrefix(parts[6], "state")); err != nil {
		return s, fmt.Errorf("%s: not a state's number: %w", folder, err)
	}
	if s.name, err = h.FS.Read(folder + "name"); err != nil {
		return s, err
	}
	text, err := h.FS.Read(folder + "latency")
	if err != nil {
		return s, err
	}
	us, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return s, fmt.Errorf("%slatency: %q is no number of microseconds", folder, text)
	}
	s.latency = time.Duration(us) * time.Microsecond
	return s, nil
}

// beyond says whether a state is deeper than a level allows, among those of its CPU.
func (s idleState) beyond(level string, all []idleState) (bool, error) {
	if level == anyIdleState {
		return false, nil
	}
	if longest, err := time.ParseDuration(level); err == nil {
		return s.latency > longest, nil
	}
	own := slices.DeleteFunc(slices.Clone(all), func(other idleState) bool { return other.cpu != s.cpu })
	slices.SortFunc(own, func(a, b idleState) int { return a.index - b.index })
	var names []string
	for _, other := range own {
		if other.name == level {
			return s.index > other.index, nil
		}
		names = append(names, other.name)
	}
	return false, unsupported("%s has %s", s.cpu, strings.Join(names, ", "))
}

// readIdle is the deepest state of a CPU that is not disabled, by its name where
// that was read; CPUs that differ are all shown, sorted, with "/" between. Any
// is the level where none is disabled.
func readIdle(_ string, e Evidence) (string, bool) {
	deepest := map[string]int{}
	disabled := false
	for file, text := range e.Host {
		if !matches(idleStates, file) {
			continue
		}
		parts := strings.Split(file, "/")
		index, err := strconv.Atoi(strings.TrimPrefix(parts[6], "state"))
		if err != nil {
			continue
		}
		if strings.TrimSpace(text) != "0" {
			disabled, index = true, -1
		}
		deepest[parts[4]] = max(index, deepestOr(deepest, parts[4]))
	}
	if !disabled {
		return anyIdleState, len(deepest) > 0
	}
	var names []string
	for _, index := range deepest {
		names = append(names, idleName(index, e))
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), "/"), true
}

func deepestOr(deepest map[string]int, cpu string) int {
	if index, ok := deepest[cpu]; ok {
		return index
	}
	return -1
}

func idleName(index int, e Evidence) string {
	name, ok := e.Host[fmt.Sprintf("sys/devices/system/cpu/cpu0/cpuidle/state%d/name", index)]
	switch {
	case index < 0:
		return "none"
	case !ok:
		return fmt.Sprintf("state%d", index)
	}
	return strings.TrimSpace(name)
}
