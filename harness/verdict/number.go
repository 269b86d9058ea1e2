package verdict

import (
	"math"
	"strconv"

	"github.com/assaylab/assay/harness/stat"
)

// percent shows a share with four digits at most: "97.5 %".
func percent(share float64) string {
	return strconv.FormatFloat(100*share, 'g', 4, 64) + " %"
}

// number shows a value with four digits at least, three decimals near 1, and as
// many as it takes to show it on the side of the region's bounds where it lies.
func number(v float64, r stat.Region) string {
	decimals := 3
	if a := math.Abs(v); a >= 1e15 || a > 0 && a < 1e-9 {
		return strconv.FormatFloat(v, 'g', -1, 64)
	} else if a > 0 {
		decimals = max(0, 3-int(math.Floor(math.Log10(a))))
		if a < 1 && a >= 0.1 {
			decimals = 3
		}
	}
	if v == 0 || v == math.Trunc(v) && math.Abs(v) >= 10 {
		decimals = 0
	}
	return onItsSide(v, decimals, r)
}

// onItsSide shows a value with as many decimals, and more where it takes them.
func onItsSide(v float64, decimals int, r stat.Region) string {
	for ; decimals < 17; decimals++ {
		text := strconv.FormatFloat(v, 'f', decimals, 64)
		shown, _ := strconv.ParseFloat(text, 64)
		if sideOf(shown, r.Lo) == sideOf(v, r.Lo) && sideOf(shown, r.Hi) == sideOf(v, r.Hi) {
			return text
		}
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func sideOf(v float64, b stat.Bound) int {
	switch {
	case b.Inf || v == b.Value:
		return 0
	case v < b.Value:
		return -1
	}
	return 1
}

// plain shows a value in full: an exact one has no digits to spare.
func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
