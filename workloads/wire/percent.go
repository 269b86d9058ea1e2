package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// ParsePercent reads the value of -inject: "5%" is 0.05. At most 1000 %.
func ParsePercent(text string) (float64, error) {
	number, ok := strings.CutSuffix(text, "%")
	if !ok || !isDecimal(number, true) || len(number) > 40 {
		return 0, fmt.Errorf("%q is not a percentage (write 5%%)", text)
	}
	share, err := strconv.ParseFloat(number+"e-2", 64) // exact where a division by 100 would round twice
	if err != nil || share < 0 || share > 10 {
		return 0, fmt.Errorf("%q is outside 0%% to 1000%%", text)
	}
	if share == 0 {
		return 0, nil // -0% is 0%
	}
	return share, nil
}

// FormatPercent writes a share as ParsePercent reads it back, to the last bit:
// the decimal point moves, nothing is multiplied.
func FormatPercent(share float64) string {
	whole, part, _ := strings.Cut(strconv.FormatFloat(share, 'f', -1, 64), ".")
	for len(part) < 2 {
		part += "0"
	}
	whole, part = strings.TrimLeft(whole+part[:2], "0"), strings.TrimRight(part[2:], "0")
	if whole == "" {
		whole = "0"
	}
	if part != "" {
		part = "." + part
	}
	return whole + part + "%"
}
