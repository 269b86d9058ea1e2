package journal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// awaitFree waits until nobody holds the scene's lock: the guardian is through.
func awaitFree(t testing.TB, s scene) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	lock, err := Acquire(ctx, s.lock(), Holder{}, func(Holder) {})
	require.NoError(t, err)
	require.NoError(t, lock.Release())
}

func checkAllBack(t testing.TB, s scene) {
	t.Helper()
	checkTree(t, s.tree(), nil)
	checkPending(t, s.state(), 0)
	if _, err := os.Stat(s.leaf()); err == nil {
		t.Error("the leaf is left")
	}
	if t.Failed() {
		text, _ := os.ReadFile(filepath.Join(string(s), "guardian.log"))
		t.Logf("guardian.log: %s", text)
	}
}

func checkHeld(t testing.TB, s scene, ended bool) {
	t.Helper()
	_, err := Acquire(context.Background(), s.lock(), Holder{}, nil)
	var held *Held
	if !errors.As(err, &held) || held.Holder.Run != "thp-gc/1" || held.Holder.Ended != ended {
		t.Errorf("error is %v", err)
	}
}

func TestSIGKILLOfTheHarnessIsRestoredByTheGuardian(t *testing.T) {
	s := newScene(t)
	p := start(t, s, "be-harness", "wait")
	p.expect("touched")
	checkTree(t, s.tree(), map[string]string{swappiness: "10"})
	checkHeld(t, s, false)
	p.kill()
	awaitFree(t, s)
	checkAllBack(t, s)
	text, err := os.ReadFile(filepath.Join(string(s), "guardian.log"))
	require.NoError(t, err)
	for _, want := range []string{"ended without a word", `swappiness: restored "60", was "10"`, "leaf: removed", "all is as it was"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the log lacks %q:\n%s", want, text)
		}
	}
}

func TestDoneEndsTheGuardianWithoutARestore(t *testing.T) {
	s := newScene(t)
	p := start(t, s, "be-harness", "wait")
	p.expect("touched")
	p.say()
	p.expect("done")
	awaitFree(t, s)
	checkTree(t, s.tree(), map[string]string{swappiness: "10"})
	checkPending(t, s.state(), 3)
}

func TestTheGuardianTakesNoNoticeOfSignals(t *testing.T) {
	s := newScene(t)
	p := start(t, s, "be-harness", "wait")
	guardian := atoi(t, p.expect("touched")[0])
	for _, sig := range []unix.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGPIPE} {
		require.NoError(t, unix.Kill(guardian, sig))
	}
	p.kill()
	awaitFree(t, s)
	checkAllBack(t, s)
}

func TestTheGuardianHasASessionOfItsOwn(t *testing.T) {
	p := start(t, newScene(t), "be-harness", "wait")
	guardian := atoi(t, p.expect("touched")[0])
	st, err := readStat(guardian)
	require.NoError(t, err)
	if st.session != guardian || st.group != guardian {
		t.Errorf("guardian %d is in session %d, group %d", guardian, st.session, st.group)
	}
}

// With the guardian stopped there is time to look.
func TestTheGuardianHoldsTheLockButNotOurStreams(t *testing.T) {
	s := newScene(t)
	p := start(t, s, "be-harness", "wait")
	guardian := atoi(t, p.expect("touched")[0])
	require.NoError(t, unix.Kill(guardian, unix.SIGSTOP))
	defer unix.Kill(guardian, unix.SIGCONT)
	p.kill()
	if rest, err := io.ReadAll(p.out); err != nil || len(rest) != 0 {
		t.Errorf("after the harness's end its output reads %q, %v", rest, err)
	}
	checkHeld(t, s, true)
	require.NoError(t, unix.Kill(guardian, unix.SIGCONT))
	awaitFree(t, s)
	checkAllBack(t, s)
}

func TestWithBothKilledTheNextStartRestores(t *testing.T) {
	s := newScene(t)
	p := start(t, s, "be-harness", "abandoned")
	guardian := atoi(t, p.expect("touched")[0])
	p.say()
	require.NoError(t, unix.Kill(guardian, unix.SIGKILL))
	if got := strings.Join(p.expect("gone"), " "); got != "true true" { // Watch and Done say that it is not there
		t.Errorf("Watch and Done fail: %s", got)
	}
	p.kill()
	awaitFree(t, s)
	checkTree(t, s.tree(), map[string]string{swappiness: "10"})
	restore(t, s.state(), s.tree(), folders(), Options{}, Restored, Original, Restored)
	checkAllBack(t, s)
}

func TestSIGKILLAtAnyMomentIsRestored(t *testing.T) {
	s := newScene(t)
	order := rand.New(rand.NewPCG(1, 2))
	for range 6 {
		p := start(t, s, "be-harness", "churn")
		for range 1 + order.IntN(10) {
			p.expect("round")
		}
		p.kill()
		awaitFree(t, s)
		checkAllBack(t, s)
		if t.Failed() {
			return
		}
	}
}

func TestWatchedProcessesDieWithTheHarness(t *testing.T) {
	s := newScene(t)
	p := start(t, s, "be-harness", "family")
	leader := atoi(t, p.expect("touched")[1])
	text, err := os.ReadFile(filepath.Join(string(s), "bystander"))
	require.NoError(t, err)
	bystander := atoi(t, string(text))
	t.Cleanup(func() { _ = unix.Kill(bystander, unix.SIGKILL) })
	o, err := Process(leader)
	require.NoError(t, err)
	w := watch{owner: o, pidfd: -1}
	if family, err := w.family(); err != nil || len(family) != 3 {
		t.Errorf("the family is %v, %v", family, err)
	}
	p.kill()
	awaitFree(t, s)
	if left, err := w.family(); err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
	if o, err := Process(bystander); err != nil || !o.Alive() {
		t.Errorf("one that was no longer watched is dead: %v", err)
	}
	checkAllBack(t, s)
}

func TestALaterProcessOfTheNumberIsSpared(t *testing.T) {
	s := newScene(t)
	p := start(t, s, "be-family", "child")
	o, err := Process(p.cmd.Process.Pid)
	require.NoError(t, err)
	w := newWatch(Owner{PID: o.PID, Start: o.Start - 1})
	require.NoError(t, w.kill())
	if !o.Alive() {
		t.Error("it is dead")
	}
}

func TestGuardFailsIfTheGuardianDoesNotGetReady(t *testing.T) {
	s := newScene(t)
	lock, err := Acquire(context.Background(), s.lock(), Holder{}, nil)
	require.NoError(t, err)
	exe, err := os.Executable()
	require.NoError(t, err)
	_, err = Guard(exe, []string{"be-mute", string(s)}, lock, nil)
	if err == nil || err.Error() != "guardian: did not get ready: EOF" {
		t.Errorf("error is %v", err)
	}
	log, err := os.OpenFile(filepath.Join(t.TempDir(), "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	require.NoError(t, err)
	defer log.Close()
	_, err = log.WriteString("of an earlier one\n")
	require.NoError(t, err)
	_, err = Guard(exe, []string{"be-mute", string(s)}, lock, log)
	require.EqualError(t, err, "guardian: did not get ready: EOF ("+log.Name()+" says nothing of it)")
	_, err = Guard("/bin/sh", []string{"-c", "echo no room >&2"}, lock, log)
	require.EqualError(t, err, "guardian: did not get ready: EOF ("+log.Name()+": no room)")
	_, err = Guard("/no/such/file", nil, lock, nil)
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	require.NoError(t, lock.Release())
	awaitFree(t, s)
}

func TestNothingButTheGuardianInheritsLockAndLine(t *testing.T) {
	s := newScene(t)
	lock, err := Acquire(context.Background(), s.lock(), Holder{}, nil)
	require.NoError(t, err)
	defer lock.Release()
	ours, theirs, err := pair()
	require.NoError(t, err)
	defer ours.Close()
	defer theirs.Close()
	j := openJournal(t, s.state())
	for _, f := range []*os.File{lock.File(), ours, theirs, j.file.(*os.File)} {
		conn, err := f.SyscallConn()
		require.NoError(t, err)
		require.NoError(t, conn.Control(func(fd uintptr) {
			if flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
				t.Errorf("%s: flags %#x, %v", f.Name(), flags, err)
			}
		}))
	}
}

func TestOnlyAWholeDoneIsADone(t *testing.T) {
	check := func(said string, watched int, done bool) {
		t.Helper()
		var out bytes.Buffer
		got, ok := listen(strings.NewReader(said), log.New(&out, "", 0))
		if len(got) != watched || ok != done {
			t.Errorf("%q: %d watched, done %t (%s)", said, len(got), ok, &out)
		}
		for _, w := range got {
			w.close()
		}
	}
	check("", 0, false)
	check("done\n", 0, true)
	check("done", 0, false)
	check("watch 999999999 5\nwatch 999999998 5\nunwatch 999999999\nunwatch 77\n", 1, false)
	if _, err := parseCommand("done"); err == nil {
		t.Error("a line without its end is taken")
	}
	check("nonsense\nwatch 1 5\nwatch 999999999 5\ndone\n", 1, true)
}

func TestHarnessLineRefusesPeople(t *testing.T) {
	p := start(t, newScene(t), "be-guardian") // descriptor 3 is not a socket here
	err := p.cmd.Wait()
	if p.cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v", err)
	}
}

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{"done\n", "watch 12 34\n", "unwatch 12\n", "watch -1 1\n", "watch 0x2 1\n", "done \n", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCommand(text)
		if err != nil {
			return
		}
		if c.verb != verbDone && c.pid <= 1 {
			t.Errorf("%q names process %d", text, c.pid)
		}
		if again, err := parseCommand(c.String()); err != nil || again != c {
			t.Errorf("%q is %v, said again it is %v, %v", text, c, again, err)
		}
	})
}
