package run

import (
	"runtime/debug"
	"testing"
)

func TestGarbageIsCollectedBetweenAttemptsOnly(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	b, back := takeOver()
	kept := b.left
	litterAbout(2 * litter)
	if now := b.objects(); now < kept+litter {
		t.Errorf("%d bytes of objects after %d were dropped: someone collected", now, 2*litter)
	}
	b.sweep()
	if now := b.objects(); now > kept+litter/2 {
		t.Errorf("%d bytes of objects after a sweep, %d before", now, kept)
	}
	back()
	if now := debug.SetGCPercent(100); now != 100 {
		t.Errorf("the collector was given back with GOGC %d", now)
	}
}

func litterAbout(bytes int) {
	for range bytes >> 10 {
		dropped = make([]byte, 1<<10)
	}
	dropped = nil
}

var dropped []byte
