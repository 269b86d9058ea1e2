package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// ErrGone means that the other side closed the channel, or died.
var ErrGone = errors.New("the other side of the control channel is gone")

// Patience is how long a workload waits for an answer. A harness that dies is
// noticed at once, as end of file; this bounds only one that hangs.
const Patience = 10 * time.Minute

// A Channel is what a Conn needs: an *os.File of a non-blocking socket, or a net.Conn.
type Channel interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// A Conn is one end of the control channel. It is for one goroutine.
//
// A nil Conn is a workload without a harness: Ready, AwaitGo, Begin, End and
// Close do nothing and succeed.
type Conn struct {
	ch  Channel
	buf []byte // read, not yet taken
}

// NewConn speaks over ch, which the Conn then owns.
func NewConn(ch Channel) *Conn { return &Conn{ch: ch} }

// Close closes the channel. What has been sent still arrives.
func (c *Conn) Close() error {
	if c == nil {
		return nil
	}
	return c.ch.Close()
}

// Ready says that the workload is set up. It does not wait.
func (c *Conn) Ready() error { return c.stamp(MsgReady) }

// AwaitGo waits for the harness to let the workload begin.
func (c *Conn) AwaitGo() error { return c.await(MsgGo) }

// AwaitEnd waits, for as long as it takes, until the other side closes the
// channel: the end of a role that serves.
func (c *Conn) AwaitEnd() error {
	if err := c.ch.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("wire: wait for the end: %w", err)
	}
	switch line, err := c.line(); {
	case errors.Is(err, ErrGone):
		return nil
	case err != nil:
		return fmt.Errorf("wire: wait for the end: %w", err)
	default:
		return fmt.Errorf("wire: got %q where only the end was due", line)
	}
}

// Begin says that the window is about to open and waits until counters were read.
func (c *Conn) Begin() error {
	if err := c.stamp(MsgBegin); err != nil {
		return err
	}
	return c.await(MsgOK)
}

// End says that the window is closed and waits until counters were read.
func (c *Conn) End() error {
	if err := c.stamp(MsgEnd); err != nil {
		return err
	}
	return c.await(MsgOK)
}

func (c *Conn) stamp(word string) error {
	if c == nil {
		return nil
	}
	return c.write(Message{Word: word, NS: Now()})
}

func (c *Conn) await(word string) error {
	if c == nil {
		return nil
	}
	_, err := c.Expect(word, Patience)
	return err
}

// Send writes an answer: MsgGo or MsgOK. It wraps ErrGone where nobody listens.
func (c *Conn) Send(word string) error { return c.write(Message{Word: word}) }

func (c *Conn) write(m Message) error {
	if err := c.ch.SetWriteDeadline(time.Now().Add(Patience)); err != nil {
		return fmt.Errorf("wire: send %q: %w", m, err)
	}
	if _, err := c.ch.Write([]byte(m.String() + "\n")); err != nil {
		return fmt.Errorf("wire: send %q: %w", m, gone(err))
	}
	return nil
}

// Expect waits for the next message, which must be the given word, and returns
// its time: CLOCK_MONOTONIC as the sender read it, 0 for go and ok. The error
// wraps ErrGone at end of file, and os.ErrDeadlineExceeded after the timeout.
func (c *Conn) Expect(word string, timeout time.Duration) (ns int64, err error) {
	if err := c.ch.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return 0, fmt.Errorf("wire: wait for %q: %w", word, err)
	}
	line, err := c.line()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, fmt.Errorf("wire: no %q within %v: %w", word, timeout, err)
	}
	if err != nil {
		return 0, fmt.Errorf("wire: wait for %q: %w", word, err)
	}
	m, err := ParseMessage(line)
	if err != nil {
		return 0, err
	}
	if m.Word != word {
		return 0, fmt.Errorf("wire: got %q where %q was due", m, word)
	}
	return m.NS, nil
}

// line takes one line. It reads no more than a line may hold, so a program
// that writes anything else here is found out and not stored.
func (c *Conn) line() (string, error) {
	for {
		if i := bytes.IndexByte(c.buf, '\n'); i >= 0 {
			line := string(c.buf[:i])
			c.buf = c.buf[i+1:]
			return line, nil
		}
		if len(c.buf) >= maxMessage {
			return "", fmt.Errorf("%q... is not a message: no end of line in %d bytes", c.buf, maxMessage)
		}
		part := make([]byte, maxMessage)
		n, err := c.ch.Read(part)
		c.buf = append(c.buf, part[:n]...)
		if n == 0 && err != nil {
			return "", gone(err)
		}
	}
}

// gone turns the many faces of a lost peer into ErrGone.
func gone(err error) error {
	for _, face := range []error{io.EOF, io.ErrClosedPipe, syscall.EPIPE, syscall.ECONNRESET} {
		if errors.Is(err, face) {
			return ErrGone
		}
	}
	return err
}
