package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// prepareThread gives the calling thread what the child inherits from it. The
// order matters: joining a cpuset resets the affinity.
func (c Command) prepareThread() error {
	for _, tasks := range c.Tasks {
		if err := join(tasks); err != nil {
			return err
		}
	}
	if err := enter(c.Network); err != nil {
		return err
	}
	if err := c.place(); err != nil {
		return err
	}
	neutral()
	if err := setUmask(c.Settings.Umask); err != nil {
		return err
	}
	if err := c.Settings.schedule(); err != nil {
		return err
	}
	if err := c.Settings.remember(); err != nil {
		return err
	}
	if err := dropCapabilities(c.Settings.Drop); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl no_new_privs: %w", err)
	}
	if c.OnThread != nil {
		return c.OnThread()
	}
	return nil
}

// join moves the calling thread into a v1 group. It writes 0, which means the
// writer: for the thread's own id the kernel takes the lock that stops every
// fork and exit on the machine (cgroup_procs_write_start in
// kernel/cgroup/cgroup.c), and waits for a grace period to get it.
func join(tasks string) error {
	err := writeFile(tasks, "0")
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOSPC):
		err = fmt.Errorf("%w (a cpuset without cpus or mems: set both first)", err)
	case errors.Is(err, fs.ErrPermission):
		err = fmt.Errorf("%w (run as root, or do without cgroup limits)", err)
	}
	return fmt.Errorf("join cgroup: %w", err)
}

func writeFile(path, text string) error {
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, []byte(text)); err != nil {
		return &fs.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}

// enter moves the calling thread into a network namespace. Its child is born there.
func enter(network *os.File) error {
	if network == nil {
		return nil
	}
	if err := unix.Setns(int(network.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter the network namespace: %w (that needs root)", err)
	}
	return nil
}

// place pins the calling thread, unless none of the CPUs is in its own cpuset: those
// of a partition are only in that of the v2 group that the child is born into, which
// gives it all of them then. [Command.checkBorn] looks.
func (c Command) place() error {
	err := setAffinity(c.Settings.Affinity)
	if c.Cgroup != nil && errors.Is(err, unix.EINVAL) {
		return nil
	}
	return err
}

// setAffinity pins the calling thread and reads back: the kernel silently cuts
// the set down to the CPUs that are online and in the thread's cpuset.
func setAffinity(cpus []int) error {
	if cpus == nil {
		return nil
	}
	set, err := cpuSet(cpus)
	if err != nil {
		return err
	}
	if err := unix.SchedSetaffinity(0, set); err != nil {
		return fmt.Errorf("set affinity to CPUs %v: %w (none of them is online and in cpuset.cpus of the trial's group: name CPUs from both)", cpus, err)
	}
	return checkAffinity(0, cpus)
}

// checkAffinity compares what a thread (0 for the caller) may use with what it was given.
func checkAffinity(tid int, want []int) error {
	var got unix.CPUSet
	if err := unix.SchedGetaffinity(tid, &got); err != nil {
		return fmt.Errorf("read back affinity: %w", err)
	}
	set, err := cpuSet(want)
	if err != nil {
		return err
	}
	if got != *set {
		return fmt.Errorf("set affinity to CPUs %v: the kernel made it %v (it keeps to CPUs that are online and in cpuset.cpus of the trial's group: name only such, or drop one of the two)", want, members(got))
	}
	return nil
}

// checkBorn looks at the new process where its birth could have changed what
// its thread had: a v2 cpuset, entered by clone, resets the affinity before
// Linux 6.2 and cuts it down since, as far as anything is left of it.
func (c Command) checkBorn(pid int) error {
	if c.Cgroup == nil || c.Settings.Affinity == nil {
		return nil
	}
	return checkAffinity(pid, c.Settings.Affinity)
}

func cpuSet(cpus []int) (*unix.CPUSet, error) {
	set := new(unix.CPUSet)
	for _, cpu := range cpus {
		if most := len(set)*64 - 1; cpu < 0 || cpu > most {
			return nil, fmt.Errorf("set affinity to CPUs %v: CPU %d is out of range (0 to %d)", cpus, cpu, most)
		}
		set.Set(cpu)
	}
	return set, nil
}

func members(set unix.CPUSet) []int {
	cpus := make([]int, 0, set.Count())
	for cpu := range len(set) * 64 {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}

// setUmask first gives the thread its own copy of what it shares with the
// harness (umask, working folder), so that nothing else changes.
func setUmask(mask *uint32) error {
	if mask == nil {
		return nil
	}
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("unshare umask: %w", err)
	}
	unix.Umask(int(*mask))
	return nil
}
