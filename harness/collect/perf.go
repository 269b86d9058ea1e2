package collect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/sysfs"
)

// An Event is something that perf_event_open(2) counts.
type Event struct {
	Unit   string
	typ    uint32
	config uint64
}

// events are in the order in which they stand on a line.
var events = []Event{
	{"instructions", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_INSTRUCTIONS},
	{"cpu-cycles", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CPU_CYCLES},
	{"branches", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_BRANCH_INSTRUCTIONS},
	{"branch-misses", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_BRANCH_MISSES},
	{"dtlb-misses", unix.PERF_TYPE_HW_CACHE, readMiss(unix.PERF_COUNT_HW_CACHE_DTLB)},
	{"llc-misses", unix.PERF_TYPE_HW_CACHE, readMiss(unix.PERF_COUNT_HW_CACHE_LL)},
	{"task-clock-ns", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_TASK_CLOCK},
	{"cpu-migrations", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_CPU_MIGRATIONS},
	{"page-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS},
}

// readMiss is the config of loads that missed a cache.
func readMiss(cache uint64) uint64 {
	return cache | unix.PERF_COUNT_HW_CACHE_OP_READ<<8 | unix.PERF_COUNT_HW_CACHE_RESULT_MISS<<16
}

// A Perf is the events that can be counted here. Each process under test gets a
// [Counting].
type Perf struct {
	usable  []Event
	missing []string
	lacks   map[string]string
	user    bool // only what happens outside of the kernel may be counted
}

// NewPerf tries every event once, on the calling thread.
func NewPerf(root sysfs.FS) *Perf {
	p := &Perf{lacks: map[string]string{}}
	why := map[string][]string{}
	var order []string
	for _, e := range events {
		fd, err := e.open(p.user, true)
		if errors.Is(err, unix.EACCES) && !p.user {
			p.user = true
			fd, err = e.open(true, true)
		}
		if err == nil {
			unix.Close(fd)
			p.usable = append(p.usable, e)
			continue
		}
		reason := e.explain(root, err)
		if why[reason] == nil {
			order = append(order, reason)
		}
		why[reason] = append(why[reason], e.Unit)
		p.lacks[e.Unit] = reason
	}
	for _, reason := range order {
		p.missing = append(p.missing, fmt.Sprintf("not counted here: %s: %s", strings.Join(why[reason], ", "), reason))
	}
	if p.user && len(p.usable) > 0 {
		p.missing = append(p.missing, "perf counts leave out what the kernel did for the workload: this user may not count it (run as root, or set kernel.perf_event_paranoid to 1 or less)")
	}
	return p
}

// Missing says, a line for each reason, what can't be counted here and why.
func (p *Perf) Missing() []string { return p.missing }

// Lacks says by unit why an event can't be counted here.
func (p *Perf) Lacks() map[string]string { return p.lacks }

func (e Event) explain(root sysfs.FS, err error) string {
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.EOPNOTSUPP):
		if e.typ != unix.PERF_TYPE_SOFTWARE && !root.Exists("sys/bus/event_source/devices/cpu") {
			return "the processor's counters (PMU) do not show here, as in most virtual machines"
		}
		return "this processor does not count it"
	case errors.Is(err, unix.ENOSYS):
		return "this kernel has no perf_event_open"
	case errors.Is(err, fs.ErrPermission):
		return "this user may not count events (run as root, or set kernel.perf_event_paranoid to 2 or less)"
	}
	return "perf_event_open: " + err.Error()
}

// open counts on the calling thread and all that it starts, off until it is enabled
// or, where onExec is set, until one of them executes a program.
func (e Event) open(user, onExec bool) (fd int, err error) {
	a := unix.PerfEventAttr{
		Type: e.typ, Config: e.config, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Read_format: unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING,
		Bits:        unix.PerfBitDisabled | unix.PerfBitInherit,
	}
	if onExec {
		a.Bits |= unix.PerfBitEnableOnExec
	}
	if user {
		a.Bits |= unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv
	}
	return unix.PerfEventOpen(&a, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
}

// A Counting is the events of one process, or of several one after the other. Close it.
type Counting struct {
	perf *Perf
	fds  []int // parallel to perf.usable, once for every process that was attached
}

// Attach opens the events on the calling thread, for the process that is forked
// from it next to inherit. The thread may end then: the kernel adds up what its
// children counted in what it leaves behind. whole counts from exec on, else
// nothing is counted before Enable.
func (p *Perf) Attach(whole bool) (*Counting, error) {
	c := &Counting{perf: p}
	return c, c.Extend(whole)
}

// Extend opens the events once more, for another process: their counts are added up.
// An error closes the counting.
func (c *Counting) Extend(whole bool) error {
	for _, e := range c.perf.usable {
		fd, err := e.open(c.perf.user, whole)
		if err != nil {
			c.Close()
			return fmt.Errorf("count %s: %w", e.Unit, err)
		}
		c.fds = append(c.fds, fd)
	}
	return nil
}

// Enable begins to count, in all threads of the process.
func (c *Counting) Enable() error {
	for i, fd := range c.fds {
		if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
			return fmt.Errorf("count %s: %w", c.perf.usable[i%len(c.perf.usable)].Unit, err)
		}
	}
	return nil
}

// A value is what the kernel answers for an event: the count, and the times in
// which it was wanted and in which a counter of the processor was free for it.
type value struct{ count, enabled, running uint64 }

// Counters gives the counts so far, by unit. Where there are more events than
// counters of the processor they take turns: a count is scaled up to the whole
// time then, and the smallest share of it that was really counted stands as
// perf-counted-share. An event that never had its turn is absent.
func (c *Counting) Counters() map[string]float64 {
	values := make([]value, len(c.perf.usable))
	for i, fd := range c.fds {
		var b [24]byte
		if n, err := unix.Read(fd, b[:]); n == len(b) && err == nil {
			v := &values[i%len(values)]
			v.count += binary.NativeEndian.Uint64(b[:])
			v.enabled += binary.NativeEndian.Uint64(b[8:])
			v.running += binary.NativeEndian.Uint64(b[16:])
		}
	}
	return scale(c.perf.usable, values)
}

func scale(events []Event, values []value) map[string]float64 {
	units := map[string]float64{}
	least := 1.0
	for i, v := range values {
		if v.running == 0 {
			continue
		}
		share := min(1, float64(v.running)/float64(v.enabled))
		units[events[i].Unit] = float64(v.count) / share
		least = min(least, share)
	}
	if len(units) > 0 {
		units["perf-counted-share"] = least
	}
	return units
}

// Close ends the counting.
func (c *Counting) Close() {
	for _, fd := range c.fds {
		unix.Close(fd)
	}
	c.fds = nil
}
