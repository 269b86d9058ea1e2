package prose

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNumbersAndNamesInASentence(t *testing.T) {
	require.Equal(t, "0 trials, 1 trial, 2 trials", Plural(0, "trial")+", "+Plural(1, "trial")+", "+Plural(2, "trial"))
	require.Equal(t, "a, b, c and 2 more", Few([]string{"a", "b", "c", "d", "e"}, 3))
	require.Equal(t, "a, b, c", Few([]string{"a", "b", "c"}, 3))
	require.Equal(t, "", Few(nil, 3))
	require.Equal(t, "a, b and c", List([]string{"a", "b", "c"}))
	require.Equal(t, "a and b", List([]string{"a", "b"}))
	require.Equal(t, "a", List([]string{"a"})+List(nil))
}

func TestACutTextIsCountedInCharacters(t *testing.T) {
	require.Equal(t, "naïve", Cut("naïve", 5))
	require.Equal(t, "naï ...", Cut("naïve", 3))
	require.Equal(t, "", Cut("", 0))
}
