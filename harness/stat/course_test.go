package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/sample"
)

// windows are courses of some trials, of so many parts each.
func windows(trials, parts int, part func(trial, at int) float64) [][]float64 {
	all := make([][]float64, trials)
	for t := range all {
		for at := range parts {
			all[t] = append(all[t], part(t, at))
		}
	}
	return all
}

func TestAWarmUpWithinTheWindowIsFoundWhereItEnds(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 1))
	check := func(want string, trials int, part func(at int) float64) {
		t.Helper()
		noisy := func(_, at int) float64 { return part(at) * math.Exp(0.05*rng.NormFloat64()) }
		s := series{name: "thp=never", courses: windows(trials, 32, noisy)}
		got := strings.Join(s.unsteady(2), "\n")
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	warming := func(by float64, parts int) func(int) float64 {
		return func(at int) float64 {
			if at < parts {
				return 100 * (1 + by)
			}
			return 100
		}
	}
	check("steady window: an operation in the first 19 % of the windows of thp=never takes 1", 20, warming(0.14, 6))
	check("steady window: an operation in the first 19 % of the windows of thp=never takes 1", 9, warming(0.14, 6))
	check("", 8, warming(0.14, 6)) // p is 2/2^8 at best, and two series share 1 %
	check("steady window: an operation in the first 3 % of the windows of thp=never takes 1", 20, warming(1, 1))
	check("", 20, warming(0.1, 1)) // moves the mean by 0.3 %
	check("steady window: an operation in the first 50 % of the windows of thp=never takes 1", 20, warming(-0.12, 16))
	check("steady window: an operation in the last 9 % of the windows of thp=never takes 4", 200, warming(-0.3, 29))
	check("", 200, warming(0, 0))
	check("steady window: ", 20, func(at int) float64 { return 100 * (1 + 0.3*math.Exp(-float64(at)/8)) }) // bit by bit
}

func TestACourseOfAWindowIsReadWithItsTrials(t *testing.T) {
	build := func(metric string, slow float64) string {
		rng := rand.New(rand.NewPCG(42, 1))
		var samples []sample.Sample
		for b := range 12 {
			for cell := range 2 {
				s := trial(b, cell, 100+rng.NormFloat64(), metric)
				for at := range 10 {
					s.Course = append(s.Course, 100+rng.NormFloat64()+slow*float64(max(0, 2-at)*cell))
				}
				samples = append(samples, s)
			}
		}
		q := madviseOverNever
		q.Metric = metric
		c, err := Compare(grid(thp), samples, q)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(c.Warnings(), "\n")
	}
	const want = "steady window: an operation in the first 20 % of the windows of thp=madvise takes "
	if got := build("ns/op", 20); !strings.HasPrefix(got, want) || strings.Contains(got, "thp=never") {
		t.Errorf("got %q, want %q of the one cell alone", got, want)
	}
	if got := build("ns/op", 0); got != "" {
		t.Errorf("a steady window: %q", got)
	}
	if got := build("peak-RSS-bytes", 20); got != "" {
		t.Errorf("a metric that the course says nothing of: %q", got)
	}
}

// Disturbances that last for several parts, come anywhere and are large raise no
// more alarms than the rule says: the trial is the unit.
func TestSteadyWindowsAreRarelyDoubted(t *testing.T) {
	noises := map[string]func(*rand.Rand) func(int, int) float64{
		"independent": func(r *rand.Rand) func(int, int) float64 {
			return func(int, int) float64 { return math.Exp(0.2 * r.NormFloat64()) }
		},
		"bursts": func(r *rand.Rand) func(int, int) float64 {
			from, to := 0, 0
			return func(_, at int) float64 {
				if at == 0 {
					from = r.IntN(10) - 2
					to = from + 2
				}
				v := math.Exp(0.05 * r.NormFloat64())
				if at >= from && at < to {
					v *= 1.5
				}
				return v
			}
		},
		"wandering": func(r *rand.Rand) func(int, int) float64 {
			level := 0.0
			return func(_, at int) float64 {
				if at == 0 {
					level = 0
				}
				level += 0.1 * r.NormFloat64()
				return math.Exp(level)
			}
		},
	}
	const reps = 2000
	for name, noise := range noises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(43, 1))
			alarms := 0
			for range reps {
				trials := 8 + rng.IntN(10)
				for range 2 {
					s := series{courses: windows(trials, 8, noise(rng))}
					if s.unsteady(2) != nil {
						alarms++
						break
					}
				}
			}
			atMost(t, name+": "+steadyWindow.name, alarms, reps, steadyWindow.alarm)
		})
	}
}

func TestSignsAreCountedOut(t *testing.T) {
	// Three trials, two parts: the sums are +1, +1 and -1 of one unit. Of 4 signs up
	// to their mirror image, one makes |sum| 3 and three make it 1: all reach 1.
	bends := [][]float64{{1}, {1}, {-1}}
	for far, want := range map[float64]float64{1: 1, 3: 0.25} {
		if p := flipped(bends, far, 0.01); p != want {
			t.Errorf("p of %v is %v, want %v", far, p, want)
		}
	}
	// Drawn signs agree with all of them.
	rng := rand.New(rand.NewPCG(44, 1))
	var few [][]float64
	for range exactFlips {
		few = append(few, []float64{rng.NormFloat64(), rng.NormFloat64()})
	}
	sums := make([]float64, 2)
	for _, one := range few {
		add(sums, one, 1)
	}
	_, far := furthest(sums)
	exact := flipped(few, far, 1)
	drawn := flipped(append(few, []float64{0, 0}), far, 1e-4)
	if math.Abs(exact-drawn) > 0.2 { // drawing ends early, for p is far above the limit
		t.Errorf("exact %v, drawn %v", exact, drawn)
	}
}

func TestWindowsThatTellNothingRaiseNothing(t *testing.T) {
	for _, w := range [][][]float64{nil, {{1}}, windows(20, 32, func(int, int) float64 { return 5 })} {
		if b := course(w, 0.01); b.p != 1 {
			t.Errorf("%s: p %v", fmt.Sprint(len(w)), b.p)
		}
	}
	uneven := windows(20, 32, func(_, at int) float64 { return float64(1 + at) })
	uneven[3] = uneven[3][:7]
	if b := course(uneven, 0.01); b.trials != 19 {
		t.Errorf("%d trials of one length, want 19", b.trials)
	}
}
