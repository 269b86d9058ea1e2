package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const sockstat = `sockets: used 20
TCP: inuse 2 orphan 0 tw 2060 alloc 6 mem 91
UDP: inuse 1 mem 256
FRAG: inuse 0 memory 0
`

func TestSocketsInTimeWaitAreRead(t *testing.T) {
	check := func(text string, want int64, wantOK bool) {
		t.Helper()
		if n, ok := parseTimeWait(text); n != want && ok || ok != wantOK {
			t.Errorf("%q: %d, %v; want %d, %v", text, n, ok, want, wantOK)
		}
	}
	check(sockstat, 2060, true)
	check("TCP: inuse 2 orphan 0 tw 0\n", 0, true)
	check("", 0, false)
	check("UDP: tw 5\n", 0, false)
	check("TCP: tw\n", 0, false)
	check("TCP: tw many\n", 0, false)
	check("TCP: tw -1\n", 0, false)
	check("TCP: inuse tw 5 tw\n", 0, false)
}

func TestThisKernelSaysWhatIsInTimeWait(t *testing.T) {
	n, ok, err := timeWait()
	require.NoError(t, err)
	if !ok {
		t.Skip("no /proc/net/sockstat")
	}
	require.GreaterOrEqual(t, n, int64(0))
}

func FuzzTimeWait(f *testing.F) {
	f.Add(sockstat)
	f.Add("TCP: tw 9223372036854775808")
	f.Add("TCP:\ttw\t1")
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := parseTimeWait(text)
		if !ok {
			return
		}
		if n < 0 || !strings.Contains(text, "tw") {
			t.Errorf("%q: %d", text, n)
		}
		if again, ok := parseTimeWait("TCP: tw " + strconv.FormatInt(n, 10)); !ok || again != n {
			t.Errorf("%d and back: %d, %v", n, again, ok)
		}
	})
}
