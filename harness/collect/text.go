package collect

import (
	"bytes"
	"strings"
)

// number reads digits at the start of b, after spaces. ok is false without any,
// and for what an int64 can't hold.
func number(b []byte) (n int64, rest []byte, ok bool) {
	b = bytes.TrimLeft(b, " \t")
	i := 0
	for ; i < len(b) && '0' <= b[i] && b[i] <= '9'; i++ {
		if n > (1<<63-1-9)/10 {
			return 0, nil, false
		}
		n = 10*n + int64(b[i]-'0')
	}
	return n, b[i:], i > 0
}

// labelled is the number after a label at the start of a line.
func labelled(text, label string) (float64, bool) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, label); ok {
			n, _, ok := number([]byte(rest))
			return float64(n), ok
		}
	}
	return 0, false
}
