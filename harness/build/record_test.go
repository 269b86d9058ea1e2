package build

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABinaryThatWatchesItselfIsDoubted(t *testing.T) {
	var r Record
	r.Add(0, Binary{Program: "sound", SHA256: "a", Settings: map[string]string{"-race": "false", "-trimpath": "true"}})
	r.Add(1, Binary{Program: "/bin/sh", SHA256: "b"})
	require.Empty(t, r.Doubts())
	r.Add(2, Binary{Program: "./raced", SHA256: "c", Settings: map[string]string{"-race": "true"}})
	r.Add(3, Binary{Program: "./raced", SHA256: "c", Settings: map[string]string{"-race": "true"}}) // the same one
	require.Equal(t, []string{"./raced was built with the race detector (-race): its times and its memory are those of that too (build it without)"}, r.Doubts())
}
