package launch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func started(t testing.TB, c Command) *Process {
	t.Helper()
	p, err := Start(c)
	require.NoError(t, err)
	t.Cleanup(func() { p.Kill(); p.Wait() })
	return p
}

func TestExitSaysHowItEnded(t *testing.T) {
	check := func(c Command, status int, signal syscall.Signal) {
		t.Helper()
		exit, err := started(t, c).Wait()
		if err != nil || exit.Status != status || exit.Signal != signal {
			t.Errorf("%v: %d, %v, %v, want %d, %v", c.Args, exit.Status, exit.Signal, err, status, signal)
		}
		if exit.Wall <= 0 || exit.Usage.MinorFaults == 0 || exit.Usage.User+exit.Usage.System <= 0 {
			t.Errorf("%v: used %+v in %v", c.Args, exit.Usage, exit.Wall)
		}
	}
	check(playing(t, "exit", "0"), 0, 0)
	check(playing(t, "exit", "77"), 77, 0)
	check(playing(t, "die"), -1, syscall.SIGTERM)
}

func TestKillWhileOthersWait(t *testing.T) {
	p := started(t, playing(t, "sleep"))
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if exit, err := p.Wait(); err != nil || exit.Signal != syscall.SIGKILL {
				t.Errorf("ended by %v, %v", exit.Signal, err)
			}
		})
	}
	require.NoError(t, p.Kill())
	wg.Wait()
	require.NoError(t, p.Kill()) // its number may be someone else's by now
}

func TestWaitEndsWhatTheGroupLeaves(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	c := playing(t, "parent")
	c.Stdout = w
	p := started(t, c)
	w.Close()
	lines := bufio.NewReader(r)
	_, err = lines.ReadString('\n') // the number of a child, which holds the pipe open too
	require.NoError(t, err)
	_, err = p.Wait()
	require.NoError(t, err)
	require.NoError(t, r.SetReadDeadline(time.Now().Add(30*time.Second)))
	if _, err = lines.ReadString('\n'); !errors.Is(err, io.EOF) {
		t.Errorf("the child lives on: %v", err)
	}
}

func TestKillGroupEndsOnlyWhatTheTargetMeans(t *testing.T) {
	other := started(t, playing(t, "exit", "7"))
	require.NoError(t, KillGroup(fmt.Sprintf("%d %d", other.PID, other.StartTime+1)))
	if exit, err := other.Wait(); err != nil || exit.Status != 7 {
		t.Errorf("of another start time, and yet ended with %d, %v, %v", exit.Status, exit.Signal, err)
	}
	p := started(t, playing(t, "sleep"))
	for range 2 {
		require.NoError(t, KillGroup(p.Target()))
	}
	exit, err := p.Wait()
	if err != nil || exit.Signal != syscall.SIGKILL {
		t.Errorf("ended by %v, %v", exit.Signal, err)
	}
	require.NoError(t, KillGroup(p.Target()))
}

func TestKillGroupLeavesWhatLeadsNoGroup(t *testing.T) {
	s, err := readStat(os.Getpid())
	require.NoError(t, err)
	cmd := exec.Command("/bin/sleep", "60") // in the group of this process
	require.NoError(t, cmd.Start())
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	child, err := readStat(cmd.Process.Pid)
	require.NoError(t, err)
	require.Equal(t, s.group, child.group)
	err = KillGroup(fmt.Sprintf("%d %d", cmd.Process.Pid, child.start))
	if err == nil || !strings.Contains(err.Error(), "leads no group") {
		t.Errorf("error %v", err)
	}
}

func TestOrphansOfAGroupAreNamed(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	path, err := os.Executable()
	require.NoError(t, err)
	leader := exec.Command(path, "parent")
	leader.Env, leader.Stdout, leader.SysProcAttr = playEnv, w, &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, leader.Start())
	w.Close()
	line, err := bufio.NewReader(r).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, leader.Wait())
	child := strings.TrimSpace(line)
	defer syscall.Kill(-leader.Process.Pid, syscall.SIGKILL)
	err = KillGroup(fmt.Sprintf("%d 1", leader.Process.Pid))
	if err == nil || !strings.Contains(err.Error(), "processes "+child+" are in it") {
		t.Errorf("error %v, want one that names %s", err, child)
	}
}

func TestTargetsThatMeanOthersAreRefused(t *testing.T) {
	for _, bad := range []string{"", "5", "0 1", "1 1", "-5 1", "5 -1", "x 1", "5 1 2", "99999999999 1", " 5 1"} {
		if err := KillGroup(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzTarget(f *testing.F) {
	f.Add("123 456")
	f.Add("1 0")
	f.Fuzz(func(t *testing.T, target string) {
		pid, start, err := parseTarget(target)
		if err != nil {
			return
		}
		if pid < 2 || pid > 1<<31-1 {
			t.Errorf("%q means process %d", target, pid)
		}
		p := Process{PID: pid, StartTime: start}
		if again, at, err := parseTarget(p.Target()); err != nil || again != pid || at != start {
			t.Errorf("%q becomes %q", target, p.Target())
		}
	})
}

const line = "4242 (a) b) (c) S 1 4242 4243 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 987654 2 3"

func TestStatSurvivesNamesWithParentheses(t *testing.T) {
	s, err := parseStat(line)
	if want := (stat{state: 'S', group: 4242, session: 4243, start: 987654}); err != nil || s != want {
		t.Errorf("%+v, %v, want %+v", s, err, want)
	}
	for _, bad := range []string{"", "1 (x", "1 (x) S 1 2", strings.Replace(line, "987654", "x", 1)} {
		if _, err := parseStat(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzStat(f *testing.F) {
	f.Add(line)
	f.Add("1 () R")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseStat(text)
		if err == nil && !strings.Contains(text, strconv.FormatUint(s.start, 10)) && !strings.Contains(text, "0") {
			t.Errorf("start time %d is not in %q", s.start, text)
		}
	})
}

func TestCallerIsWhoCalledSudo(t *testing.T) {
	check := func(euid int, uid, gid string, want *User) {
		t.Helper()
		env := map[string]string{"SUDO_UID": uid, "SUDO_GID": gid}
		got := caller(euid, func(key string) string { return env[key] }, func(uid string) ([]uint32, string) {
			if uid == "1000" {
				return []uint32{1000, 27}, "/home/ann"
			}
			return nil, ""
		})
		if fmt.Sprint(deref(got)) != fmt.Sprint(deref(want)) {
			t.Errorf("euid %d, SUDO_UID=%s SUDO_GID=%s: %v, want %v", euid, uid, gid, deref(got), deref(want))
		}
	}
	check(0, "1000", "1000", &User{1000, 1000, []uint32{1000, 27}, "/home/ann"})
	check(0, "4000", "4001", &User{4000, 4001, []uint32{4001}, "/"}) // not in the user database
	check(1000, "1000", "1000", nil)
	check(0, "", "", nil)
	check(0, "0", "0", nil)
	check(0, "x", "1", nil)
}

func deref(u *User) any {
	if u == nil {
		return errors.New("nobody")
	}
	return *u
}
