package stat

import (
	"bufio"
	"bytes"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/workloads/wire"
)

// A set is one data set with what R says of it: numbers by key; see testdata/check.R.
type set map[string][]float64

// fromR reads the sets kept in testdata or, with ASSAY_TEST_R=1, asks R itself.
func fromR(t *testing.T) []set {
	t.Helper()
	text, err := os.ReadFile("testdata/from-r.txt")
	if os.Getenv("ASSAY_TEST_R") == "1" {
		text, err = exec.Command("Rscript", "testdata/check.R").Output()
	}
	require.NoError(t, err)
	var sets []set
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if words[0] == "set" {
			sets = append(sets, set{})
		}
		for _, w := range words[1:] {
			v, err := strconv.ParseFloat(w, 64)
			require.NoError(t, err)
			last := sets[len(sets)-1]
			last[words[0]] = append(last[words[0]], v)
		}
	}
	require.NoError(t, lines.Err())
	require.Len(t, sets, 20)
	return sets
}

// same holds numbers to R's, to six digits.
func (s set) same(t *testing.T, key string, got ...float64) {
	t.Helper()
	want := s[key]
	if len(got) != len(want) {
		t.Fatalf("set %v, %s: %d numbers, R has %d", s["set"], key, len(got), len(want))
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-6*math.Abs(want[i])+1e-12 {
			t.Errorf("set %v, %s: %v, R says %v", s["set"], key, got, want)
			return
		}
	}
}

// An effect or a shift has what wilcox.test gives: level, estimate, interval, p.
type tested interface {
	Estimate() float64
	Interval(level float64) Interval
	P(Region) (float64, Place)
}

func (s set) wilcoxon(t *testing.T, key string, x tested) {
	t.Helper()
	level := s[key][0]
	i := x.Interval(level)
	p, place := x.P(Only(0))
	if place != Outside {
		p = 1
	}
	s.same(t, key, level, x.Estimate(), i.Lo, i.Hi, p)
}

func TestEffectsAreWhatRSays(t *testing.T) {
	for _, s := range fromR(t) {
		s.wilcoxon(t, "signed-rank", NewEffect(Value, s["x"], 0))
		var shifts Shifts
		s.wilcoxon(t, "rank-sum", shifts.New(Difference, s["a"], s["b"], wire.Resolution{}))
	}
}

func TestCorrectionsAreWhatRSays(t *testing.T) {
	for _, s := range fromR(t) {
		s.same(t, "holm", HolmAdjusted(s["p"], len(s["p"]))...)
		m := s["holm-of"][0]
		s.same(t, "holm-of", append([]float64{m}, HolmAdjusted(s["p"], int(m))...)...)
		s.same(t, "bh", BenjaminiHochberg(s["p"])...)
	}
}

func TestBootstrapIsWhatRSays(t *testing.T) {
	for _, s := range fromR(t) {
		indices := s["indices"]
		n := len(s["s"])
		draw := func(into []int) {
			for i := range into {
				into[i] = int(indices[i]) - 1
			}
			indices = indices[n:]
		}
		i, ok := BCa(n, pseudoMedians(s["s"]), len(indices)/n, draw, 0.95)
		require.True(t, ok)
		s.same(t, "bca", i.Lo, i.Hi)
	}
}

func TestVariationIsTheTableOfR(t *testing.T) {
	for _, s := range fromR(t) {
		blocks, a, b := int(s["matrix"][0]), int(s["matrix"][1]), int(s["matrix"][2])
		p := grid(levels("a", a), levels("b", b))
		v, err := Allocate(p, readings(p, blocks, func(block int, c plan.Cell) float64 {
			if c.Index == a*b { // the aa arm is left out
				return 0
			}
			return s["logs"][block*a*b+c.Index]
		}), ofAll)
		require.NoError(t, err)
		of := map[string]Source{}
		for _, x := range v.Sources {
			of[x.Name()] = x
		}
		var squares, degrees []float64
		for _, name := range []string{"a", "b", "blocks", "a x b", "noise"} {
			squares, degrees = append(squares, of[name].SS), append(degrees, float64(of[name].DF))
		}
		s.same(t, "squares", squares...)
		s.same(t, "degrees", degrees...)
	}
}
