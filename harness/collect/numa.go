package collect

import (
	"fmt"
	"strconv"
	"strings"
)

var _ = register(Collector{
	Name:   "numa",
	Doc:    "memory of the process on the nodes of the measured CPUs and on others, where there is more than one node (proc/PID/numa_maps; numa_maps(5))",
	Group:  "process",
	AtEnd:  true,
	Stands: []string{"numa-local-bytes", "numa-remote-bytes"},
	Read: func(r *Reader, c Moment) {
		if !r.set.fs.Exists("sys/devices/system/node/node1") {
			return
		}
		if text, ok := r.Process("numa_maps"); ok {
			near := func(node int) bool { return r.near(node) }
			numaMaps(text, near, c)
		}
	},
})

// near says whether a measured CPU is of a node.
func (r *Reader) near(node int) bool {
	for _, cpu := range r.CPUs {
		if r.set.fs.Exists(fmt.Sprintf("sys/devices/system/node/node%d/cpu%d", node, cpu)) {
			return true
		}
	}
	return false
}

// numaMaps adds up the words N<node>=<pages> of each line, in pages of the line's
// kernelpagesize_kB, which stands last.
func numaMaps(text string, near func(node int) bool, c Moment) {
	known := map[int]bool{}
	local, remote := 0.0, 0.0
	for line := range strings.Lines(text) {
		_, size, ok := strings.Cut(line, "kernelpagesize_kB=")
		kib, _, isSize := number([]byte(size))
		if !ok || !isSize {
			continue
		}
		for word := range strings.FieldsSeq(line) {
			node, pages, ok := nodePages(word)
			if !ok {
				continue
			}
			if _, asked := known[node]; !asked {
				known[node] = near(node)
			}
			if bytes := float64(pages) * float64(kib) * 1024; known[node] {
				local += bytes
			} else {
				remote += bytes
			}
		}
	}
	c["numa-local-bytes"], c["numa-remote-bytes"] = local, remote
}

// nodePages reads "N1=20".
func nodePages(word string) (node int, pages int64, ok bool) {
	name, count, ok := strings.Cut(word, "=")
	digits, isNode := strings.CutPrefix(name, "N")
	node, err := strconv.Atoi(digits)
	pages, rest, isCount := number([]byte(count))
	return node, pages, ok && isNode && err == nil && node >= 0 && isCount && len(rest) == 0
}
