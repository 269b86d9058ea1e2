package wire

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// soon is long enough that a loaded machine never reaches it.
const soon = time.Minute

func pair(t *testing.T) (harness, workload *Conn) {
	t.Helper()
	h, w, err := Pair()
	require.NoError(t, err)
	fd, err := syscall.Dup(int(w.Fd())) // as a child would have it: its own descriptor
	require.NoError(t, err)
	require.NoError(t, w.Close())
	workload, err = OpenControl(fd)
	require.NoError(t, err)
	require.NotNil(t, workload, "the end that Pair makes was not taken for a control channel")
	harness = NewConn(h)
	t.Cleanup(func() { harness.Close(); workload.Close() })
	return harness, workload
}

func TestATrialIsSixMessages(t *testing.T) {
	h, w := pair(t)
	done := make(chan error, 1)
	go func() {
		done <- errors.Join(w.Ready(), w.AwaitGo(), w.Begin(), w.End())
	}()
	var at []int64
	hear := func(word string) {
		t.Helper()
		ns, err := h.Expect(word, soon)
		require.NoError(t, err)
		at = append(at, ns)
	}
	from := Now()
	hear(MsgReady)
	require.NoError(t, h.Send(MsgGo))
	hear(MsgBegin)
	require.NoError(t, h.Send(MsgOK))
	hear(MsgEnd)
	require.NoError(t, h.Send(MsgOK))
	require.NoError(t, <-done)
	last := from
	for _, ns := range append(at, Now()) {
		if ns < last {
			t.Errorf("times %v from %d are not in order", at, from)
		}
		last = ns
	}
}

func TestALostHarnessIsNoticedAtEveryStep(t *testing.T) {
	check := func(step string, wait func(*Conn) error) {
		t.Helper()
		h, w := pair(t)
		h.Close()
		if err := wait(w); !errors.Is(err, ErrGone) {
			t.Errorf("%s: %v, want ErrGone", step, err)
		}
	}
	check("go", (*Conn).AwaitGo)
	check("begin", (*Conn).Begin)
	check("end", (*Conn).End)

	h, w := pair(t)
	require.NoError(t, w.Ready())
	h.Close() // with "ready" unread: the kernel says reset, not end of file
	if err := w.AwaitGo(); !errors.Is(err, ErrGone) {
		t.Errorf("unread: %v, want ErrGone", err)
	}
}

func TestALostWorkloadIsNoticed(t *testing.T) {
	h, w := pair(t)
	require.NoError(t, w.Ready())
	w.Close()
	_, err := h.Expect(MsgReady, soon)
	require.NoError(t, err, "what was sent before the end still arrives")
	if _, err := h.Expect(MsgBegin, soon); !errors.Is(err, ErrGone) {
		t.Errorf("%v, want ErrGone", err)
	}
}

func TestASilentPeerRunsIntoTheDeadline(t *testing.T) {
	h, _ := pair(t)
	_, err := h.Expect(MsgReady, time.Nanosecond)
	if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), `no "ready" within 1ns`) {
		t.Errorf("got %v", err)
	}
}

func TestOutOfOrderAndGarbageAreErrors(t *testing.T) {
	check := func(sent, want string) {
		t.Helper()
		a, b := net.Pipe() // any Channel will do
		go func() { b.Write([]byte(sent)); b.Close() }()
		_, err := NewConn(a).Expect(MsgBegin, soon)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want an error with %q", sent, err, want)
		}
	}
	check("end 5\n", `got "end 5" where "begin" was due`)
	check("begin\n", "not a message")
	check("begin x\n", "not a count of nanoseconds")
	check("begin -1\n", "not a count of nanoseconds")
	check("PASS\n", "not a message")
	check(strings.Repeat("x", 1000), "no end of line")
	check("begin 5", "gone") // cut short
}

func TestMessagesMayArriveInPiecesOrTogether(t *testing.T) {
	a, b := net.Pipe()
	go func() {
		for _, part := range []string{"rea", "dy 1\nbeg", "in 2\nend 3\n"} {
			b.Write([]byte(part))
		}
	}()
	c := NewConn(a)
	for i, word := range []string{MsgReady, MsgBegin, MsgEnd} {
		if ns, err := c.Expect(word, soon); err != nil || ns != int64(i+1) {
			t.Errorf("%s: %d, %v; want %d", word, ns, err, i+1)
		}
	}
}

func TestNoHarnessNoWaiting(t *testing.T) {
	var c *Conn
	if err := errors.Join(c.Ready(), c.AwaitGo(), c.Begin(), c.End(), c.Close()); err != nil {
		t.Error(err)
	}
}

func TestOtherDescriptorsAreNotTheControlChannel(t *testing.T) {
	check := func(what string, fd int) {
		t.Helper()
		if c, err := OpenControl(fd); c != nil || err != nil {
			t.Errorf("%s was taken for a control channel (%v)", what, err)
		}
	}
	f, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	defer f.Close()
	check("a file", int(f.Fd()))
	check("nothing", 1<<20)

	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: t.TempDir() + "/s", Net: "unix"})
	require.NoError(t, err)
	defer l.Close()
	dialed, err := net.Dial("unix", l.Addr().String())
	require.NoError(t, err)
	defer dialed.Close()
	df, err := dialed.(*net.UnixConn).File()
	require.NoError(t, err)
	defer df.Close()
	check("a connection to a named socket", int(df.Fd()))
}

func FuzzMessageReadsBack(f *testing.F) {
	for _, line := range []string{"ready 0", "go", "begin 9223372036854775807", "ok", "end 05", "end", "go 1", "ready +1"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		m, err := ParseMessage(line)
		if err != nil {
			return
		}
		again, err := ParseMessage(m.String())
		if err != nil || again != m {
			t.Errorf("%q -> %v -> %v, %v", line, m, again, err)
		}
		if len(m.String())+1 > maxMessage {
			t.Errorf("%q is longer than a line may be", m)
		}
	})
}
