package verdict

import (
	"testing"

	"github.com/assaylab/assay/harness/stat"
)

func TestNumbersAreShownOnTheirSideOfABound(t *testing.T) {
	check := func(v, bound float64, want string) {
		t.Helper()
		if got := number(v, stat.Region{Lo: stat.Bound{Inf: true}, Hi: stat.Bound{Value: bound}}); got != want {
			t.Errorf("%v against %v is shown as %s, want %s", v, bound, got, want)
		}
	}
	check(0.998, 1, "0.998")
	check(0.99996, 1, "0.99996")
	check(1.00004, 1, "1.00004")
	check(1, 1, "1.000")
	check(0, 1, "0")
	check(124321.7, 1, "124322")
	check(0.000123456, 1, "0.0001235")
	check(-12.3456, 1, "-12.35")
	check(1e18, 1, "1e+18")
}

func TestVersionsAreComparedByTheirBeginning(t *testing.T) {
	check := func(our, theirs string, want bool) {
		t.Helper()
		if got := alike(our, theirs); got != want {
			t.Errorf("%s and the source's %s: alike %v, want %v", our, theirs, got, want)
		}
	}
	check("go1.22.5", "1.22", true)
	check("go1.22.5", "go1.22.5", true)
	check("go1.22.5", "1.2", false)
	check("6.1.0-18-amd64", "6.1", true)
	check("6.1.0-18-amd64", "6.1.0", true)
	check("6.12.1", "6.1", false)
	check("64MiB", "64MiB", true)
	check("64MiB", "8GiB", false)
}
