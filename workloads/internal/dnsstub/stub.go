// Package dnsstub is a name server on loopback that knows every name: what
// workloads resolve against, so that no query leaves the machine and each answer
// is known.
package dnsstub

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// A Server answers queries over UDP: for A and AAAA with its addresses, for
// anything else with no record. The search list of resolv.conf never makes it
// answer for two names at once, as every name exists.
type Server struct {
	IPv4, IPv6 netip.Addr    // of every name; the zero Addr is no record
	Delay      time.Duration // before each answer

	conn    net.PacketConn
	queries atomic.Int64
	waiting sync.WaitGroup
	failed  error // why Serve ended
}

// Start listens on a UDP address, such as 127.0.0.1:0, and serves until Close.
func (s *Server) Start(address string) (err error) {
	if s.conn, err = net.ListenPacket("udp", address); err != nil {
		return fmt.Errorf("name server: %w", err)
	}
	s.waiting.Go(s.serve)
	return nil
}

// Address is where the server listens: 127.0.0.1:40123.
func (s *Server) Address() string { return s.conn.LocalAddr().String() }

// Queries is how many queries were understood so far.
func (s *Server) Queries() int64 { return s.queries.Load() }

// Close ends the server and says what ended it before.
func (s *Server) Close() error {
	err := s.conn.Close()
	s.waiting.Wait()
	return errors.Join(err, s.failed)
}

func (s *Server) serve() {
	buffer := make([]byte, maxMessage)
	for {
		n, from, err := s.conn.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			s.failed = fmt.Errorf("name server: %w", err)
			return
		}
		q, err := parse(buffer[:n])
		if err != nil {
			continue // not a query: nobody waits for an answer to it
		}
		s.queries.Add(1)
		answer := q.answer(s.address(q.kind))
		if s.Delay == 0 {
			s.conn.WriteTo(answer, from) // a lost datagram is for the resolver to notice
			continue
		}
		s.waiting.Go(func() {
			time.Sleep(s.Delay)
			s.conn.WriteTo(answer, from)
		})
	}
}

func (s *Server) address(kind uint16) netip.Addr {
	switch kind {
	case typeA:
		return s.IPv4
	case typeAAAA:
		return s.IPv6
	}
	return netip.Addr{}
}
