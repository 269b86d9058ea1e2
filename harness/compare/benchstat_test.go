package compare

import (
	"encoding/csv"
	"fmt"
	"math"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"golang.org/x/perf/benchunit"

	"github.com/assaylab/assay/harness/testenv"
)

var pValue = regexp.MustCompile(`p=(\d\.\d+)`)

// Medians are benchstat's, and so is p where nothing is tied: both count the
// rank-sum distribution out.
func TestMediansAndPAreBenchstats(t *testing.T) {
	bin := testenv.Benchstat(t)
	var a, b strings.Builder
	for i := range 6 {
		a.WriteString(lines(fmt.Sprintf("X%d", i), 4+i, 1000, 0.05, uint64(i)))
		b.WriteString(lines(fmt.Sprintf("X%d", i), 9, 1000*(1+0.02*float64(i)), 0.05, uint64(50+i)))
	}
	left, right := file(t, a.String()), file(t, b.String())
	out, err := exec.Command(bin, "-format", "csv", left, right).Output()
	require.NoError(t, err)
	r := compared(t, left, right)
	reader := csv.NewReader(strings.NewReader(string(out)))
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	require.NoError(t, err)
	unit, checked := "", 0
	for _, rec := range records {
		switch {
		case len(rec) > 3 && rec[0] == "" && rec[2] == "CI":
			unit = rec[1]
		case len(rec) > 6 && strings.HasPrefix(rec[0], "X"):
			for _, x := range r.Rows {
				if _, tidy := benchunit.Tidy(1, x.Metric); x.Name() != rec[0] || tidy != unit {
					continue
				}
				factor, _ := benchunit.Tidy(1, x.Metric)
				for i, got := range []float64{x.A.Median, x.B.Median} {
					want, err := strconv.ParseFloat(rec[1+2*i], 64)
					require.NoError(t, err)
					if math.Abs(got*factor/want-1) > 1e-9 {
						t.Errorf("%s %s: median %v, benchstat %v", x.Name(), unit, got*factor, want)
					}
				}
				if p := pValue.FindStringSubmatch(rec[6]); unit == "sec/op" && p != nil {
					want, err := strconv.ParseFloat(p[1], 64)
					require.NoError(t, err)
					if math.Abs(*x.P-want) > 0.0006 {
						t.Errorf("%s: p %v, benchstat %v", x.Name(), *x.P, want)
					}
				}
				checked++
			}
		}
	}
	if checked != 18 {
		t.Errorf("%d rows were held against benchstat's, want 18\n%s", checked, out)
	}
}
