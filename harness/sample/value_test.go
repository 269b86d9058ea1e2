package sample

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryValueComesBackFromJSON(t *testing.T) {
	check := func(v float64, want string) {
		t.Helper()
		text, err := json.Marshal(Value{v, "ns/op"})
		require.NoError(t, err)
		require.JSONEq(t, want, string(text))
		var back Value
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, "ns/op", back.Unit)
		if back.Value != v && !(math.IsNaN(v) && math.IsNaN(back.Value)) {
			t.Errorf("%v came back as %v", v, back.Value)
		}
	}
	check(0.1, `{"value": 0.1, "unit": "ns/op"}`)
	check(-5e300, `{"value": -5e+300, "unit": "ns/op"}`)
	check(math.NaN(), `{"value": "NaN", "unit": "ns/op"}`)
	check(math.Inf(1), `{"value": "+Inf", "unit": "ns/op"}`)
	check(math.Inf(-1), `{"value": "-Inf", "unit": "ns/op"}`)
	for _, bad := range []string{`{"value": "fast", "unit": "x"}`, `{"value": {}, "unit": "x"}`, `[]`} {
		require.Error(t, json.Unmarshal([]byte(bad), new(Value)), bad)
	}
}

// What is no number has no place among others, so that no median can be told.
func TestAMedianOfWhatIsNoNumberIsNone(t *testing.T) {
	lines := []Line{{Name: "A", Iters: 1, Values: []Value{{math.NaN(), "ns/op"}, {math.Inf(1), "x"}}}}
	for range 4 {
		lines = append(lines, Line{Name: "A", Iters: 1, Values: []Value{{5, "ns/op"}, {2, "x"}}})
	}
	folded := Fold(lines)
	require.Len(t, folded, 1)
	ns, _ := folded[0].Get("ns/op")
	require.True(t, math.IsNaN(ns), "%v", ns)
	x, _ := folded[0].Get("x")
	require.Equal(t, 2.0, x)
}
