package host

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxCPU bounds CPU numbers: NR_CPUS of the largest kernel configuration is 8192.
const maxCPU = 8192

// ParseCPUs reads the kernel's list format, "0-3,8,10-11", into ascending
// numbers, each once. The empty list is nil and no error; a stride ("0-7:2/4")
// is understood as the kernel does: of each group of 4 the first 2.
func ParseCPUs(list string) ([]int, error) {
	list = strings.TrimSpace(list)
	if list == "" {
		return nil, nil
	}
	var cpus []int
	for part := range strings.SplitSeq(list, ",") {
		some, err := parseRange(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("CPU list %q: %w", list, err)
		}
		cpus = append(cpus, some...)
	}
	slices.Sort(cpus)
	return slices.Compact(cpus), nil
}

// parseRange reads "5", "0-3" or "0-7:2/4".
func parseRange(part string) ([]int, error) {
	span, stride, grouped := strings.Cut(part, ":")
	first, last, isRange := strings.Cut(span, "-")
	if !isRange {
		last = first
	}
	lo, err := number(first)
	if err != nil {
		return nil, err
	}
	hi, err := number(last)
	if err != nil {
		return nil, err
	}
	if hi < lo {
		return nil, fmt.Errorf("%q runs backwards", part)
	}
	used, group := 1, 1
	if grouped {
		if used, group, err = parseStride(stride); err != nil {
			return nil, err
		}
	}
	var cpus []int
	for c := lo; c <= hi; c++ {
		if (c-lo)%group < used {
			cpus = append(cpus, c)
		}
	}
	return cpus, nil
}

func parseStride(s string) (used, group int, err error) {
	u, g, ok := strings.Cut(s, "/")
	if !ok {
		return 0, 0, fmt.Errorf("stride %q is not USED/GROUP", s)
	}
	if used, err = number(u); err != nil {
		return 0, 0, err
	}
	if group, err = number(g); err != nil {
		return 0, 0, err
	}
	if used < 1 || group < used {
		return 0, 0, fmt.Errorf("stride %q: want 1 <= USED <= GROUP", s)
	}
	return used, group, nil
}

func number(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n >= maxCPU {
		return 0, fmt.Errorf("%q is not a number from 0 to %d", s, maxCPU-1)
	}
	return int(n), nil
}

// FormatCPUs writes ascending numbers as the kernel does: "0-3,8,10-11".
func FormatCPUs(cpus []int) string {
	var b strings.Builder
	for i := 0; i < len(cpus); {
		j := i
		for j+1 < len(cpus) && cpus[j+1] == cpus[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(cpus[i]))
		if j > i {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(cpus[j]))
		}
		i = j + 1
	}
	return b.String()
}

// both are the CPUs that two ascending lists share.
func both(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(c int) bool { return !slices.Contains(b, c) })
}

// without are the CPUs of a that are not in b.
func without(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(c int) bool { return slices.Contains(b, c) })
}
