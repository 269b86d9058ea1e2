package cgroup

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/sysfs"
)

// io.max is one line a device, "254:0 rbps=max wbps=1048576 riops=max wiops=max";
// v1 has a file for each of the four, with lines "254:0 1048576" and none for no
// limit (admin-guide/cgroup-v1/blkio-controller.rst). Both are the same throttle
// of the block layer. What differs: v1 does not know whose page a write back is,
// so that writes are held back only where they are direct.
var throttles = []struct{ v2, v1 string }{
	{"rbps", "blkio.throttle.read_bps_device"},
	{"wbps", "blkio.throttle.write_bps_device"},
	{"riops", "blkio.throttle.read_iops_device"},
	{"wiops", "blkio.throttle.write_iops_device"},
}

// writeThrottles sets the limits that a line names. No limit is written as 0.
func writeThrottles(value string) ([]sysfs.Write, error) {
	words := strings.Fields(value)
	if len(words) < 2 {
		return nil, fmt.Errorf("%q is not \"MAJ:MIN LIMIT=VALUE...\"", value)
	}
	var writes []sysfs.Write
	for _, word := range words[1:] {
		name, limit, _ := strings.Cut(word, "=")
		i := slices.IndexFunc(throttles, func(t struct{ v2, v1 string }) bool { return t.v2 == name })
		if i < 0 {
			return nil, fmt.Errorf("%q: %s is none of rbps, wbps, riops, wiops", value, name)
		}
		number, err := maxTo("0", limit)
		if err != nil {
			return nil, err
		}
		writes = append(writes, sysfs.Write{File: throttles[i].v1, Value: words[0] + " " + number})
	}
	return writes, nil
}

// readThrottles puts the four files together, a line a device.
func readThrottles(v1 reader) (string, error) {
	var devices []string
	limits := map[string][]string{}
	for i, t := range throttles {
		text, err := v1(t.v1)
		if err != nil {
			return "", err
		}
		for line := range strings.Lines(text) {
			device, limit, ok := strings.Cut(strings.TrimSpace(line), " ")
			if !ok || limit == "0" {
				continue
			}
			if limits[device] == nil {
				devices = append(devices, device)
				limits[device] = unthrottled()
			}
			limits[device][i] = t.v2 + "=" + limit
		}
	}
	lines := make([]string, len(devices))
	for i, device := range devices {
		lines[i] = device + " " + strings.Join(limits[device], " ")
	}
	return strings.Join(lines, "\n"), nil
}

// unthrottled is a device's words without a limit, in the order of throttles.
func unthrottled() []string {
	words := make([]string, len(throttles))
	for i, t := range throttles {
		words[i] = t.v2 + "=max"
	}
	return words
}

// toBFQ takes the default of all devices, "default 200". On v1 only the scheduler
// bfq still has weights (CFQ went with Linux 5.0), on the same scale as io.weight
// with the same default, 100, but only up to 1000.
func toBFQ(value string) (string, error) {
	w, err := strconv.ParseUint(strings.TrimPrefix(value, "default "), 10, 64)
	if err != nil || w < 1 || w > 1000 {
		return "", fmt.Errorf("%q is not a weight from 1 to 1000, which is what bfq knows on cgroup v1", value)
	}
	return strconv.FormatUint(w, 10), nil
}

func defaultWeight(value string) (string, error) {
	return "default " + strings.TrimPrefix(value, "default "), nil
}
