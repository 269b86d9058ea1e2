package driver

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// peakRSS reads VmHWM, in bytes, from a status file of /proc (proc_pid_status(5)).
func peakRSS(file string) (int64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	peak, err := parsePeak(string(text))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	return peak, nil
}

func parsePeak(status string) (int64, error) {
	for line := range strings.Lines(status) {
		rest, ok := strings.CutPrefix(line, "VmHWM:")
		if !ok {
			continue
		}
		kib, ok := strings.CutSuffix(strings.TrimSpace(rest), " kB")
		n, err := strconv.ParseUint(strings.TrimSpace(kib), 10, 53)
		if !ok || err != nil {
			return 0, fmt.Errorf("VmHWM is %q, want a size in kB", strings.TrimSpace(rest))
		}
		return int64(n) << 10, nil
	}
	return 0, errors.New("no line VmHWM (is this a kernel thread?)")
}
