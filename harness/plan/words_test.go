package plan

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNumbersAndNamesInASentence(t *testing.T) {
	require.Equal(t, "0 trials, 1 trial, 2 trials", Plural(0, "trial")+", "+Plural(1, "trial")+", "+Plural(2, "trial"))
	require.Equal(t, "a, b, c and 2 more", Few([]string{"a", "b", "c", "d", "e"}, 3))
	require.Equal(t, "a, b, c", Few([]string{"a", "b", "c"}, 3))
	require.Equal(t, "", Few(nil, 3))
}
