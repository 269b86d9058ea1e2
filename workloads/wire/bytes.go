package wire

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

var byteUnits = []struct {
	name  string
	shift uint
}{{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"B", 0}} // B last: it ends all the others

// ParseBytes reads a size: 512B, 64MiB, 1.5GiB. The unit is obligatory, a
// fraction must be whole in bytes, and decimal units (MB) are refused because
// readers differ on what they mean.
func ParseBytes(text string) (int64, error) {
	number, shift, ok := cutUnit(text)
	if !ok || !isDecimal(number, true) || strings.HasPrefix(number, "-") || strings.HasPrefix(number, "+") {
		return 0, fmt.Errorf("%q is not a size (a number and B, KiB, MiB, GiB or TiB: 64MiB)", text)
	}
	if len(number) > 40 {
		return 0, fmt.Errorf("%.20q... has too many digits", text)
	}
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, fmt.Errorf("%q is not a size (64MiB)", text)
	}
	r.Mul(r, new(big.Rat).SetInt64(1<<shift))
	if !r.IsInt() {
		return 0, fmt.Errorf("%q is not a whole number of bytes", text)
	}
	if r.Cmp(new(big.Rat).SetInt64(math.MaxInt64)) > 0 {
		return 0, fmt.Errorf("%q does not fit in 64 bits", text)
	}
	return r.Num().Int64(), nil
}

// FormatBytes writes a size in the largest binary unit that divides it.
func FormatBytes(n int64) string {
	for _, u := range byteUnits {
		if n != 0 && n%(1<<u.shift) == 0 {
			return strconv.FormatInt(n>>u.shift, 10) + u.name
		}
	}
	return "0B"
}

func cutUnit(text string) (number string, shift uint, ok bool) {
	for _, u := range byteUnits {
		if number, ok = strings.CutSuffix(text, u.name); ok {
			return number, u.shift, true
		}
	}
	return "", 0, false
}
