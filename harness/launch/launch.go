// Package launch starts a workload's process inside its cgroup with its
// settings in force from the first instruction.
//
//  1. [Start] takes a [Command]. A goroutine locks an OS thread, gives that
//     thread what the child shall inherit, forks and execs from it, and lets the
//     thread die. No helper process stands between the harness and the workload.
//  2. [Process.Wait] blocks until the process has ended and says how; a
//     timeout is the caller's, who calls [Process.Kill] meanwhile. Where the
//     harness itself is killed, the guardian of package journal ends its processes.
package launch

import (
	"os"
	"time"
)

// Settings are what a process shall have from birth. With the zero Settings it is like
// one that was given nothing, however the harness was started: nice 0, policy other,
// umask 022, as far as this user may (see [Inherited]). Affinity, THP and Limits are
// the harness's where they are nil.
type Settings struct {
	Affinity   []int          // CPUs
	Umask      *uint32        // file mode creation mask (0o022)
	Nice       *int           // -20 to 19; below the harness's own needs CAP_SYS_NICE; 0 where nil
	Policy     *Policy        // of scheduling
	Memory     *MemoryPolicy  // which NUMA nodes memory comes from
	Randomize  *bool          // addresses (personality ADDR_NO_RANDOMIZE)
	TimerSlack *time.Duration // by how much the kernel may put off a timer
	THP        *bool          // false: no transparent huge pages, whatever the machine says (prctl PR_SET_THP_DISABLE)
	Limits     []Limit        // resource limits
	User       *User          // whom it runs as, rather than Command.User
	Drop       []string       // capabilities that it shall not have: of Capabilities, or AllCapabilities
}

// A Policy is how the kernel schedules the process's threads: sched(7).
type Policy struct {
	Name     string // "other", "batch", "idle", "fifo", "rr"
	Priority int    // 1 to 99 for fifo and rr, else 0
}

// A MemoryPolicy is that of set_mempolicy(2).
type MemoryPolicy struct {
	Mode  string // "bind", "interleave", "preferred", "local"
	Nodes []int  // none for local, one for preferred
}

// A Limit is a resource limit of the process: getrlimit(2). A Go program raises
// its soft limit on files to the hard one as it starts.
type Limit struct {
	Resource   string // "nofile", "nproc", "memlock"
	Soft, Hard uint64 // Unlimited for none
}

// Unlimited is the Soft or Hard of no limit.
const Unlimited = ^uint64(0)

// A Command is one process to be started. It inherits nothing that is not
// named here, resource limits, working folder and what [Inherited] tells
// excepted. It can't gain privileges by exec (no_new_privs).
type Command struct {
	Path     string   // absolute; also argv[0]
	Args     []string // without argv[0]
	Env      []string // complete: nothing is inherited
	Dir      string   // working folder; empty for the harness's own
	Stdout   *os.File // nil for /dev/null, which stdin always is
	Stderr   *os.File // nil for /dev/null
	Control  *os.File // becomes descriptor wire.ControlFD; nil for none
	User     *User    // nil: as the harness
	Settings Settings
	// OnThread, if not nil, runs last on the thread that forks: what it attaches to
	// that thread the process inherits (perf_event_open). Its error ends the start.
	OnThread func() error
	Tasks    []string // v1 "tasks" files that the new process is to be in
	Cgroup   *os.File // v2 (or unified) directory to be born in; nil for none
	Network  *os.File // network namespace to be born in; nil for the harness's own
}

// A User is whom a workload runs as.
type User struct {
	UID, GID uint32
	Groups   []uint32 // supplementary, complete
	Home     string
}
