package main

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A talker asks on one connection and checks what it is told.
type talker interface {
	// ask writes n requests at once and calls answered after each answer. An error
	// leaves the connection of no use.
	ask(n int, deadline time.Time, answered func()) error
	cut() // ends the connection
}

// A dialer makes connections to the server.
type dialer struct {
	*config
	network, address string
	tls              *tls.Config // nil without TLS
	body             []byte      // of every HTTP answer
	request          []byte      // as many as are written at once
}

func newDialer(c *config, address string, tls *tls.Config) *dialer {
	d := &dialer{config: c, network: "tcp", address: address, tls: tls}
	switch c.transport {
	case unix:
		d.network = "unix"
	case udp:
		d.network = "udp"
	case http1, https:
		head := "GET / HTTP/1.1\r\nHost: " + serverName + "\r\n"
		if !c.keepAlive {
			head += "Connection: close\r\n"
		}
		d.request = []byte(strings.Repeat(head+"\r\n", int(c.pipeline)))
		d.body = pattern(int(c.payload))
	}
	return d
}

func (d *dialer) dial(patience time.Duration) (talker, error) {
	conn, err := net.DialTimeout(d.network, d.address, patience)
	if err != nil {
		return nil, err
	}
	raw := conn
	if d.tls != nil {
		t := tls.Client(conn, d.tls)
		if err := t.SetDeadline(time.Now().Add(patience)); err != nil {
			return nil, err
		}
		if err := t.Handshake(); err != nil {
			conn.Close()
			return nil, fmt.Errorf("TLS handshake: %w", err)
		}
		conn = t
	}
	l := line{Conn: conn, raw: raw}
	switch d.transport {
	case http1, https:
		return &web{line: l, dialer: d, in: make([]byte, d.payload+maxHead)}, nil
	case udp:
		return &datagrams{newEchoes(l, d)}, nil
	}
	return newEchoes(l, d), nil
}

// A line is a connection and what is below it.
type line struct {
	net.Conn
	raw net.Conn
}

// cut closes. TCP is cut by a reset: a closed connection would hold its port for a
// minute (TIME_WAIT), and a load that replaces connections would run out of ports.
func (l line) cut() {
	if t, ok := l.raw.(*net.TCPConn); ok {
		t.SetLinger(0)
	}
	l.raw.Close()
}

// echoes says numbered payloads and wants them back.
type echoes struct {
	line
	size    int
	out, in []byte
	number  uint64
}

func newEchoes(l line, d *dialer) *echoes {
	size := int(d.payload)
	return &echoes{line: l, size: size, out: bytes.Repeat(pattern(size), int(d.pipeline)), in: make([]byte, size)}
}

func (e *echoes) ask(n int, deadline time.Time, answered func()) error {
	if err := e.SetDeadline(deadline); err != nil {
		return err
	}
	for i := range n {
		e.number++
		binary.LittleEndian.PutUint64(e.out[i*e.size:], e.number)
	}
	out := e.out[:n*e.size]
	if len(out) <= alwaysTaken {
		if _, err := e.Write(out); err != nil {
			return err
		}
		return e.hear(out, answered)
	}
	// Both sides would wait for the other to read: write beside.
	written := make(chan error, 1)
	go func() {
		_, err := e.Write(out)
		written <- err
	}()
	err := e.hear(out, answered)
	if err != nil {
		e.raw.Close() // nobody reads any more: the writer is to give up
	}
	return errors.Join(err, <-written)
}

// hear wants back what was said.
func (e *echoes) hear(out []byte, answered func()) error {
	for ; len(out) > 0; out = out[e.size:] {
		if _, err := io.ReadFull(e, e.in); err != nil {
			return err
		}
		if !bytes.Equal(e.in, out[:e.size]) {
			return driver.WrongAnswer(fmt.Sprintf("an echo of %d bytes that begins %.16x, not %.16x", e.size, e.in, out))
		}
		answered()
	}
	return nil
}

// alwaysTaken is how many bytes a socket takes though nobody reads: the smallest
// buffers that Linux gives are larger.
const alwaysTaken = 4 << 10

// datagrams are echoes that may be lost, or come after their time.
type datagrams struct{ *echoes }

func (d *datagrams) ask(_ int, deadline time.Time, answered func()) error {
	if err := d.SetDeadline(deadline); err != nil {
		return err
	}
	d.number++
	binary.LittleEndian.PutUint64(d.out, d.number)
	if _, err := d.Write(d.out); err != nil {
		return err
	}
	for {
		n, err := d.Read(d.in)
		switch {
		case err != nil:
			return err
		case n == d.size && binary.LittleEndian.Uint64(d.in) < d.number:
			continue // of a request that was given up
		case n != d.size || !bytes.Equal(d.in, d.out):
			return driver.WrongAnswer(fmt.Sprintf("an echo of %d bytes that begins %.16x, not %d that begin %.16x", n, d.in[:n], d.size, d.out))
		}
		answered()
		return nil
	}
}

// A web asks for pages.
type web struct {
	line
	*dialer
	in   []byte
	have int // bytes of in that were read
}

func (w *web) ask(n int, deadline time.Time, answered func()) error {
	if err := w.SetDeadline(deadline); err != nil {
		return err
	}
	one := len(w.request) / int(w.pipeline)
	if _, err := w.Write(w.request[:n*one]); err != nil {
		return err
	}
	for range n {
		if err := w.page(); err != nil {
			return err
		}
		answered()
	}
	return nil
}

// page takes one answer from the connection and checks its body.
func (w *web) page() error {
	for {
		body, n, err := splitResponse(w.in[:w.have])
		switch {
		case err != nil:
			return err
		case n > 0 && !bytes.Equal(body, w.body):
			return driver.WrongAnswer(fmt.Sprintf("a body of %d bytes, not the %d that the server has", len(body), len(w.body)))
		case n > 0:
			w.have = copy(w.in, w.in[n:w.have])
			return nil
		case w.have == len(w.in):
			return driver.WrongAnswer(fmt.Sprintf("an answer of more than %d bytes", len(w.in)))
		}
		got, err := w.Read(w.in[w.have:])
		if w.have += got; err != nil && got == 0 {
			return err
		}
	}
}

// pattern is a payload of some size.
func pattern(size int) []byte {
	p := make([]byte, size)
	for i := range p {
		p[i] = 'a' + byte(i%26)
	}
	return p
}
