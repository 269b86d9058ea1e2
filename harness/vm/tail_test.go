package vm

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTailKeepsTheEnd(t *testing.T) {
	var all bytes.Buffer
	end := tail{also: &all}
	for range 100 {
		_, err := end.Write([]byte(strings.Repeat("x", 100)))
		require.NoError(t, err)
	}
	_, err := end.Write([]byte("\x1b[2Jpanic\r\n"))
	require.NoError(t, err)
	require.Len(t, end.text, kept)
	require.True(t, strings.HasSuffix(end.String(), "x[2Jpanic"), "control characters and the last line's end are left out")
	require.Equal(t, 100*100+11, all.Len())
}
