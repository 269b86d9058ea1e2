// Command cpu-kernels runs one small computation over and over: what a
// compiler's target level (GOAMD64, GOARM64), a CPU feature or a clock
// frequency does to it.
//
// One operation is some 10 µs of a kernel (kernels.go) over data that stays in
// the first-level cache or close to it. Its answer is compared, every time,
// with one that was known before: a published vector, a closed form, or the
// result of another program.
package main

import (
	"github.com/assaylab/assay/workloads/internal/driver"
)

func main() { driver.Main(cpuKernels) }

var cpuKernels = driver.Workload{
	Name:      "cpu-kernels",
	Benchmark: "CPUKernels",
	Doc:       "a small computation over and over: sin, FMA, bit counts, AES, SHA-256, sort, JSON, regexp, bounds-checked loops",
	Examples: []string{
		"go run ./workloads/cpu-kernels -kernel=sha256 -count=10 | benchstat -",
		"GOAMD64=v3 go run ./workloads/cpu-kernels -kernel=fma",
		"GODEBUG=cpu.aes=off go run ./workloads/cpu-kernels -kernel=aes",
	},
	Primary: driver.PrimaryCPU,
	Declare: func(p *driver.Params) driver.Setup {
		var (
			name string
			ops  int64
		)
		p.String(&name, "kernel", "sin", "what is computed: "+descriptions(), driver.OneOf(names()...))
		p.Int(&ops, "ops", "100000", "operations of the window; a tenth of them go before it as warm-up",
			driver.Min("1"), driver.Max("1000000000000"))
		return func(string) (driver.Trial, error) { return setup(name, ops) }
	},
}
