package stat

import "fmt"

// Doubts are the reasons not to take values in run order for independent ones of
// one kind, as an unpaired comparison must. name is what they are called, among
// how many series are looked at together: they share the limit.
func Doubts(name string, values []float64, among int) []string {
	var w []string
	if len(values) >= drift.least {
		rho, p := trend(values)
		switch {
		case p < drift.limit/float64(among):
			way := "rises"
			if rho < 0 {
				way = "falls"
			}
			w = append(w, fmt.Sprintf("drift: %s %s over its %d values (Spearman %.2f, p %.2g): its median depends on when it was measured", name, way, len(values), rho, p))
		case alike(values) < autocorrelation.limit/float64(among):
			w = append(w, fmt.Sprintf("autocorrelation: values of %s are like their neighbours in run order: they are not independent and the interval is too narrow", name))
		}
	}
	if share := repeats(values); len(values) >= ties.least && share > ties.limit {
		return w // gaps between repeated values are the metric's steps
	}
	if lo, hi, p := gap(values); p < modes.limit/float64(among) {
		w = append(w, fmt.Sprintf("several modes: no value of %s lies between %.4g and %.4g, with several on both sides: the median describes neither", name, lo, hi))
	}
	return w
}
