package launch

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A trait is something that a process hands down to its children and that a workload
// shall not have from whoever started the harness: it would be another in a shell,
// under nice or nohup, in a unit of systemd or a job of a CI.
type trait struct {
	name  string // as it is told: "nice"
	read  func() (int, error)
	plain func(value int) bool // whether it is what a process has that was given nothing
	set   func() error         // makes it so for the calling thread
}

// traits are reset in this order: a policy has a say in what nice and timer slack
// read as. What a kernel does not have fails to be read, and there is nothing to
// reset then.
var traits = []trait{
	{"scheduling policy", ownPolicy, is(unix.SCHED_NORMAL), func() error { return setPolicy(Policy{Name: "other"}, nil) }},
	{"nice", ownNice, is(0), func() error { return unix.Setpriority(unix.PRIO_PROCESS, 0, 0) }},
	{"I/O priority", ownIOPriority, usualIOPriority, func() error { return call(unix.SYS_IOPRIO_SET, ioprioProcess, 0, 0) }},
	{"timer slack in ns", ownSlack, is(usualSlack), func() error { return unix.Prctl(unix.PR_SET_TIMERSLACK, usualSlack, 0, 0, 0) }},
	{"personality", ownPersonality, is(0), func() error { return call(unix.SYS_PERSONALITY, 0, 0, 0) }},
	{"memory policy", ownMemoryPolicy, is(unix.MPOL_DEFAULT), func() error { return setMemoryPolicy(unix.MPOL_DEFAULT, nil) }},
	{"umask", ownUmask, is(usualUmask), func() error { unix.Umask(usualUmask); return nil }},
	{"blocked signals", ownBlocked, is(0), func() error { return unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{}, nil) }},
}

const (
	usualSlack = 50_000 // init_task in init/init_task.c
	usualUmask = 0o022

	ioprioProcess = 1 // IOPRIO_WHO_PROCESS of linux/ioprio.h
)

func is(want int) func(int) bool { return func(v int) bool { return v == want } }

// neutral gives the calling thread the traits of a process that was given nothing.
// Left are those that this user may not take back, in words.
func neutral() (left []string) {
	for _, t := range traits {
		v, err := t.read()
		if err != nil || t.plain(v) {
			continue
		}
		if err := t.set(); err != nil {
			left = append(left, fmt.Sprintf("%s %d (%v)", t.name, v, err))
		}
	}
	return left
}

// Inherited says in what, other than the experiment says, workloads are like the
// harness, as this user may not change it; empty for nothing. Resource limits that
// bind are among it: there is no other value that could be said to be none's.
func Inherited() []string {
	var left []string
	onMortalThread(func() { left = neutral() })
	if adj := ownOOM(); adj != "0" && adj != "" && os.Geteuid() != 0 {
		left = append(left, "oom_score_adj "+adj)
	}
	return append(left, bounds()...)
}

// bounds are the soft limits of the harness below which programs fail or end.
func bounds() []string {
	var all []string
	for _, l := range []struct {
		name     string
		resource int
	}{{"CPU seconds", unix.RLIMIT_CPU}, {"size of files", unix.RLIMIT_FSIZE}, {"data segment", unix.RLIMIT_DATA}, {"address space", unix.RLIMIT_AS}} {
		var got unix.Rlimit
		if err := unix.Getrlimit(l.resource, &got); err == nil && got.Cur != Unlimited {
			all = append(all, fmt.Sprintf("limit on %s %d", l.name, got.Cur))
		}
	}
	return all
}

// spare takes the weight before the out-of-memory killer that the harness has from a
// new process. It is the process's, not the thread's, so that this can only follow
// its birth; who may not lower it leaves it, and Inherited says so.
func spare(pid int) {
	if adj := ownOOM(); adj != "0" && adj != "" {
		_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("0"), 0)
	}
}

func ownOOM() string {
	text, _ := os.ReadFile("/proc/self/oom_score_adj")
	return strings.TrimSpace(string(text))
}

// deaf says whether the harness was started with hangups ignored, as nohup does.
// Other signals the runtime handles, or the command asks for: what is handled is
// back at its default in a child (execve(2)), what is ignored stays so.
var deaf = sync.OnceValue(func() bool { return signal.Ignored(unix.SIGHUP) })

var hearing sync.Mutex

// withHangups calls fork with hangups handled, and so not ignored in the child.
func withHangups(fork func() error) error {
	if !deaf() {
		return fork()
	}
	hearing.Lock()
	defer hearing.Unlock()
	signal.Notify(make(chan os.Signal, 1), unix.SIGHUP) // which nobody reads
	defer signal.Ignore(unix.SIGHUP)
	return fork()
}

func call(number, a, b, c uintptr) error {
	if _, _, errno := unix.RawSyscall(number, a, b, c); errno != 0 {
		return errno
	}
	return nil
}

// ask is a call that answers with a number.
func ask(number, a, b, c uintptr) (int, error) {
	v, _, errno := unix.RawSyscall(number, a, b, c)
	if errno != 0 {
		return 0, errno
	}
	return int(v), nil
}

func ownPolicy() (int, error) {
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return 0, err
	}
	return int(attr.Policy), nil
}

// ownNice: the system call itself has no negative answers, and gives 20 less nice.
func ownNice() (int, error) {
	v, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	return 20 - v, err
}

func ownIOPriority() (int, error) { return ask(unix.SYS_IOPRIO_GET, ioprioProcess, 0, 0) }

// usualIOPriority: a thread that was given none has class 0, and on some kernels
// (5.15 to 5.17) shows best effort, level 4, which is what that means.
func usualIOPriority(v int) bool { return v>>13 == 0 || v == 2<<13|4 }

func ownSlack() (int, error) { return unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0) }

func ownPersonality() (int, error) { return ask(unix.SYS_PERSONALITY, 0xffffffff, 0, 0) }

func ownMemoryPolicy() (int, error) {
	var mode int32
	if _, _, errno := unix.RawSyscall(unix.SYS_GET_MEMPOLICY, uintptr(unsafe.Pointer(&mode)), 0, 0); errno != 0 {
		return 0, errno
	}
	return int(mode), nil
}

// ownBlocked are the first 64 signals, which are all, as bits.
func ownBlocked() (int, error) {
	var set unix.Sigset_t
	err := unix.PthreadSigmask(unix.SIG_SETMASK, nil, &set)
	return int(set.Val[0]), err
}

func ownUmask() (int, error) {
	if err := unix.Unshare(unix.CLONE_FS); err != nil { // see setUmask
		return 0, err
	}
	mask := unix.Umask(usualUmask)
	unix.Umask(mask)
	return mask, nil
}
