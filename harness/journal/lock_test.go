package journal

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/testenv"
)

func lockPath(t testing.TB) string { return filepath.Join(t.TempDir(), "assay.lock") }

func acquire(t testing.TB, path string) *Lock {
	t.Helper()
	lock, err := Acquire(context.Background(), path, Holder{Run: "gogc-sweep/7"}, nil)
	require.NoError(t, err)
	return lock
}

func TestASecondHarnessIsToldWhoHoldsTheLock(t *testing.T) {
	path := lockPath(t)
	before := time.Now()
	lock := acquire(t, path)
	_, err := Acquire(context.Background(), path, Holder{}, nil)
	var held *Held
	require.ErrorAs(t, err, &held)
	self, _ := Self()
	h := held.Holder
	if h.PID != self.PID || h.Start != self.Start || h.UID != os.Geteuid() || h.Run != "gogc-sweep/7" || h.Ended {
		t.Errorf("holder is %+v", h)
	}
	if h.Since.Before(before.Add(-time.Second)) || h.Since.After(time.Now()) {
		t.Errorf("since %s", h.Since)
	}
	for _, want := range []string{path, "process ", "gogc-sweep/7", "since"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %s", want, err)
		}
	}
	require.NoError(t, lock.Release())
	require.NoError(t, acquire(t, path).Release())
	if left, _ := filepath.Glob(filepath.Dir(path) + "/*"); len(left) != 1 || left[0] != path {
		t.Errorf("left are %q", left)
	}
}

func TestTheLockIsHeldUntilTheLastShareIsGone(t *testing.T) {
	path := lockPath(t)
	lock := acquire(t, path)
	share, err := unix.Dup(int(lock.File().Fd())) // as the guardian inherits it
	require.NoError(t, err)
	require.NoError(t, lock.Release())
	var held *Held
	if _, err := Acquire(context.Background(), path, Holder{}, nil); !errors.As(err, &held) {
		t.Errorf("error is %v", err)
	}
	require.NoError(t, unix.Close(share))
	require.NoError(t, acquire(t, path).Release())
}

func TestAWaitingHarnessGetsTheLockAfterRelease(t *testing.T) {
	path := lockPath(t)
	first := acquire(t, path)
	told := 0
	second, err := Acquire(context.Background(), path, Holder{}, func(h Holder) {
		told++
		if h.Run != "gogc-sweep/7" {
			t.Errorf("waits for %s", h)
		}
		require.NoError(t, first.Release())
	})
	require.NoError(t, err)
	if told != 1 {
		t.Errorf("told %d times", told)
	}
	require.NoError(t, second.Release())
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	path := lockPath(t)
	defer acquire(t, path).Release()
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Acquire(ctx, path, Holder{}, func(Holder) { cancel() })
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "gogc-sweep/7") {
		t.Errorf("error is %v", err)
	}
}

func TestAHolderThatCannotBeProvedIsNotNamed(t *testing.T) {
	path := lockPath(t)
	lock := acquire(t, path)
	defer lock.Release()
	check := func(why, card string) {
		t.Helper()
		require.NoError(t, os.WriteFile(lock.card, []byte(card), 0o644))
		if h := findHolder(path); h != (Holder{}) {
			t.Errorf("%s: names %+v", why, h)
		}
	}
	check("empty", "")
	check("another process", `{"pid":1,"start":5,"uid":0}`)
	check("escape codes", `{"pid":`+filepath.Ext(lock.card)[1:]+`,"start":5,"uid":0,"run":"\u001b[2J"}`)
	require.NoError(t, os.Remove(lock.card))
	if h := findHolder(path); h != (Holder{}) {
		t.Errorf("no card: names %+v", h)
	}
	_, err := Acquire(context.Background(), path, Holder{}, nil)
	if err == nil || !strings.Contains(err.Error(), "held by a process that can't be told from here") {
		t.Errorf("error is %v", err)
	}
}

func TestStaleCardsAreSweptAndLiveOnesKept(t *testing.T) {
	path := lockPath(t)
	self, err := Self()
	require.NoError(t, err)
	stale := Holder{PID: self.PID, Start: self.Start - 1, UID: os.Geteuid()} // an earlier process of our number
	require.NoError(t, stale.publish(path+".1"))
	live := Holder{PID: self.PID, Start: self.Start, UID: os.Geteuid()}
	require.NoError(t, live.publish(path+".2"))
	require.NoError(t, os.WriteFile(path+".3", []byte("not a card"), 0o644))
	defer acquire(t, path).Release()
	for name, want := range map[string]bool{".1": false, ".2": true, ".3": true} {
		if _, err := os.Stat(path + name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLinksPipesAndFoldersAreNoLocks(t *testing.T) {
	check := func(make func(path string) error) {
		t.Helper()
		path := lockPath(t)
		require.NoError(t, make(path))
		_, err := Acquire(context.Background(), path, Holder{}, func(Holder) { t.Error("waits") })
		if err == nil {
			t.Error("locked")
		}
	}
	check(func(path string) error { return os.Symlink("/etc/passwd", path) })
	check(func(path string) error { return os.Symlink("nowhere", path) })
	check(func(path string) error { return syscall.Mkfifo(path, 0o644) })
	check(func(path string) error { return os.Mkdir(path, 0o755) })
}

func TestTheLockFileIsReadableForAllWhateverTheUmask(t *testing.T) {
	path := lockPath(t)
	old := unix.Umask(0o077)
	lock := acquire(t, path)
	unix.Umask(old)
	defer lock.Release()
	for _, name := range []string{path, lock.card} {
		if info, err := os.Stat(name); err != nil || info.Mode() != 0o644 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestALockOnAReplacedFileIsWorthNothing(t *testing.T) {
	path := lockPath(t)
	require.NoError(t, makeLock(path))
	file, err := openLock(path)
	require.NoError(t, err)
	defer file.Close()
	require.NoError(t, os.Remove(path))
	require.NoError(t, makeLock(path))
	if sameFile(file, path) {
		t.Error("the old file counts as the new one")
	}
	if err := makeLock(path); !errors.Is(err, os.ErrExist) {
		t.Errorf("made over an existing one: %v", err)
	}
}

func TestEveryUserSeesTheSameLock(t *testing.T) {
	if got := DefaultLock(); got != "/run/lock/assay.lock" && got != "/tmp/assay.lock" {
		t.Errorf("%s", got)
	}
}

// Root meets a user's file and a user meets root's, in a folder like /tmp.
func TestRootAndUsersShareTheLock(t *testing.T) {
	testenv.NeedsRoot(t)
	const nobody = 65534
	for _, first := range []uint32{0, nobody} {
		dir, err := os.MkdirTemp("", "assay-lock-")
		require.NoError(t, err)
		defer os.RemoveAll(dir)
		require.NoError(t, os.Chmod(dir, 0o1777))
		exe := filepath.Join(dir, "locker") // the test binary's own folder is not for others
		copied, err := os.ReadFile("/proc/self/exe")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(exe, copied, 0o755))
		as := func(uid uint32) *exec.Cmd {
			cmd := exec.Command(exe, "be-locker", dir)
			cmd.Dir = dir
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
			return cmd
		}
		second := nobody - first
		holder := as(first)
		in, err := holder.StdinPipe()
		require.NoError(t, err)
		out, err := holder.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, holder.Start())
		word := make([]byte, len("locked\n"))
		_, err = out.Read(word)
		require.NoError(t, err)
		require.Equal(t, "locked\n", string(word))

		said, err := as(second).Output()
		if want := "(locker, since "; !strings.Contains(string(said), want) {
			t.Errorf("user %d is told %s, %v; want %s", second, said, err, want)
		}
		require.NoError(t, in.Close())
		require.NoError(t, holder.Wait())
		if said, err := as(second).Output(); err != nil || string(said) != "locked\n" {
			t.Errorf("user %d: %s, %v", second, said, err)
		}
	}
}

func FuzzParseLocks(f *testing.F) {
	f.Add("1: FLOCK  ADVISORY  WRITE 18707 fe:00:9978849 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 7 fe:00:9978849 0 EOF\n", uint64(9978849))
	f.Add("1: POSIX  ADVISORY  READ 5 00:19:1 0 EOF", uint64(1))
	f.Fuzz(func(t *testing.T, text string, inode uint64) {
		if pid, ok := parseLocks(text, inode); ok && pid <= 0 {
			t.Errorf("process %d", pid)
		}
	})
}

func TestParseLocksFindsTheTakerAndNotTheWaiter(t *testing.T) {
	text := "1: POSIX  ADVISORY  WRITE 11 fe:00:77 0 EOF\n" +
		"2: FLOCK  ADVISORY  WRITE 12 fe:00:177 0 EOF\n" +
		"3: -> FLOCK  ADVISORY  WRITE 13 fe:00:77 0 EOF\n" +
		"4: FLOCK  ADVISORY  WRITE 14 fe:00:77 0 EOF\n"
	if pid, ok := parseLocks(text, 77); pid != 14 || !ok {
		t.Errorf("%d, %t; want 14", pid, ok)
	}
	if pid, ok := parseLocks(text, 7); ok {
		t.Errorf("%d for an inode that nobody locked", pid)
	}
}

func FuzzParseCard(f *testing.F) {
	f.Add([]byte(`{"pid":5,"start":6,"uid":0,"run":"thp-gc/1","since":"2026-11-20T18:30:00Z"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if h, err := parseCard(text); err == nil && (h.PID <= 0 || strings.ContainsAny(h.Run, "\x1b\n\r")) {
			t.Errorf("%+v", h)
		}
	})
}
