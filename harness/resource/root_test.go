package resource

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/testenv"
)

// The main thread is kept for the main goroutine, so that no test moves it to another
// namespace: what the process has is what its main thread has.
func init() { runtime.LockOSThread() }

// rootSet is a set of a run whose folder and journal are the test's own.
func rootSet(t *testing.T) (*Set, *journal.Journal) {
	t.Helper()
	testenv.NeedsRoot(t)
	// As every harness that changes the machine, it holds the host lock.
	lock, err := journal.Acquire(t.Context(), journal.DefaultLock(), journal.Holder{Run: t.Name()},
		func(h journal.Holder) { t.Logf("waiting for %s", h) })
	require.NoError(t, err)
	t.Cleanup(func() { lock.Release() })
	base := t.TempDir()
	dir := filepath.Join(base, RunPrefix+"root-test")
	require.NoError(t, os.Mkdir(dir, 0o711))
	j, err := journal.Open(filepath.Join(base, "state"))
	require.NoError(t, err)
	before := traces(t)
	t.Cleanup(func() {
		report, err := j.Restore("/", Undoers(), journal.Options{})
		require.NoError(t, err)
		require.True(t, report.OK(), report.String())
		require.NoError(t, j.Close())
		require.Equal(t, before, traces(t))
	})
	return New(j, "root-test", dir), j
}

// traces is what any of this leaves in files of the kernel.
func traces(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/swaps")
	require.NoError(t, err)
	var swaps string
	for line := range strings.Lines(string(text)) {
		swaps += strings.Join(strings.Fields(line)[:3], " ") + "\n" // how much of one is in use is others' doing
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	require.NoError(t, err)
	loops, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
	require.NoError(t, err)
	zrams, err := zramDevices()
	require.NoError(t, err)
	return swaps + string(mounts) + strings.Join(loops, " ") + strings.Join(zrams, " ")
}

// provide makes one resource, holds it against what is seen, and says how long it took.
func provide(t *testing.T, s *Set, spec Spec) {
	t.Helper()
	begun := time.Now()
	changed, err := s.Apply([]Spec{spec})
	require.NoError(t, err)
	require.True(t, changed)
	t.Logf("%s made in %v", spec, time.Since(begun).Round(100*time.Microsecond))
	require.Empty(t, s.Verify())
	seen := Seen(os.Getpid(), filepath.Join(Place(s.dir), "home"), []Kind{spec.Kind})[spec.Kind]
	ok, hidden := spec.Match(seen)
	require.True(t, ok, "%s is seen as %s", spec, seen)
	t.Logf("%s is seen as %s, hidden %v", spec, seen, hidden)
	changed, err = s.Apply([]Spec{spec})
	require.NoError(t, err)
	require.False(t, changed, "made twice")
}

func TestRootSwapIsMadeUsedAndTakenAway(t *testing.T) {
	s, j := rootSet(t)
	for _, level := range []string{"file:16MiB", "zram:16MiB"} {
		provide(t, s, Spec{Swap, level})
	}
	_, err := s.Apply([]Spec{{Swap, None}})
	require.NoError(t, err)
	left, err := j.Pending()
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestRootFileSystemsAreMountedAndTakenAway(t *testing.T) {
	s, j := rootSet(t)
	for _, level := range []string{
		"ext4:16MiB", "ext4:32MiB,data=writeback,noatime", "xfs:300MiB", "tmpfs:16MiB,huge=always", "overlay", "overlay,volatile",
	} {
		f, err := ParseFiles(level)
		require.NoError(t, err)
		if _, err := lookPath(f.Program()); f.Program() != "" && err != nil {
			t.Logf("%s: %s is not installed", level, f.Program())
			continue
		}
		provide(t, s, Spec{Files, level})
		file := filepath.Join(Place(s.dir), "x")
		require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
		var fs unix.Statfs_t
		require.NoError(t, unix.Statfs(Place(s.dir), &fs))
		kinds := map[string]int64{"ext4": unix.EXT4_SUPER_MAGIC, "xfs": unix.XFS_SUPER_MAGIC, "tmpfs": unix.TMPFS_MAGIC, "overlay": unix.OVERLAYFS_SUPER_MAGIC}
		require.EqualValues(t, kinds[f.Type], fs.Type)
	}
	_, err := s.Apply(nil)
	require.NoError(t, err)
	left, err := j.Pending()
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestRootWhatSomeoneTookAwayIsSeenAndMadeAgain(t *testing.T) {
	s, _ := rootSet(t)
	want := []Spec{{Swap, "file:16MiB"}, {Files, "tmpfs:16MiB"}}
	_, err := s.Apply(want)
	require.NoError(t, err)
	require.NoError(t, swapOff(s.dir+"/swap"))
	require.NoError(t, unmount(Place(s.dir)))
	wrong := strings.Join(s.Verify(), "\n")
	require.Contains(t, wrong, "is not swapped to any more")
	require.Contains(t, wrong, "nothing is mounted on")
	changed, err := s.Apply(want)
	require.NoError(t, err)
	require.True(t, changed)
	require.Empty(t, s.Verify())
}

func TestRootAFileSystemInUseStaysInTheJournal(t *testing.T) {
	s, j := rootSet(t)
	if _, err := lookPath("mkfs.ext4"); err != nil {
		t.Skip("mkfs.ext4 is not installed")
	}
	_, err := s.Apply([]Spec{{Files, "ext4:16MiB"}})
	require.NoError(t, err)
	file, err := os.Create(filepath.Join(Place(s.dir), "x"))
	require.NoError(t, err)
	_, err = s.Apply(nil)
	require.ErrorIs(t, err, unix.EBUSY)
	left, err := j.Pending()
	require.NoError(t, err)
	require.Len(t, left, 3)
	require.NoError(t, file.Close())
	_, err = s.Apply(nil)
	require.NoError(t, err)
}

// A trial's process is born into the namespace; here it is entered by the test.
func TestRootANetworkOfItsOwnHasItsLoopbackUp(t *testing.T) {
	s, _ := rootSet(t)
	require.Equal(t, Shared, Seen(os.Getpid(), "/", []Kind{Network})[Network])
	_, err := s.Apply([]Spec{{Network, None}})
	require.NoError(t, err)
	err = elsewhere(func() error { return unix.Setns(int(s.Network().Fd()), unix.CLONE_NEWNET) }, func() error {
		c := exec.Command("sleep", "1000") // born of this thread, so in its namespace
		if err := c.Start(); err != nil {
			return err
		}
		defer c.Wait()
		defer c.Process.Kill()
		if seen := Seen(c.Process.Pid, "/", []Kind{Network})[Network]; seen != None {
			return errors.New("it sees " + seen)
		}
		flags, err := os.ReadFile("/proc/thread-self/net/dev")
		if err == nil && strings.Count(string(flags), ":") != 1 {
			err = errors.New("there is more than lo: " + string(flags))
		}
		return errors.Join(err, sendToSelf())
	})
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

// sendToSelf sends a datagram by the loopback of the thread's namespace.
func sendToSelf() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return err
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		return err
	}
	return unix.Sendto(fd, []byte("x"), 0, name)
}

// Where the kernel has it, netem is set and read back, and packets are held and lost
// as it says; where it has not, it says so.
func TestRootNetemIsInForceOrSaysWhyNot(t *testing.T) {
	s, _ := rootSet(t)
	check := func(level string, felt func() error) {
		t.Helper()
		_, err := s.Apply([]Spec{{Network, level}})
		if errors.Is(err, unix.ENOENT) {
			require.ErrorContains(t, err, "CONFIG_NET_SCH_NETEM")
			require.Nil(t, s.Network())
			t.Skip("this kernel has no netem (CONFIG_NET_SCH_NETEM)")
		}
		require.NoError(t, err)
		err = elsewhere(func() error { return unix.Setns(int(s.Network().Fd()), unix.CLONE_NEWNET) }, func() error {
			n, err := emulated()
			if n.String() != level {
				return errors.Join(err, errors.New("it is "+n.String()))
			}
			return errors.Join(err, felt())
		})
		require.NoError(t, err, level)
	}
	check("delay=10ms,jitter=1ms,loss=0.1%", func() error { return nil })
	check("delay=20ms", func() error { return roundTrip(t, 40*time.Millisecond) })
	check("loss=20%", func() error { return lose(t, 0.2) })
	require.NoError(t, s.Close())
}

// exchange is "tc qdisc replace dev lo root pfifo limit N" in the set's namespace.
func exchange(t *testing.T, s *Set, limit uint32) {
	t.Helper()
	err := elsewhere(func() error { return unix.Setns(int(s.Network().Fd()), unix.CLONE_NEWNET) }, func() error {
		more := append(attribute(unix.TCA_KIND, []byte("pfifo\x00")), attribute(unix.TCA_OPTIONS, binary.NativeEndian.AppendUint32(nil, limit))...)
		_, err := ask(unix.RTM_NEWQDISC, unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_REPLACE, more)
		return err
	})
	require.NoError(t, err)
}

func TestRootAQueueingDisciplineThatSomeoneExchangesIsSeenAndMadeAnew(t *testing.T) {
	s, _ := rootSet(t)
	want := []Spec{{Network, None}}
	_, err := s.Apply(want)
	require.NoError(t, err)
	require.Empty(t, s.Verify())
	exchange(t, s, 7)
	wrong := strings.Join(s.Verify(), "\n")
	require.Contains(t, wrong, "pfifo")
	require.Contains(t, wrong, "was made as lo with")
	changed, err := s.Apply(want)
	require.NoError(t, err)
	require.True(t, changed)
	require.Empty(t, s.Verify())
	require.NoError(t, s.Close())
}

// roundTrip sends datagrams to and fro on the loopback of the thread's namespace. A
// delay bounds the time from below, however slow the machine.
func roundTrip(t *testing.T, least time.Duration) error {
	here, there, err := endpoints()
	if err != nil {
		return err
	}
	defer unix.Close(here.fd)
	defer unix.Close(there.fd)
	fastest := time.Duration(math.MaxInt64)
	for range 5 {
		begun := time.Now()
		if err := errors.Join(here.send(there), there.receive(0), there.send(here), here.receive(0)); err != nil {
			return err
		}
		fastest = min(fastest, time.Since(begun))
	}
	t.Logf("the fastest of 5 round trips took %v", fastest)
	if fastest < least {
		return fmt.Errorf("a round trip took %v, less than %v", fastest, least)
	}
	return nil
}

// lose counts what arrives of many datagrams. The bounds are five standard deviations
// of a binomial count: one run in two million is outside.
func lose(t *testing.T, share float64) error {
	here, there, err := endpoints()
	if err != nil {
		return err
	}
	defer unix.Close(here.fd)
	defer unix.Close(there.fd)
	const sent = 2000
	arrived := 0
	for range sent {
		if err := here.send(there); err != nil {
			return err
		}
		for there.receive(unix.MSG_DONTWAIT) == nil { // before its buffer is full
			arrived++
		}
	}
	for there.receive(0) == nil {
		arrived++
	}
	lost := sent - arrived
	t.Logf("%d of %d datagrams were lost", lost, sent)
	if off := math.Abs(float64(lost) - share*sent); off > 5*math.Sqrt(sent*share*(1-share)) {
		return fmt.Errorf("%d of %d datagrams were lost, where %v of them should", lost, sent, share)
	}
	return nil
}

// An endpoint is a socket for datagrams on the loopback.
type endpoint struct {
	fd   int
	name unix.Sockaddr
}

func endpoints() (a, b endpoint, err error) {
	for _, e := range []*endpoint{&a, &b} {
		if e.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return a, b, err
		}
		// What is not there after so long was lost.
		wait := unix.NsecToTimeval(int64(time.Second))
		if err = unix.SetsockoptTimeval(e.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
			return a, b, err
		}
		if err = unix.Bind(e.fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			return a, b, err
		}
		if e.name, err = unix.Getsockname(e.fd); err != nil {
			return a, b, err
		}
	}
	return a, b, nil
}

func (e endpoint) send(to endpoint) error { return unix.Sendto(e.fd, []byte("x"), 0, to.name) }

func (e endpoint) receive(flags int) error {
	_, _, err := unix.Recvfrom(e.fd, make([]byte, 1), flags)
	return err
}
