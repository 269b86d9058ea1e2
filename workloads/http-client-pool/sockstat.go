package main

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// timeWait is how many TCP sockets of this network namespace are in TIME_WAIT; ok
// is false where the kernel does not say.
func timeWait() (n int64, ok bool, err error) {
	text, err := os.ReadFile("/proc/net/sockstat")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	n, ok = parseTimeWait(string(text))
	return n, ok, err
}

// parseTimeWait finds tw on the line of TCP (sockstat_seq_show in net/ipv4/proc.c),
// which counts IPv6 as well.
func parseTimeWait(text string) (n int64, ok bool) {
	for line := range strings.Lines(text) {
		counts, found := strings.CutPrefix(line, "TCP:")
		if !found {
			continue
		}
		fields := strings.Fields(counts)
		for i := 0; i+1 < len(fields); i += 2 {
			if fields[i] == "tw" {
				n, err := strconv.ParseInt(fields[i+1], 10, 64)
				return n, err == nil && n >= 0
			}
		}
	}
	return 0, false
}
