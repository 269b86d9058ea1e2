package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// medians are cells of some benchmarks and units, whose values rise from one to the next.
func medians(cells int, benchmarks []string, units ...string) []CellRow {
	var rows []CellRow
	v := 100.0
	for i := range cells {
		row := CellRow{Cell: i, Name: fmt.Sprintf("goamd64=v%d", i+1), N: 20}
		for _, b := range benchmarks {
			for _, u := range units {
				row.Medians = append(row.Medians, Median{Metric: column{b, u}.title(), Benchmark: b, Unit: u, Value: v, N: 20})
				v *= 1.5
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func grided(cells []CellRow) string {
	var t terminal
	t.grid(cellSection(Report{Cells: cells}).grid)
	return t.b.String()
}

func TestMediansAreLaidOutLongWhereTheyAreTooWide(t *testing.T) {
	check := func(cells []CellRow, want string) {
		t.Helper()
		if got := grided(cells); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	}
	check(medians(2, []string{""}, "ns/op", "B/op"), `
cell         n  ns/op   B/op
goamd64=v1  20    100    150
goamd64=v2  20    225  337.5
`)
	many := []string{"SortInts1K", "SortInts64K/sorted", "SortStringsOfManySorts1K"}
	check(medians(2, many, "ns/op"), `
cell         n  SortInts1K ns/op  SortInts64K/sorted ns/op  SortStringsOfManySorts1K ns/op
goamd64=v1  20               100                       150                             225
goamd64=v2  20             337.5                     506.2                           759.4
`)
	check(medians(2, append(many, "SortStable"), "ns/op"), `
benchmark                 cell         n         ns/op
SortInts1K                goamd64=v1  20     100 ns/op
SortInts1K                goamd64=v2  20   506.2 ns/op
SortInts64K/sorted        goamd64=v1  20     150 ns/op
SortInts64K/sorted        goamd64=v2  20   759.4 ns/op
SortStringsOfManySorts1K  goamd64=v1  20  0.2250 µs/op
SortStringsOfManySorts1K  goamd64=v2  20   1.139 µs/op
SortStable                goamd64=v1  20  0.3375 µs/op
SortStable                goamd64=v2  20   1.709 µs/op
`)
	check(medians(2, []string{""}, "gc-mark-cpu-ns/cycle", "gc-assist-cpu-ns/cycle", "p99-sched-latency-ns", "heap-objects-bytes", "mutex-wait-ns"), `
metric                  cell         n           median
gc-mark-cpu-ns/cycle    goamd64=v1  20     100 ns/cycle
gc-mark-cpu-ns/cycle    goamd64=v2  20   759.4 ns/cycle
gc-assist-cpu-ns/cycle  goamd64=v1  20  0.1500 µs/cycle
gc-assist-cpu-ns/cycle  goamd64=v2  20   1.139 µs/cycle
p99-sched-latency-ns    goamd64=v1  20        0.2250 µs
p99-sched-latency-ns    goamd64=v2  20         1.709 µs
heap-objects-bytes      goamd64=v1  20       0.3296 KiB
heap-objects-bytes      goamd64=v2  20        2.503 KiB
mutex-wait-ns           goamd64=v1  20        0.5062 µs
mutex-wait-ns           goamd64=v2  20         3.844 µs
`)
}

// Text and Markdown are of one grid.
func TestMarkdownTakesTheLongTableToo(t *testing.T) {
	r := Report{Cells: medians(4, []string{"TrailingZeros64", "OnesCount64", "Reverse64", "RotateLeft64", "LeadingZeros64"}, "ns/op")}
	var b bytes.Buffer
	require.NoError(t, Markdown(&b, r))
	require.Contains(t, b.String(), "| benchmark | cell | n | ns/op |\n|---|---|---:|---:|\n| TrailingZeros64 | goamd64=v1 | 20 |")
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "| TrailingZeros64") && len(line) > mostWide {
			t.Errorf("%d characters: %s", len(line), line)
		}
	}
}
