package launch

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// schedule gives the calling thread its standing among others: nice, policy,
// timer slack. All three pass to the child by fork and stay over exec.
func (s Settings) schedule() error {
	if s.Nice != nil {
		if err := unix.Setpriority(unix.PRIO_PROCESS, 0, *s.Nice); err != nil { // 0: this thread alone
			return fmt.Errorf("set nice %d: %w (below that of the harness it needs root)", *s.Nice, err)
		}
	}
	if s.Policy != nil {
		if err := setPolicy(*s.Policy, s.Nice); err != nil {
			return err
		}
	}
	if s.TimerSlack != nil {
		if err := unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(s.TimerSlack.Nanoseconds()), 0, 0, 0); err != nil {
			return fmt.Errorf("set timer slack %v: %w", *s.TimerSlack, err)
		}
	}
	return nil
}

// policies are the numbers of linux/sched.h.
var policies = map[string]uint32{
	"other": unix.SCHED_NORMAL, "fifo": unix.SCHED_FIFO, "rr": unix.SCHED_RR, "batch": unix.SCHED_BATCH, "idle": unix.SCHED_IDLE,
}

// setPolicy keeps the nice value, which sched_setattr would otherwise take back.
func setPolicy(p Policy, nice *int) error {
	number, known := policies[p.Name]
	if !known {
		return fmt.Errorf("set policy %q: not one of other, batch, idle, fifo, rr", p.Name)
	}
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return fmt.Errorf("read scheduling policy: %w", err)
	}
	attr := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: number, Priority: uint32(p.Priority), Nice: before.Nice}
	if nice != nil {
		attr.Nice = int32(*nice)
	}
	err = unix.SchedSetAttr(0, attr, 0)
	if errors.Is(err, unix.EPERM) {
		return fmt.Errorf("set policy %s: %w (real-time policies need root, and with CONFIG_RT_GROUP_SCHED a share of real time in the trial's group)", p.Name, err)
	}
	if err != nil {
		return fmt.Errorf("set policy %s, priority %d: %w", p.Name, p.Priority, err)
	}
	return nil
}

// remember gives the calling thread what the child's memory shall be like.
func (s Settings) remember() error {
	if s.Memory != nil {
		if err := s.Memory.set(); err != nil {
			return err
		}
	}
	if s.Randomize != nil {
		return randomize(*s.Randomize)
	}
	return nil
}

// modes are the numbers of linux/mempolicy.h.
var modes = map[string]int{"preferred": unix.MPOL_PREFERRED, "bind": unix.MPOL_BIND, "interleave": unix.MPOL_INTERLEAVE, "local": unix.MPOL_LOCAL}

func (m MemoryPolicy) set() error {
	mode, known := modes[m.Mode]
	if !known {
		return fmt.Errorf("set memory policy %q: not one of bind, interleave, preferred, local", m.Mode)
	}
	mask := new(unix.CPUSet)
	for _, node := range m.Nodes {
		if node < 0 || node >= len(mask)*64 {
			return fmt.Errorf("set memory policy: node %d is out of range", node)
		}
		mask.Set(node)
	}
	if len(m.Nodes) == 0 {
		mask = nil
	}
	if err := setMemoryPolicy(mode, mask); err != nil {
		return fmt.Errorf("set memory policy %s on nodes %v: %w (do they have memory, and does cpuset.mems of the trial's group allow them?)", m.Mode, m.Nodes, err)
	}
	return nil
}

func setMemoryPolicy(mode int, mask *unix.CPUSet) error { return unix.SetMemPolicy(mode, mask) }

// addrNoRandomize is ADDR_NO_RANDOMIZE of linux/personality.h.
const addrNoRandomize = 0x0040000

// randomize changes the thread's personality, which the child's exec looks at.
func randomize(on bool) error {
	const query = 0xffffffff
	old, _, errno := unix.RawSyscall(unix.SYS_PERSONALITY, query, 0, 0)
	if errno != 0 {
		return fmt.Errorf("read personality: %w", errno)
	}
	want := old | addrNoRandomize
	if on {
		want = old &^ addrNoRandomize
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_PERSONALITY, want, 0, 0); errno != 0 {
		return fmt.Errorf("set personality %#x: %w (a container's seccomp profile may forbid it)", want, errno)
	}
	return nil
}

// births keeps other processes from being born while one is that needs the
// harness itself to be changed for that moment.
var births sync.RWMutex

// withTHP calls fork with transparent huge pages as asked for. The switch is not
// the thread's but the address space's, and the child gets it from the one that
// it was forked from (mm_init in kernel/fork.c). So the harness has it for as
// long as fork takes, which returns when the child has its own.
func withTHP(on *bool, fork func() error) error {
	if on == nil {
		births.RLock()
		defer births.RUnlock()
		return fork()
	}
	births.Lock()
	defer births.Unlock()
	before, err := unix.PrctlRetInt(unix.PR_GET_THP_DISABLE, 0, 0, 0, 0)
	if err != nil {
		return fmt.Errorf("read whether huge pages are disabled: %w", err)
	}
	if before != 0 == !*on {
		return fork()
	}
	if err := disableTHP(!*on); err != nil {
		return err
	}
	return errors.Join(fork(), disableTHP(before != 0))
}

func disableTHP(disable bool) error {
	flag := uintptr(0)
	if disable {
		flag = 1
	}
	if err := unix.Prctl(unix.PR_SET_THP_DISABLE, flag, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl PR_SET_THP_DISABLE: %w", err)
	}
	return nil
}
