package main

import (
	"fmt"
	"strconv"
	"strings"
)

// hugeBytes adds up AnonHugePages (proc_pid_smaps(5)) of all mappings that
// overlap start to end.
func hugeBytes(smaps string, start, end uint64) (int64, error) {
	sum, inside := int64(0), false
	for line := range strings.Lines(smaps) {
		head, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if low, high, ok := addresses(head); ok {
			inside = low < end && start < high
			continue
		}
		if !inside || head != "AnonHugePages:" {
			continue
		}
		kib, ok := strings.CutSuffix(strings.TrimSpace(rest), " kB")
		n, err := strconv.ParseUint(kib, 10, 40)
		if !ok || err != nil {
			return 0, fmt.Errorf("AnonHugePages is %q, want a size in kB", strings.TrimSpace(rest))
		}
		sum += int64(n) << 10
	}
	return sum, nil
}

// addresses reads the head of a mapping: 7f0000000000-7f0000200000.
func addresses(text string) (low, high uint64, ok bool) {
	a, b, ok := strings.Cut(text, "-")
	if !ok {
		return 0, 0, false
	}
	low, errA := strconv.ParseUint(a, 16, 64)
	high, errB := strconv.ParseUint(b, 16, 64)
	return low, high, errA == nil && errB == nil
}
