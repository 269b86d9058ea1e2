package verdict

import "github.com/assaylab/assay/harness/sample"

// An ofBenchmark is where the line of a benchmark stands in each of some samples; -1
// where it does not.
type ofBenchmark struct {
	name string
	at   []int
}

// byBenchmark are the benchmarks that have a metric, in the order in which they were
// printed.
func byBenchmark(samples []sample.Sample, metric string) []*ofBenchmark {
	var all []*ofBenchmark
	known := map[string]*ofBenchmark{}
	for i, s := range samples {
		for j, l := range s.Lines {
			if !has(l, metric) {
				continue
			}
			b := known[l.Name]
			if b == nil {
				b = &ofBenchmark{l.Name, make([]int, len(samples))}
				for k := range b.at {
					b.at[k] = -1
				}
				known[l.Name], all = b, append(all, b)
			}
			b.at[i] = j
		}
	}
	return all
}

// of leaves each of the samples in own the line of the benchmark alone. A question
// about one of a thousand then reads no line of the others.
func (b *ofBenchmark) of(samples, own []sample.Sample) {
	for i, j := range b.at {
		own[i] = samples[i]
		own[i].Lines = nil
		if j >= 0 {
			own[i].Lines = samples[i].Lines[j : j+1]
		}
	}
}
