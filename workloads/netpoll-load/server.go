package main

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// By what names the server publishes what the load must know.
const (
	address     = "address"
	certificate = "certificate" // DER in base64
)

// A server answers on one socket until it is closed.
type server struct {
	run    func() error // serves; its error after close is no news
	close  func() error
	closed atomic.Bool
}

// newServer opens the socket: from then on the kernel takes connections.
func newServer(c *config) (driver.Trial, error) {
	g := newGate(c.stall, c.stallEvery)
	if c.transport == udp {
		return newDatagramServer(c, g)
	}
	network, name := "tcp", c.listen
	if c.transport == unix {
		network = "unix"
		if name == anyPort {
			name = fmt.Sprintf("@netpoll-load-%d", os.Getpid())
		}
	}
	l, err := net.Listen(network, name)
	if err != nil {
		return nil, fmt.Errorf("-listen: %w", err)
	}
	if err := driver.Publish(address, l.Addr().String()); err != nil {
		return nil, err
	}
	switch c.transport {
	case http1:
		return newWebServer(c, g, l), nil
	case https:
		own, err := selfSigned()
		if err != nil {
			return nil, err
		}
		if err := driver.Publish(certificate, base64.StdEncoding.EncodeToString(own.Certificate[0])); err != nil {
			return nil, err
		}
		return newWebServer(c, g, tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{own}})), nil
	}
	e := &echo{listener: l, gate: g, size: max(int(c.payload), 16<<10), conns: map[net.Conn]bool{}}
	return &server{run: e.serve, close: e.close}, nil
}

// newWebServer answers every request with one body.
func newWebServer(c *config, g *gate, l net.Listener) *server {
	body, length := pattern(int(c.payload)), strconv.FormatInt(c.payload, 10)
	s := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			g.pass()
			w.Header()["Content-Type"] = []string{"text/plain"}
			w.Header()["Content-Length"] = []string{length}
			w.Write(body)
		}),
		ErrorLog: log.New(io.Discard, "", 0), // connections that the load cuts are no news
	}
	return &server{run: func() error { return s.Serve(l) }, close: s.Close}
}

func newDatagramServer(c *config, g *gate) (driver.Trial, error) {
	p, err := net.ListenPacket("udp", c.listen)
	if err != nil {
		return nil, fmt.Errorf("-listen: %w", err)
	}
	conn := p.(*net.UDPConn)
	if err := driver.Publish(address, conn.LocalAddr().String()); err != nil {
		return nil, err
	}
	return &server{run: func() error { return echoDatagrams(conn, g) }, close: conn.Close}, nil
}

// echoDatagrams reads one socket with as many goroutines as run at once.
func echoDatagrams(conn *net.UDPConn, g *gate) error {
	var wg sync.WaitGroup
	errs := make([]error, runtime.GOMAXPROCS(0))
	for i := range errs {
		wg.Go(func() {
			buf := make([]byte, maxDatagram)
			for {
				n, from, err := conn.ReadFromUDPAddrPort(buf)
				if err != nil {
					errs[i] = err
					return
				}
				g.pass()
				// One that can't be sent is lost, as datagrams may be.
				conn.WriteToUDPAddrPort(buf[:n], from)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Run serves.
func (s *server) Run() (int64, error) {
	err := s.run()
	if s.closed.Load() {
		return 0, nil
	}
	return 0, err
}

// Report is not for a role that serves.
func (s *server) Report(*driver.Result) error { return errors.New("the server reports nothing") }

// Close ends Run.
func (s *server) Close() error {
	s.closed.Store(true)
	return s.close()
}

// An echo sends back what each connection says.
type echo struct {
	listener net.Listener
	gate     *gate
	size     int // of a read

	mu    sync.Mutex
	conns map[net.Conn]bool
}

func (e *echo) serve() error {
	for {
		conn, err := e.listener.Accept()
		if err != nil {
			return err
		}
		e.note(conn, true)
		go e.answer(conn)
	}
}

func (e *echo) answer(conn net.Conn) {
	defer e.note(conn, false)
	defer conn.Close()
	for buf := make([]byte, e.size); ; {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		e.gate.pass()
		if _, err := conn.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (e *echo) note(conn net.Conn, there bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if there {
		e.conns[conn] = true
	} else {
		delete(e.conns, conn)
	}
}

func (e *echo) close() error {
	err := e.listener.Close()
	e.mu.Lock()
	defer e.mu.Unlock()
	for conn := range e.conns {
		conn.Close()
	}
	return err
}
