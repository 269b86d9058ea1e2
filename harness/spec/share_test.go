package spec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAShareIsOfOneCellOrSplitIntoSuch(t *testing.T) {
	check := func(compare string) {
		t.Helper()
		text := strings.Replace(small, "of: {thp: always}, to: {thp: never}", compare, 1)
		e, err := Parse("small.yaml", []byte(strings.Replace(text, "ratio < 1", "share < 0.1", 1)))
		require.NoError(t, err)
		_, err = Check(e, lab{})
		require.NoError(t, err)
	}
	check("of: {thp: always, gogc: 50}")
	check("of: {thp: always}, each: [gogc]")
}
