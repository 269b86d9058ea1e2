package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/assaylab/assay/workloads/internal/dnsstub"
	"github.com/assaylab/assay/workloads/internal/driver"
)

// By what names the server publishes what the client must know.
const (
	address    = "address"
	nameServer = "name-server" // with -named
)

// A server answers until it is closed.
type server struct {
	http.Server
	listener net.Listener
	names    *dnsstub.Server // nil without -named
	closed   atomic.Bool
}

// newServer opens the sockets: from then on the kernel takes connections.
func newServer(c *config) (driver.Trial, error) {
	l, err := net.Listen("tcp", c.listen)
	if err != nil {
		return nil, fmt.Errorf("-listen: %w", err)
	}
	s := &server{listener: l, Server: http.Server{
		Handler:   answerer(c),
		Protocols: c.protocols(),
		ErrorLog:  log.New(io.Discard, "", 0), // requests that the client gave up are no news
	}}
	if err := driver.Publish(address, l.Addr().String()); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if c.named {
		if err := s.beNamed(); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// beNamed starts a name server that gives every name the address that is listened on.
func (s *server) beNamed() error {
	own, err := netip.ParseAddrPort(s.listener.Addr().String())
	if err != nil {
		return fmt.Errorf("-listen with -named: %w", err)
	}
	names := new(dnsstub.Server)
	if ip := own.Addr().Unmap(); ip.Is4() {
		names.IPv4 = ip
	} else {
		names.IPv6 = ip
	}
	if err := names.Start("127.0.0.1:0"); err != nil {
		return err
	}
	s.names = names
	return driver.Publish(nameServer, names.Address())
}

// protocols is the one version of HTTP that both sides speak.
func (c *config) protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(!c.http2)
	p.SetUnencryptedHTTP2(c.http2)
	return p
}

// answerer gives each request its number and the payload.
func answerer(c *config) http.HandlerFunc {
	tail := tailOf(c.payload)
	return func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(c.handler)
		io.WriteString(w, strings.TrimPrefix(r.URL.Path, "/")+tail)
	}
}

// tailOf is what follows the number in an answer.
func tailOf(payload int64) string { return ":" + strings.Repeat("a", int(payload)) }

// Run serves.
func (s *server) Run() (int64, error) {
	err := s.Serve(s.listener)
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
	err := s.Server.Close()
	if cut := s.listener.Close(); !errors.Is(cut, net.ErrClosed) {
		err = errors.Join(err, cut) // Run did not begin, so that Serve did not close it
	}
	if s.names != nil {
		err = errors.Join(err, s.names.Close())
	}
	return err
}
