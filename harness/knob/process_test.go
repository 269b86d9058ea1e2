package knob

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/sysfs"
)

var launchNothing = launch.Settings{}

// asleep starts a program that has nothing to do, and returns its number.
func asleep(t *testing.T, sleep string, s launch.Settings) int {
	t.Helper()
	p, err := launch.Start(launch.Command{Path: sleep, Args: []string{"60"}, Settings: s})
	require.NoError(t, err)
	t.Cleanup(func() { p.Kill(); p.Wait() })
	// A start is known to have succeeded a moment before the kernel gives the process
	// the capabilities of its program (begin_new_exec in fs/exec.c).
	require.Eventually(t, func() bool {
		text, err := sysfs.FS("/").Read(fmt.Sprintf("proc/%d/stat", p.PID))
		return err == nil && strings.Contains(text, ") S ")
	}, 10*time.Second, time.Millisecond, "it is not asleep")
	return p.PID
}

const (
	statText   = "12 (a) b) S 1 12 12 0 -1 0 0 0 0 0 0 0 0 0 20 5 1 0 100 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 0 30 1 0 0\n"
	limitsText = "Limit                     Soft Limit           Hard Limit           Units     \n" +
		"Max processes             96365                96365                processes \n" +
		"Max open files            4096                 4096                 files     \n" +
		"Max locked memory         65536                unlimited            bytes     \n"
	statusText = "Name:\tsleep\nUmask:\t0077\nUid:\t0\t0\t0\t0\nTHP_enabled:\t0\n"
)

func TestProcessIsReadAsItsKnobsSay(t *testing.T) {
	seen := Evidence{Process: texts{
		procStat: statText, procLimits: limitsText, procStatus: statusText,
		procNUMA: "55d0 prefer:0 file=/bin/sleep\n7f00 default\n", procPersonality: "00040000\n", procSlack: "1000000\n",
	}}
	check := func(key, level string, word Word, why string) {
		t.Helper()
		if s, ok := stand(t, key, level, seen); !ok || s.Word != word || s.Why != why {
			t.Errorf("%s=%s stood %q, %q; want %q, %q", key, level, s.Word, s.Why, word, why)
		}
	}
	check("umask", "077", InForce, "")
	check("umask", "022", NotInForce, "umask was 077, not 022")
	check("nice", "5", InForce, "")
	check("nice", "6", NotInForce, "nice was 5, not 6")
	check("sched-policy", "rr:30", NotInForce, "policy was fifo:30, not rr:30")
	check("sched-policy", "fifo:30", InForce, "")
	check("numa-policy", "preferred:0", InForce, "")
	check("numa-policy", "bind:0", NotInForce, "memory policy was preferred:0, not bind:0")
	check("aslr", "off", InForce, "")
	check("aslr", "on", NotInForce, "random addresses was off, not on")
	check("timer-slack", "1ms", InForce, "")
	check("timer-slack", "50µs", NotInForce, "timer slack was 1ms, not 50µs")
	check("thp-disable", "on", InForce, "")
	check("thp-disable", "off", NotInForce, "huge pages disabled was on, not off")
	check("nofile", "4096", InForce, "")
	check("nofile", "1024:4096", InForce, "the workload raised its limit from 1024 to 4096, of 4096")
	seen.Process[procLimits] = strings.Replace(limitsText, "4096 ", "4095 ", 1)
	check("nofile", "1024:4096", InForce, "the workload raised its limit from 1024 to 4095, of 4096")
	seen.Process[procLimits] = limitsText
	check("nofile", "1024", NotInForce, "limit nofile was 4096, hard 4096, not 1024, hard 1024")
	check("memlock", "64KiB:unlimited", InForce, "")
	check("nproc", "96365", Idle, "the workload ran as root, whom this limit does not hold")
}

func TestProcessThatWasNotReadHasNoStanding(t *testing.T) {
	for _, try := range [][2]string{{"nice", "5"}, {"nofile", "64"}, {"thp-disable", "on"}} {
		if s, ok := stand(t, try[0], try[1], Evidence{}); ok {
			t.Errorf("%v stood %+v", try, s)
		}
		if s, ok := stand(t, try[0], try[1], Evidence{Process: texts{}}); ok {
			t.Errorf("%v stood %+v by files that could not be read", try, s)
		}
	}
}

func TestSettingsOfACellAreJoined(t *testing.T) {
	e, err := Resolve(texts{"nice": "5", "nofile": "10", "memlock": "64KiB", "cpus": "1", "timer-slack": "1ms"}, machine(t, nil))
	require.NoError(t, err)
	require.Equal(t, []string{"nice 5", "timer slack 1ms", "limit memlock 65536, hard 65536", "limit nofile 10, hard 10"}, e.Process.Words())
	require.Equal(t, []int{1}, e.Process.Affinity)
	require.Equal(t, time.Millisecond, *e.Process.TimerSlack)
	require.Equal(t, []string{procLimits, procStatus, procStat, procSlack}, e.ObserveProcess)
}

func TestOnlyRootMayRaise(t *testing.T) {
	h := machine(t, nil)
	h.Root = false
	check := func(key, level, why string) {
		t.Helper()
		l, root := scout{host: h, reach: everything, writable: h.FS.Writable}.level(key, level, "drop the level")
		if why == "" {
			require.Equal(t, Support{Word: Yes}, l.Support)
			return
		}
		require.Equal(t, No, l.Word)
		require.Contains(t, l.Why, why)
		require.True(t, root)
	}
	check("nice", "5", "")
	check("nice", "-5", "a nice value below 0 needs root")
	check("sched-policy", "fifo:1", "a real-time policy needs root")
	check("nofile", "20000", "")
	check("nofile", "20001", "a hard limit above this process's own, 20000, needs root")
	h.Root = true
	check("nofile", "20001", "")
	check("nice", "-5", "")
}

func TestWhatAProcessCannotHaveHere(t *testing.T) {
	check := func(key, level, why string, change map[string]string) {
		t.Helper()
		h := machine(t, change)
		h.Root = true
		_, err := Resolve(map[string]string{key: level}, h)
		var no *Unsupported
		require.ErrorAs(t, err, &no)
		require.Contains(t, no.Why, why)
	}
	check("nofile", "2000000", "bounds it to 1048576", nil)
	check("aslr", "on", "so no process here has random addresses", map[string]string{randomizeFile: "0"})
	check("numa-policy", "bind:0-1", "no memory on node 1 here: it is on 0", nil)
	check("numa-policy", "bind:0", "knows no NUMA nodes", map[string]string{nodesWithMemory: ""})
	check("sched-policy", "rr:1", "CONFIG_RT_GROUP_SCHED", map[string]string{"sys/fs/cgroup/cpu/cpu.rt_runtime_us": "950000"})
}

func TestReadProcessLeavesOutWhatIsNotThere(t *testing.T) {
	h := machine(t, map[string]string{"proc/77/stat": statText})
	got := ReadProcess(h.FS, 77, Effects{ObserveProcess: []string{procStat, procSlack}})
	require.Equal(t, texts{procStat: statText[:len(statText)-1]}, got)
	require.Empty(t, ReadProcess(sysfs.FS(t.TempDir()), 77, Effects{ObserveProcess: []string{procStat}}))
}
