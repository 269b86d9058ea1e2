package wire

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Canonical parses the text of a level and gives the one text that stands for
// it in files, hashes and comparisons. It is a fixed point: a canonical text is
// its own canonical text. The error says what is allowed.
func Canonical(kind Kind, text string) (string, error) {
	switch kind {
	case Int:
		n, err := ParseInt(text)
		return strconv.FormatInt(n, 10), err
	case Float:
		f, err := ParseFloat(text)
		return strconv.FormatFloat(f, 'g', -1, 64), err
	case Bytes:
		n, err := ParseBytes(text)
		return FormatBytes(n), err
	case Duration:
		d, err := ParseDuration(text)
		return d.String(), err
	case Bool:
		b, err := ParseBool(text)
		return strconv.FormatBool(b), err
	case String:
		return text, checkString(text)
	}
	return "", fmt.Errorf("no such kind of param: %q (int, float, bytes, duration, bool or string)", kind)
}

// ParseInt reads a decimal integer, an exponent allowed: 100000 or 1e5.
func ParseInt(text string) (int64, error) {
	bad := fmt.Errorf("%q is not an integer (write 100000 or 1e5)", text)
	mantissa, exp, hasExp := strings.Cut(strings.ToLower(text), "e")
	if !isDecimal(mantissa, false) || (hasExp && !isDecimal(exp, false)) {
		return 0, bad
	}
	n, err := strconv.ParseInt(mantissa, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q does not fit in 64 bits", text)
	}
	zeros := 0
	if hasExp {
		if zeros, err = strconv.Atoi(exp); err != nil || zeros < 0 {
			return 0, bad
		}
	}
	for ; zeros > 0 && n != 0; zeros-- {
		if n > math.MaxInt64/10 || n < math.MinInt64/10 {
			return 0, fmt.Errorf("%q does not fit in 64 bits", text)
		}
		n *= 10
	}
	return n, nil
}

// ParseFloat reads a finite decimal number. Hexadecimal, Inf and NaN are refused.
func ParseFloat(text string) (float64, error) {
	mantissa, exp, hasExp := strings.Cut(strings.ToLower(text), "e")
	if !isDecimal(mantissa, true) || (hasExp && !isDecimal(exp, false)) {
		return 0, fmt.Errorf("%q is not a number (write 0.5 or 1e-3)", text)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is out of range", text)
	}
	if f == 0 {
		return 0, nil // -0 is 0
	}
	return f, nil
}

// ParseDuration reads Go's own syntax: 100ms, 1m30s.
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration (write 100ms or 1m30s)", text)
	}
	return d, nil
}

// ParseBool reads true or false and nothing else.
func ParseBool(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, fmt.Errorf("%q is neither true nor false", text)
	}
	return text == "true", nil
}

// checkString refuses what could not stand as a value of a configuration line.
func checkString(text string) error {
	switch {
	case text == "":
		return fmt.Errorf("an empty text is not a level")
	case !utf8.ValidString(text):
		return fmt.Errorf("%q is not UTF-8", text)
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("%q begins or ends with white space", text)
	case strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%q holds a control character", text)
	}
	return nil
}

// isDecimal reports whether s is an optional sign and digits, with at most one
// point among them where that is allowed.
func isDecimal(s string, point bool) bool {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	if point {
		s = strings.Replace(s, ".", "", 1)
	}
	return s != "" && strings.Trim(s, "0123456789") == ""
}
