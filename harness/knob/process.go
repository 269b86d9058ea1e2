package knob

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/sysfs"
)

// Files below /proc/PID that show how a process was born: proc_pid(5).
const (
	procStatus      = "status"
	procStat        = "stat"
	procLimits      = "limits"
	procNUMA        = "numa_maps"
	procPersonality = "personality"
	procSlack       = "timerslack_ns"
)

// proofs are the files below /proc/PID that prove settings.
func proofs(s launch.Settings) []string {
	var files []string
	need := func(set bool, file string) {
		if set {
			files = join(files, []string{file})
		}
	}
	need(s.Umask != nil || s.THP != nil || s.User != nil || s.Drop != nil, procStatus)
	need(s.Nice != nil || s.Policy != nil, procStat)
	need(s.Memory != nil, procNUMA)
	need(s.Randomize != nil, procPersonality)
	need(s.TimerSlack != nil, procSlack)
	need(len(s.Limits) > 0, procLimits)
	need(len(s.Limits) > 0, procStatus) // whose limits they are
	return files
}

// ReadProcess reads what effects want to know of a living process, for
// Evidence.Process. Files that can't be read are left out.
func ReadProcess(f sysfs.FS, pid int, effects Effects) map[string]string {
	seen := make(map[string]string)
	for _, file := range effects.ObserveProcess {
		if text, err := f.Read(fmt.Sprintf("proc/%d/%s", pid, file)); err == nil {
			seen[file] = text
		}
	}
	return seen
}

// process holds the process against the settings that it was to be born with.
func (r *readings) process(want launch.Settings) {
	check := func(what, want string, read func(map[string]string) (string, bool)) {
		if got, ok := read(r.e.Process); ok {
			r.hold(what, want, got, true, got == want)
		}
	}
	if want.Umask != nil {
		check("umask", fmt.Sprintf("%03o", *want.Umask), umaskOf)
	}
	if want.Nice != nil {
		check("nice", strconv.Itoa(*want.Nice), niceOf)
	}
	if want.Policy != nil {
		check("policy", policyText(*want.Policy), policyOf)
	}
	if want.Memory != nil {
		check("memory policy", memoryText(*want.Memory), memoryOf)
	}
	if want.Randomize != nil {
		check("random addresses", onOff(*want.Randomize), randomOf)
	}
	if want.TimerSlack != nil {
		check("timer slack", want.TimerSlack.String(), slackOf)
	}
	if want.THP != nil {
		check("huge pages disabled", onOff(!*want.THP), thpDisabledOf)
	}
	if want.User != nil {
		check("user", fmt.Sprintf("%d:%d", want.User.UID, want.User.GID), userOf)
	}
	if want.Drop != nil {
		r.dropped(want.Drop)
	}
	for _, l := range want.Limits {
		r.limit(l)
	}
}

// fromProcess is the Read of a knob whose level a reading gives.
func fromProcess(read func(map[string]string) (string, bool)) func(string, Evidence) (string, bool) {
	return func(_ string, e Evidence) (string, bool) { return read(e.Process) }
}

// statusLine is what stands behind a label of /proc/PID/status.
func statusLine(seen map[string]string, label string) (string, bool) {
	for line := range strings.Lines(seen[procStatus]) {
		if rest, ok := strings.CutPrefix(line, label+":"); ok {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

// statField is field n of /proc/PID/stat, counted as proc_pid_stat(5) does, from
// behind the name, which may hold anything.
func statField(seen map[string]string, n int) (int, bool) {
	text := seen[procStat]
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if n-3 >= len(fields) {
		return 0, false
	}
	v, err := strconv.Atoi(fields[n-3])
	return v, err == nil
}

func umaskOf(seen map[string]string) (string, bool) {
	text, ok := statusLine(seen, "Umask")
	mask, err := strconv.ParseUint(text, 8, 32)
	return fmt.Sprintf("%03o", mask), ok && err == nil
}

func niceOf(seen map[string]string) (string, bool) {
	n, ok := statField(seen, 19)
	return strconv.Itoa(n), ok
}

// policyNames are by the numbers of linux/sched.h.
var policyNames = map[int]string{0: "other", 1: "fifo", 2: "rr", 3: "batch", 5: "idle", 6: "deadline", 7: "ext"}

func policyOf(seen map[string]string) (string, bool) {
	number, ok := statField(seen, 41)
	priority, ok2 := statField(seen, 40)
	name, known := policyNames[number]
	if !known {
		name = strconv.Itoa(number)
	}
	return policyText(launch.Policy{Name: name, Priority: priority}), ok && ok2
}

func policyText(p launch.Policy) string {
	if p.Priority == 0 {
		return p.Name
	}
	return fmt.Sprintf("%s:%d", p.Name, p.Priority)
}

// memoryOf reads the policy of the first mapping, which is the task's own: a Go
// program gives none of its mappings a policy.
func memoryOf(seen map[string]string) (string, bool) {
	fields := strings.Fields(seen[procNUMA])
	if len(fields) < 2 {
		return "", false
	}
	return strings.Replace(fields[1], "prefer:", "preferred:", 1), true
}

func memoryText(m launch.MemoryPolicy) string {
	if len(m.Nodes) == 0 {
		return m.Mode
	}
	return m.Mode + ":" + host.FormatCPUs(m.Nodes)
}

func randomOf(seen map[string]string) (string, bool) {
	bits, err := strconv.ParseUint(strings.TrimSpace(seen[procPersonality]), 16, 64)
	const addrNoRandomize = 0x0040000
	return onOff(bits&addrNoRandomize == 0), err == nil
}

func slackOf(seen map[string]string) (string, bool) {
	ns, err := strconv.ParseInt(strings.TrimSpace(seen[procSlack]), 10, 64)
	return time.Duration(ns).String(), err == nil
}

func thpDisabledOf(seen map[string]string) (string, bool) {
	text, ok := statusLine(seen, "THP_enabled")
	return onOff(text == "0"), ok
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// limitNames are those of /proc/PID/limits.
var limitNames = map[string]string{"nofile": "Max open files", "nproc": "Max processes", "memlock": "Max locked memory"}

// limitOf reads a limit's soft and hard value.
func limitOf(seen map[string]string, resource string) (soft, hard string, ok bool) {
	for line := range strings.Lines(seen[procLimits]) {
		if rest, found := strings.CutPrefix(line, limitNames[resource]); found {
			if f := strings.Fields(rest); len(f) >= 2 {
				return f[0], f[1], true
			}
		}
	}
	return "", "", false
}

// limit allows a soft limit that the process has raised, up to the hard one, as
// every Go program does with files.
func (r *readings) limit(want launch.Limit) {
	soft, hard, ok := limitOf(r.e.Process, want.Resource)
	if !ok {
		return
	}
	wantSoft, wantHard := bound(want.Soft), bound(want.Hard)
	// The runtime stops one short of the hard limit, by which it later tells
	// its own doing from someone else's (syscall/rlimit.go).
	same := hard == wantHard && slices.Contains([]string{wantSoft, wantHard, bound(want.Hard - 1)}, soft)
	r.hold("limit "+want.Resource, wantSoft+", hard "+wantHard, soft+", hard "+hard, true, same)
	if same && soft != wantSoft {
		r.rounded = append(r.rounded, fmt.Sprintf("the workload raised its limit from %s to %s, of %s", wantSoft, soft, wantHard))
	}
}

func bound(n uint64) string {
	if n == launch.Unlimited {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}
