package run

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/sample"
)

// A pipe carries one output stream of a workload. Its reader sleeps until
// there is something to read, so that it costs a silent workload nothing.
type pipe struct {
	child  *os.File // the workload's end, closed here once the process has it
	reader *os.File
	done   chan struct{}

	mu   sync.Mutex
	text []byte
	lost int64 // bytes beyond the bound

	followed bool
	arrivals []arrival         // of text, where it is followed
	told     func(name string) // who is told of each benchmark that begins; nil for nobody
	line     int               // offset of the line of text that is not whole yet
}

// Bounds of what is kept of a stream: all of stdout up to the first, for the
// lines in it; of stderr the last bytes, for the reason that stands there.
const (
	keepStdout = 16 << 20
	keepStderr = 64 << 10
)

// newPipe keeps the first bytes of a stream, or the last ones where tail is set.
func newPipe(bound int, tail bool) (*pipe, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, fmt.Errorf("pipe for a trial's output: %w", err)
	}
	// Only our end goes by the runtime's poller, which the other would wake in vain.
	if err := unix.SetNonblock(fds[0], true); err != nil {
		return nil, fmt.Errorf("pipe for a trial's output: %w", err)
	}
	p := &pipe{child: file(fds[1], "output of the workload"), reader: file(fds[0], "output"), done: make(chan struct{})}
	go p.drain(bound, tail)
	return p, nil
}

func (p *pipe) drain(bound int, tail bool) {
	defer close(p.done)
	buf := make([]byte, 8<<10)
	for {
		n, err := p.reader.Read(buf)
		p.keep(buf[:n], bound, tail)
		if err != nil {
			return
		}
	}
}

func (p *pipe) keep(b []byte, bound int, tail bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = append(p.text, b...)
	if p.followed && len(p.arrivals) < mostArrivals {
		p.arrivals = append(p.arrivals, arrival{len(p.text), time.Now()})
	}
	p.tell()
	over := len(p.text) - bound
	if over <= 0 {
		return
	}
	p.lost += int64(over)
	if tail {
		p.text = append(p.text[:0], p.text[over:]...)
	} else {
		p.text = p.text[:bound]
	}
}

// tell tells of the benchmarks in lines that became whole.
func (p *pipe) tell() {
	if p.told == nil {
		return
	}
	for {
		n := bytes.IndexByte(p.text[min(p.line, len(p.text)):], '\n')
		if n < 0 {
			return
		}
		if name, ok := sample.Told(p.text[p.line : p.line+n]); ok {
			p.told(name)
		}
		p.line += n + 1
	}
}

// follow notes when a test binary's benchmarks begin, and tells whoever waits of them,
// from before it starts. That is for what is not timed: it has the harness busy.
func (p *pipe) follow(told func(name string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.followed, p.told = true, told
}

// drainTime is how long output may still come after the whole tree has ended.
const drainTime = time.Second

// rest waits for the end of the stream and returns what was kept. A process
// that escaped and holds the stream open can't hold the harness.
func (p *pipe) rest() (text []byte, lost int64) {
	select {
	case <-p.done: // as after most trials: a deadline would wake the poller for nothing
	default:
		p.reader.SetReadDeadline(time.Now().Add(drainTime))
		<-p.done
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text, p.lost
}

func (p *pipe) close() {
	closeFile(&p.child)
	p.reader.Close()
	<-p.done
}

// A socket is the control channel: the workload's end and ours.
type socket struct {
	child *os.File
	ours  *os.File
}

func newSocket() (*socket, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socketpair for the control channel: %w", err)
	}
	// Only our end is non-blocking: it takes deadlines, the workload's needs none.
	if err := unix.SetNonblock(fds[0], true); err != nil {
		return nil, fmt.Errorf("control channel: %w", err)
	}
	return &socket{ours: file(fds[0], "control"), child: file(fds[1], "control of the workload")}, nil
}

func file(fd int, name string) *os.File { return os.NewFile(uintptr(fd), name) }

func (s *socket) close() {
	closeFile(&s.child)
	closeFile(&s.ours)
}

func closeFile(f **os.File) {
	if *f != nil {
		(*f).Close()
		*f = nil
	}
}
