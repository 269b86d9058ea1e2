package byhand

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	Main(m, func() {
		if len(os.Args) > 1 && os.Args[1] == "-fail" {
			fmt.Fprintln(os.Stderr, "no")
			os.Exit(3)
		}
		fmt.Println("goos: linux\nBenchmarkX\t7\t2.5 ns/op\t0 refused-errors")
		os.Exit(0)
	})
}

func TestTheWorkloadIsThisBinary(t *testing.T) {
	code, values, errs := Run(t)
	require.Zero(t, code)
	require.Empty(t, errs)
	require.Equal(t, map[string]float64{"ops": 7, "ns/op": 2.5, "refused-errors": 0}, values)
	code, values, errs = Run(t, "-fail")
	require.Equal(t, 3, code)
	require.Equal(t, "no\n", errs)
	require.Empty(t, values)
}
