package main

import (
	"strings"
	"testing"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/stretchr/testify/require"
)

func TestAJumpIsAsManySteps(t *testing.T) {
	x := uint64(1)
	for n := range uint64(1000) {
		if got := jump(1, n); got != x {
			t.Fatalf("jump(1, %d) = %#x, want %#x", n, got, x)
		}
		x = x*multiplier + increment
	}
}

func TestAWrongAnswerIsFound(t *testing.T) {
	tr := &trial{gomaxprocs: 1, numcpu: 1, spin: 3}
	_, err := tr.Run()
	require.NoError(t, err)
	tr.state ^= 1
	if err := tr.Report(&driver.Result{}); err == nil || !strings.Contains(err.Error(), "wrong answer") {
		t.Errorf("got %v", err)
	}
}
