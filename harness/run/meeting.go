package run

import "sync"

// A meeting lets the trials of a step go on together: each waits until all the
// others have come, or will never come.
type meeting struct {
	mu      sync.Mutex
	missing int
	all     chan struct{} // closed when nobody is missing
}

func newMeeting(trials int) *meeting { return &meeting{missing: trials, all: make(chan struct{})} }

// come is said by every trial once at least: when it is ready, and when it is over.
// More words than trials do no harm, as those that wait are past it then.
func (m *meeting) come() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.missing--; m.missing == 0 {
		close(m.all)
	}
}

func (m *meeting) wait() {
	m.come()
	<-m.all
}
