package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// many are the rows of a package with so many benchmarks.
func many(n int) Report {
	r := Report{Cells: []CellRow{{Name: "gogc=50", N: 8}, {Name: "gogc=400", N: 8}}}
	for i := range n {
		name := fmt.Sprintf("Map/len=%04d", i)
		for c := range r.Cells {
			r.Cells[c].Medians = append(r.Cells[c].Medians, Median{Metric: name + " ns/op", Benchmark: name, Unit: "ns/op", Value: float64(i + 1), N: 8})
		}
		p := 1 - float64(i)/float64(n)
		r.Effects = append(r.Effects, Effect{Exploratory: true, Benchmark: name, Metric: "ns/op", Quantity: "ratio", Of: "gogc=50", To: "gogc=400", Estimate: 1, N: 8, P: &p, Q: &p})
	}
	return r
}

func TestATableOfAThousandBenchmarksIsShortAndSaysWhereAllAre(t *testing.T) {
	r := many(1000)
	r.Effects = append(r.Effects, Effect{Claim: "one", Benchmark: "Map/len=0700", Metric: "ns/op", Quantity: "ratio", Of: "gogc=50", To: "gogc=400", Estimate: 1, N: 8})
	medians := cellSection(r)
	require.Len(t, medians.grid.rows, mostRows)
	require.Equal(t, []string{"Map/len=0700", "gogc=50", "8", "701 ns/op"}, medians.grid.rows[0])
	require.Equal(t, "Map/len=0000", medians.grid.rows[2][0])
	require.Equal(t, []string{"These are the first, those of claims before others, of 2000 rows: tables/medians.csv has all."}, medians.prose)

	explored := exploratorySection(r)
	require.Len(t, explored.grid.rows, mostRows)
	require.Equal(t, "Map/len=0999 ns/op", explored.grid.rows[0][0], "the surest first")
	require.Contains(t, explored.prose[len(explored.prose)-1], "of 1000 rows: tables/effects.csv has all.")
	require.Len(t, effectSection(r).grid.rows, 1)

	var b bytes.Buffer
	require.NoError(t, Medians(&b, r))
	require.Equal(t, 2001, strings.Count(b.String(), "\n"))
}

func TestATableThatFitsIsWhole(t *testing.T) {
	r := many(mostRows / 2)
	medians := cellSection(r)
	require.Len(t, medians.grid.rows, mostRows)
	require.Empty(t, medians.prose)
	require.Equal(t, "Map/len=0000 ns/op", exploratorySection(r).grid.rows[0][0], "in their own order")
}

func TestBenchstatsRowsAreThoseLeastLikelyByChanceInTheirOrder(t *testing.T) {
	tab := Table{Unit: "sec/op"}
	for i := range 200 {
		p := "p=0.400 n=8"
		if i%10 == 0 {
			p = "p=0.001 n=8"
		}
		tab.Rows = append(tab.Rows, Row{Label: fmt.Sprint(i), Cells: []*Cell{{N: 8}, nil, {N: 8, P: p}}})
	}
	tab.Rows = append(tab.Rows, Row{Label: "geomean", Cells: []*Cell{{}, nil, {Delta: "+1%"}}})
	short := tab.shortened()
	require.Len(t, short.Rows, mostRows+1)
	require.Equal(t, []string{"0", "1", "2"}, []string{short.Rows[0].Label, short.Rows[1].Label, short.Rows[2].Label})
	require.Equal(t, []string{"180", "190", "geomean"}, []string{short.Rows[58].Label, short.Rows[59].Label, short.Rows[60].Label})
	require.Len(t, tab.Rows, 201)
}
