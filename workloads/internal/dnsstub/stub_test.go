package dnsstub

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// resolver is Go's own, sent to a server.
func resolver(s *Server) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", s.Address())
	}}
}

func TestEveryNameHasTheAddresses(t *testing.T) {
	check := func(v4, v6 string, want ...string) {
		t.Helper()
		s := new(Server)
		if v4 != "" {
			s.IPv4 = netip.MustParseAddr(v4)
		}
		if v6 != "" {
			s.IPv6 = netip.MustParseAddr(v6)
		}
		require.NoError(t, s.Start("127.0.0.1:0"))
		got, err := resolver(s).LookupHost(t.Context(), "some.name.test.")
		if len(want) == 0 {
			require.ErrorContains(t, err, "no such host")
		} else {
			require.NoError(t, err)
			require.ElementsMatch(t, want, got)
		}
		require.EqualValues(t, 2, s.Queries(), "one for A, one for AAAA")
		require.NoError(t, s.Close())
	}
	check("127.0.0.1", "::1", "127.0.0.1", "::1")
	check("10.1.2.3", "", "10.1.2.3")
	check("", "2001:db8::7", "2001:db8::7")
	check("", "")
}

func TestWhatIsNoQueryGetsNoAnswer(t *testing.T) {
	query := []byte("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x04test\x00\x00\x01\x00\x01")
	_, err := parse(query)
	require.NoError(t, err)
	for end := range query {
		_, err := parse(query[:end])
		require.Error(t, err, "cut after %d bytes", end)
	}
	answer := append([]byte(nil), query...)
	answer[2] |= 0x80
	_, err = parse(answer)
	require.Error(t, err)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x04test\x00\x00\x1c\x00\x01"))
	f.Fuzz(func(t *testing.T, message []byte) {
		q, err := parse(message)
		if err != nil {
			return
		}
		again, err := parse(append(q.answer(netip.Addr{})[:2], message[2:]...))
		require.NoError(t, err)
		require.Equal(t, q.id, again.id)
		full := q.answer(netip.MustParseAddr("::1"))
		require.Len(t, full, headerBytes+len(q.question)+2+4+4+2+16)
	})
}
