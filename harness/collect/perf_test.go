package collect

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestCountsThatTookTurnsAreScaledUp(t *testing.T) {
	es := []Event{{Unit: "a"}, {Unit: "b"}, {Unit: "c"}}
	require.Equal(t, map[string]float64{"a": 10, "b": 400, "perf-counted-share": 0.25},
		scale(es, []value{{10, 100, 100}, {100, 100, 25}, {0, 100, 0}}))
	require.Empty(t, scale(es[:1], []value{{}}), "what was never counted is absent")
}

// counted forks a program from a thread that ends before the program does.
func counted(t *testing.T, p *Perf, whole bool, script string) (pid int, c *Counting) {
	t.Helper()
	type started struct {
		pid int
		c   *Counting
		err error
	}
	done := make(chan started)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		c, err := p.Attach(whole)
		if err != nil {
			done <- started{err: err}
			return
		}
		pid, err := syscall.ForkExec("/bin/sh", []string{"sh", "-c", script}, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}})
		done <- started{pid, c, err}
	}()
	s := <-done
	require.NoError(t, s.err)
	t.Cleanup(s.c.Close)
	return s.pid, s.c
}

func wait(t *testing.T, pid int) {
	t.Helper()
	var status syscall.WaitStatus
	_, err := syscall.Wait4(pid, &status, 0, nil)
	require.NoError(t, err)
}

// software are the events that every machine can count.
func software(t *testing.T) *Perf {
	t.Helper()
	p := NewPerf("/")
	if len(p.usable) == 0 {
		t.Skipf("no event can be counted here: %s", strings.Join(p.Missing(), "; "))
	}
	return p
}

func TestAChildOfADeadThreadIsCounted(t *testing.T) {
	p := software(t)
	pid, c := counted(t, p, true, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done")
	wait(t, pid)
	if units := c.Counters(); units["task-clock-ns"] < 1e6 || units["page-faults"] < 1 {
		t.Errorf("a loop of 20000 steps: %v", units)
	}
}

func TestNothingIsCountedBeforeItIsEnabled(t *testing.T) {
	p := software(t)
	pid, c := counted(t, p, false, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exec sleep 60")
	// It sleeps once its loop is over: exec changes its name.
	for {
		name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
		require.NoError(t, err)
		if string(name) == "sleep\n" {
			break
		}
	}
	before := c.Counters()
	require.NoError(t, c.Enable())
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	wait(t, pid)
	if units := c.Counters(); len(before) > 0 || units["task-clock-ns"] > 5e6 {
		t.Errorf("before %v, after %v: the loop was counted", before, units)
	}
}

func TestEveryMissingEventHasItsReason(t *testing.T) {
	p := NewPerf("/")
	said := strings.Join(p.Missing(), "\n")
	for _, e := range events {
		usable := false
		for _, u := range p.usable {
			usable = usable || u == e
		}
		if usable == strings.Contains(said, e.Unit) {
			t.Errorf("%s: usable %v, but said: %s", e.Unit, usable, said)
		}
	}
	require.Contains(t, events[0].explain("/", unix.ENOSYS), "no perf_event_open")
	require.Contains(t, events[0].explain("/", unix.EACCES), "perf_event_paranoid")
}
