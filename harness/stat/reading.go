package stat

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchunit"

	"github.com/assaylab/assay/harness/sample"
)

// Same says whether two units mean the same metric, and what a value in the
// first is to be multiplied by to be in the second: "sec/op" and "ns/op" do, by 1e9.
func Same(from, to string) (factor float64, ok bool) {
	if from == to {
		return 1, true
	}
	f, a := benchunit.Tidy(1, from)
	t, b := benchunit.Tidy(1, to)
	return f / t, a == b
}

// A reader finds one metric on the lines of samples. Both sides go through
// benchunit.Tidy, so that a claim may say what benchstat prints.
type reader struct {
	metric, benchmark string
}

// value is a line's value in the reader's unit.
func (r reader) value(l sample.Line) (float64, bool) {
	for _, v := range l.Values {
		if f, ok := Same(v.Unit, r.metric); ok {
			return v.Value * f, true
		}
	}
	return 0, false
}

// values appends the metric's values in one trial: one for every line of the
// name. Absent is not zero: a line without the metric gives none.
func (r reader) values(vs []float64, s *sample.Sample) ([]float64, error) {
	for _, l := range s.Lines {
		if l.Name != r.benchmark {
			continue
		}
		v, ok := r.value(l)
		if !ok {
			continue
		}
		// The sum of two must stay finite.
		if math.IsNaN(v) || math.Abs(v) > math.MaxFloat64/4 {
			return nil, fmt.Errorf("%s is %v in trial %d: no number to compare (look at its lines in %s)", r.metric, v, s.N, s.File)
		}
		vs = append(vs, v)
	}
	return vs, nil
}

// alike says of a counter that the lines of each trial have it alike: what is counted
// is of the whole trial.
func (r reader) alike(samples []*sample.Sample) bool {
	for _, s := range samples {
		var all []float64
		for _, l := range s.Lines {
			if v, ok := r.value(l); ok {
				all = append(all, v)
			}
		}
		if len(slices.Compact(all)) > 1 {
			return false
		}
	}
	return sample.GroupOf(r.metric) != ""
}

// newReader settles which line name is meant. Without one, a single name must
// hold the metric, or all names alike.
func newReader(metric, benchmark string, samples []*sample.Sample) (reader, error) {
	r := reader{metric: metric, benchmark: strings.TrimPrefix(benchmark, "Benchmark")}
	var with, units []string
	note := func(list *[]string, s string) {
		if !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for _, s := range samples {
		for _, l := range s.Lines {
			if _, ok := r.value(l); ok {
				note(&with, l.Name)
				continue
			}
			for _, v := range l.Values {
				note(&units, v.Unit)
			}
		}
	}
	slices.Sort(with)
	slices.Sort(units)
	switch {
	case len(samples) == 0:
		return r, nil
	case len(with) == 0 && len(units) == 0:
		return r, fmt.Errorf("no trial printed %s", metric)
	case len(with) == 0:
		return r, fmt.Errorf("no trial printed %s (they printed %s)", metric, strings.Join(units, ", "))
	case r.benchmark == "" && (len(with) == 1 || r.alike(samples)):
		r.benchmark = with[0]
	case r.benchmark == "":
		return r, fmt.Errorf("%s stands on the lines %s (choose one with benchmark:)", metric, strings.Join(with, ", "))
	case !slices.Contains(with, r.benchmark):
		return r, fmt.Errorf("no line %s holds %s (%s does)", r.benchmark, metric, strings.Join(with, ", "))
	}
	return r, nil
}
