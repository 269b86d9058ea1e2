package launch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
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

func TestWhatAProcessUsedIsInNSAndBytes(t *testing.T) {
	exit := exitOf(unix.WaitStatus(3<<8), unix.Rusage{
		Utime: unix.Timeval{Sec: 1, Usec: 5}, Stime: unix.Timeval{Usec: 7},
		Minflt: 11, Majflt: 2, Nvcsw: 13, Nivcsw: 17, Inblock: 2, Oublock: 3,
	})
	require.Equal(t, 3, exit.Status)
	require.Equal(t, Usage{
		User: 1_000_005_000, System: 7000, MinorFaults: 11, MajorFaults: 2, Voluntary: 13, Involuntary: 17,
		Read: 1024, Written: 1536,
	}, exit.Usage)
}
