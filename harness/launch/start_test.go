package launch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/testenv"
)

// TestMain lets the test binary play the workload: its first argument names the part.
func TestMain(m *testing.M) {
	if os.Getenv("ASSAY_PLAY") != "" {
		play(os.Args[1])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func play(part string) {
	switch part {
	case "facts":
		fmt.Printf("env %q\nargs %q\n", os.Environ(), os.Args[2:])
		dir, _ := os.Getwd()
		session, _ := unix.Getsid(0)
		nnp, _ := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
		fmt.Printf("dir %s\nsession %v\ngroup %v\nno_new_privs %d\n", dir, session == os.Getpid(), syscall.Getpgrp() == os.Getpid(), nnp)
		fmt.Printf("umask %#o\ncpus %d\nuid %d\n", unix.Umask(0), runtime.NumCPU(), os.Getuid())
	case "exit":
		status, _ := strconv.Atoi(os.Args[2])
		os.Exit(status)
	case "die":
		syscall.Kill(os.Getpid(), syscall.SIGTERM)
		time.Sleep(time.Minute)
	case "echo":
		control := os.NewFile(3, "control")
		line, _ := bufio.NewReader(control).ReadString('\n')
		fmt.Fprint(control, "heard "+line)
	case "parent": // leaves a child behind in its group
		pid, _ := syscall.ForkExec(os.Args[0], []string{os.Args[0], "sleep"}, &syscall.ProcAttr{Env: playEnv, Files: []uintptr{0, 1, 2}})
		fmt.Println(pid)
	case "sleep":
		time.Sleep(time.Minute)
	case "starting":
		starting()
	case "limit":
		var l unix.Rlimit
		unix.Getrlimit(unix.RLIMIT_NOFILE, &l)
		fmt.Println(l.Cur, l.Max)
	}
}

// The race detector would otherwise have every child sleep a second at its end.
var playEnv = []string{"ASSAY_PLAY=1", "GORACE=atexit_sleep_ms=0"}

func playing(t testing.TB, args ...string) Command {
	path, err := os.Executable()
	require.NoError(t, err)
	return Command{Path: path, Args: args, Env: playEnv, Stderr: os.Stderr}
}

// output runs a command to its end and returns its lines of stdout.
func output(t testing.TB, c Command) []string {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	c.Stdout = w
	p, err := Start(c)
	require.NoError(t, err)
	w.Close()
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	r.Close()
	exit, err := p.Wait()
	require.NoError(t, err)
	require.Zero(t, exit.Status)
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func TestChildHasWhatItWasGivenAndNoMore(t *testing.T) {
	t.Setenv("ASSAY_LEAK", "1")
	c := playing(t, "facts", "-a", "b c")
	c.Dir = t.TempDir()
	lines := output(t, c)
	for _, want := range []string{
		`env ["ASSAY_PLAY=1" "GORACE=atexit_sleep_ms=0"]`, `args ["-a" "b c"]`, "dir " + c.Dir,
		"session true", "group true", "no_new_privs 1", fmt.Sprintf("uid %d", os.Getuid()),
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q in %q", want, lines)
		}
	}
}

func TestSettingsHoldForChildAndNotForHarness(t *testing.T) {
	var mine unix.CPUSet
	require.NoError(t, unix.SchedGetaffinity(0, &mine))
	mask := uint32(0o077)
	c := playing(t, "facts")
	c.Settings = Settings{Affinity: members(mine)[:1], Umask: &mask}
	lines := output(t, c)
	for _, want := range []string{"umask 077", "cpus 1"} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q in %q", want, lines)
		}
	}
	// The thread that it was given to is on its way out.
	for deadline := time.Now().Add(10 * time.Second); len(threadsWith(t, "Umask:\t0077")) > 0; time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "a thread of the harness keeps the child's umask")
	}
}

// threadsWith lists the threads of this process whose status has some text.
func threadsWith(t *testing.T, text string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/self/task/*/status")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return slices.DeleteFunc(files, func(file string) bool {
		status, err := os.ReadFile(file)
		return err != nil || !strings.Contains(string(status), text)
	})
}

func TestOnlyTheWorkloadsDescriptorsAreOpen(t *testing.T) {
	leak, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer leak.Close()
	high, err := unix.FcntlInt(leak.Fd(), unix.F_DUPFD, 40) // unmarked, as a shell would hand it down
	defer unix.Close(high)
	require.NoError(t, err)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	p := started(t, Command{Path: "/bin/sleep", Args: []string{"60"}, Stdout: w}) // no runtime that opens files of its own
	for fd, want := range []string{"/dev/null", "pipe:", "/dev/null"} {
		name, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", p.PID, fd))
		if err != nil || !strings.HasPrefix(name, want) {
			t.Errorf("descriptor %d is %q, %v, want %q", fd, name, err, want)
		}
	}
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.PID))
	require.NoError(t, err)
	for _, entry := range entries {
		if fd, _ := strconv.Atoi(entry.Name()); fd > 3 { // which its loader opens and closes
			t.Errorf("descriptor %d reached the child", fd)
		}
	}
}

func TestOldKernelsWayMarksTheSame(t *testing.T) {
	leak, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer leak.Close()
	_, err = unix.FcntlInt(leak.Fd(), unix.F_SETFD, 0)
	require.NoError(t, err)
	require.NoError(t, closeEachOnExec())
	if flags, err := unix.FcntlInt(leak.Fd(), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags %d, %v", flags, err)
	}
}

func TestControlIsDescriptorThree(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	defer ours.Close()
	c := playing(t, "echo")
	c.Control = theirs
	p, err := Start(c)
	require.NoError(t, err)
	theirs.Close()
	fmt.Fprintln(ours, "go")
	if line, err := bufio.NewReader(ours).ReadString('\n'); line != "heard go\n" {
		t.Errorf("heard %q, %v", line, err)
	}
	_, err = p.Wait()
	require.NoError(t, err)
}

func TestFailedStartSaysWhereAndWhatNext(t *testing.T) {
	check := func(c Command, wants ...string) {
		t.Helper()
		p, err := Start(c)
		if p != nil || err == nil {
			t.Errorf("%v: started %v, %v", c.Path, p, err)
			return
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q lacks %q", err, want)
			}
		}
	}
	check(Command{Path: "true"}, "launch true: path is not absolute")
	check(Command{Path: "/no/such"}, "launch /no/such: fork and exec: no such file", "is the program built")
	check(Command{Path: "/bin/true", Tasks: []string{"/no/such/tasks"}}, "join cgroup: open /no/such/tasks")
	check(Command{Path: "/bin/true", Settings: Settings{Affinity: []int{1023}}}, "set affinity to CPUs [1023]", "name CPUs from both")
	check(Command{Path: "/bin/true", Settings: Settings{Affinity: []int{0, -1}}}, "CPU -1 is out of range")
	check(Command{Path: "/bin/true", Settings: Settings{Affinity: []int{}}}, "set affinity to CPUs []")
	var mine unix.CPUSet
	require.NoError(t, unix.SchedGetaffinity(0, &mine))
	check(Command{Path: "/bin/true", Settings: Settings{Affinity: append(members(mine), 1023)}}, "the kernel made it")
}

// The main thread would never end, and hold every cgroup that it joined.
func TestMainThreadNeverDoesTheWork(t *testing.T) {
	var seen []int
	for range 300 {
		onMortalThread(func() { seen = append(seen, unix.Gettid()) })
	}
	if len(seen) != 300 || slices.Contains(seen, unix.Getpid()) {
		t.Errorf("%d calls, on the main thread: %v", len(seen), slices.Contains(seen, unix.Getpid()))
	}
}

func TestThreadOfFailedStartDies(t *testing.T) {
	var tid int
	onMortalThread(func() {
		tid = unix.Gettid()
		Command{Path: "/no/such"}.start()
	})
	task := fmt.Sprintf("/proc/self/task/%d", tid)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(task); errors.Is(err, os.ErrNotExist) {
			return
		}
		require.True(t, time.Now().Before(deadline), "thread is still there")
	}
}

func TestRootRunsAsAnotherUser(t *testing.T) {
	testenv.NeedsRoot(t)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	p, err := Start(Command{Path: "/usr/bin/id", Stdout: w, User: &User{UID: 65534, GID: 65533, Groups: []uint32{65533, 12345}}})
	require.NoError(t, err)
	w.Close()
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	if _, err := p.Wait(); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"uid=65534", "gid=65533", "12345"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("id says %q, want %s", text, want)
		}
	}
}

// The folder of a cache is closed to others, as a home is.
func TestRootAnotherUserRunsWhatItCannotReach(t *testing.T) {
	testenv.NeedsRoot(t)
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o700))
	program, err := os.ReadFile("/bin/sleep")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(dir+"/sleep", program, 0o755))
	nobody := &User{UID: 65534, GID: 65534}
	p := started(t, Command{Path: dir + "/sleep", Args: []string{"60"}, Dir: "/", Settings: Settings{User: nobody}})
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", p.PID))
	require.NoError(t, err)
	require.Equal(t, dir+"/sleep", exe)
	require.NoError(t, os.Chmod(dir+"/sleep", 0o700))
	_, err = Start(Command{Path: dir + "/sleep", Dir: "/", Settings: Settings{User: nobody}})
	require.ErrorContains(t, err, "can user 65534 search every folder")
}

func TestRootCapabilitiesThatAreDroppedAreGone(t *testing.T) {
	testenv.NeedsRoot(t)
	of := func(text, label string) string {
		_, rest, _ := strings.Cut(text, label+":\t")
		value, _, _ := strings.Cut(rest, "\n")
		return value
	}
	own, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	before := of(string(own), "CapBnd")
	require.Equal(t, before, of(shown(t, Settings{}, "status"), "CapEff"))
	text := shown(t, Settings{Drop: []string{AllCapabilities}, Nice: ptr(-5)}, "status")
	require.Equal(t, "0000000000000000", of(text, "CapEff"))
	require.Equal(t, "0000000000000000", of(text, "CapBnd"))
	text = shown(t, Settings{Drop: []string{"chown"}}, "status")
	require.Equal(t, before[:15]+"e", of(text, "CapEff"), "all but number 0, of %s", before)
	own, err = os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	require.Equal(t, before, of(string(own), "CapBnd"), "the harness keeps its own")
}
