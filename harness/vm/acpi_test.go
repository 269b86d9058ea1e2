package vm

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProcessorTableIsOneThatACPITakes(t *testing.T) {
	table := processorTable(2, []int{2_000_000, 800_000})
	var sum byte
	for _, b := range table {
		sum += b
	}
	require.Zero(t, sum, "all bytes of a table add up to 0")
	require.EqualValues(t, len(table), binary.LittleEndian.Uint32(table[4:]))
	require.Equal(t, "SSDT", string(table[:4]))
	for _, name := range []string{`\` + "\x2f\x03_SB_CPUSC000", `\` + "\x2f\x03_SB_CPUSC001"} {
		require.Equal(t, 1, bytes.Count(table, []byte(name)))
	}
	// The first state of a processor, by hand: 2000 MHz, 10000 mW, 10 µs twice,
	// control and status 0.
	state := []byte{opPackage, 14, 6, opWord, 0xd0, 0x07, opWord, 0x10, 0x27, opByte, 10, opByte, 10, opZero, opZero}
	require.Equal(t, 2, bytes.Count(table, state))
}

// The scopes are as long as they say: they lie end to end.
func TestLengthsOfObjectsAddUp(t *testing.T) {
	for _, cpus := range []int{1, 4, 16} {
		left := processorTable(cpus, []int{3_000_000, 2_400_000, 1_800_000, 1_200_000, 800_000})[36:]
		for range cpus {
			require.EqualValues(t, opScope, left[0])
			left = left[1+length(left[1:]):]
		}
		require.Empty(t, left)
	}
}

// length reads a PkgLength.
func length(b []byte) int {
	more := int(b[0] >> 6)
	if more == 0 {
		return int(b[0] & 0x3f)
	}
	n := int(b[0] & 0xf)
	for i := range more {
		n |= int(b[1+i]) << (4 + 8*i)
	}
	return n
}

func TestSizesTakeTheFewestBytes(t *testing.T) {
	for _, n := range []int{0, 1, 61, 62, 63, 64, 4092, 4093, 4094, 4095, 70_000, 1 << 20} {
		object := sized(opPackage, make([]byte, n))
		if got := length(object[1:]); got != len(object)-1 {
			t.Errorf("%d bytes of content: the object says %d of %d", n, got, len(object)-1)
		}
	}
}
