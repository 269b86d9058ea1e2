package vm

import (
	"io"
	"strings"
	"sync"
)

// kept is how much of a console is kept for errors, bytes.
const kept = 4 << 10

// A tail keeps the end of what is written to it.
type tail struct {
	also io.Writer // gets all of it; nil: no one

	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	t.text = append(t.text, b...)
	if over := len(t.text) - kept; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	t.mu.Unlock()
	if t.also == nil {
		return len(b), nil
	}
	return t.also.Write(b)
}

// String is the end, without what only a terminal understands.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, string(t.text)))
}
