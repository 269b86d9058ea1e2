package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Descriptors of the guardian.
const (
	lineFD = 3 // its end of the line to the harness, a socket
	lockFD = 4 // the host lock
)

// How long the guardian may take to get ready, and to end. A guest that is emulated on
// a loaded machine takes most of a minute to boot, and as much again to start a
// process. That is no wait where all is well, nor where the guardian fails: its end
// ends it.
const (
	readyTimeout = 3 * time.Minute
	doneTimeout  = time.Minute
)

// A Guardian is the process that restores the machine if this one dies. It
// sleeps in a read until then.
type Guardian struct {
	mu   sync.Mutex
	line *os.File
	gone chan struct{} // closed when it has ended
	end  error         // how, valid once gone is closed
}

// Guard starts exe with args, which must come to call [Main] with [HarnessLine], and
// returns when it is ready. It gets a share of the lock, a session of its own, and
// log for its output; nil is for /dev/null. It never gets our standard streams:
// whoever reads those would wait for the guardian too.
//
// The line to it is closed by the kernel however this process ends, and that is
// the signal. Nothing else may inherit it, so it is close-on-exec.
func Guard(exe string, args []string, lock *Lock, log *os.File) (*Guardian, error) {
	fail := func(err error) (*Guardian, error) { return nil, fmt.Errorf("guardian: %w", err) }
	ours, theirs, err := pair()
	if err != nil {
		return fail(err)
	}
	defer theirs.Close()
	cmd := exec.Command(exe, args...)
	begun := size(log)
	if log != nil {
		cmd.Stdout, cmd.Stderr = log, log
	}
	cmd.ExtraFiles = []*os.File{lineFD - 3: theirs, lockFD - 3: lock.File()}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		ours.Close()
		return fail(err)
	}
	g := &Guardian{line: ours, gone: make(chan struct{})}
	go func() {
		g.end = cmd.Wait()
		close(g.gone)
	}()
	theirs.Close()
	if err := g.greet(); err != nil {
		cmd.Process.Kill()
		<-g.gone
		ours.Close()
		return fail(fmt.Errorf("did not get ready: %w%s", err, said(log, begun)))
	}
	return g, nil
}

func size(log *os.File) int64 {
	if log == nil {
		return 0
	}
	info, err := log.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// said is what a log has got since, for an error: it may lie in a guest that is gone by
// the time someone reads that.
func said(log *os.File, begun int64) string {
	if log == nil {
		return ""
	}
	text, err := os.ReadFile(log.Name())
	if err != nil || int64(len(text)) <= begun {
		return fmt.Sprintf(" (%s says nothing of it)", log.Name())
	}
	const most = 2048 // of a crash, whose end says least
	text = text[begun:]
	return fmt.Sprintf(" (%s: %s)", log.Name(), bytes.TrimSpace(text[:min(len(text), most)]))
}

// pair makes the two ends of the line. Ours can have deadlines.
func pair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socketpair: %w", err)
	}
	if err := unix.SetNonblock(fds[0], true); err != nil {
		unix.Close(fds[0])
		unix.Close(fds[1])
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "guardian"), os.NewFile(uintptr(fds[1]), "harness"), nil
}

// greet waits for the guardian's word, then gives ours. A guardian restores at
// the end of the line only after that: before, nothing can have been touched.
func (g *Guardian) greet() error {
	if err := g.line.SetReadDeadline(time.Now().Add(readyTimeout)); err != nil {
		return err
	}
	word, err := bufio.NewReader(g.line).ReadString('\n')
	if err != nil {
		return err
	}
	if word != ready {
		return fmt.Errorf("it said %q", word)
	}
	return nil
}

// Watch has the guardian kill process pid, and the group and the session that it
// leads, should we die. It is for processes outside cgroups of ours.
func (g *Guardian) Watch(pid int) error {
	o, err := Process(pid)
	if err != nil {
		return fmt.Errorf("guardian: watch: %w", err)
	}
	return g.say(command{verb: verbWatch, pid: o.PID, start: o.Start})
}

// Unwatch ends Watch. It comes after the process and its group have ended.
func (g *Guardian) Unwatch(pid int) error {
	return g.say(command{verb: verbUnwatch, pid: pid})
}

// Gone is closed when the guardian has ended. Before Done that means that someone
// killed it, and that the run has nobody to restore after it.
func (g *Guardian) Gone() <-chan struct{} { return g.gone }

// Done tells the guardian that all is put back, and waits for its end. Its share
// of the lock is gone then.
func (g *Guardian) Done() error {
	said := g.say(command{verb: verbDone})
	g.mu.Lock()
	closed := g.line.Close()
	g.mu.Unlock()
	if errors.Is(closed, os.ErrClosed) {
		closed = nil
	}
	select {
	case <-g.gone:
	case <-time.After(doneTimeout):
		return errors.Join(said, errors.New("guardian: it was told that all is done and has not ended"))
	}
	if g.end != nil {
		return fmt.Errorf("guardian: ended by itself: %w", g.end)
	}
	return errors.Join(said, closed)
}

func (g *Guardian) say(c command) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.line.WriteString(c.String()); err != nil {
		return fmt.Errorf("guardian: say %s: %w", c.verb, err)
	}
	return nil
}
