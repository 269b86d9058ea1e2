// Package byhand lets the tests of a workload start it as a user does: as a process
// of its own, which starts its roles itself.
package byhand

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// asWorkload is set in the environment of a test binary that is to be the workload.
const asWorkload = "ASSAY_TEST_AS_WORKLOAD"

// Main is the TestMain of a workload whose main it gets.
func Main(m *testing.M, main func()) {
	if os.Getenv(asWorkload) != "" {
		main()
	}
	os.Exit(m.Run())
}

// Command is a command in whose process the test binary is the workload: that
// binary itself, or what executes it.
func Command(t *testing.T, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), asWorkload+"=1", "TMPDIR="+t.TempDir())
	return cmd
}

// Run starts the workload with flags and gives its exit code, the values of its
// line by unit, their operations as "ops", and stderr.
func Run(t *testing.T, flags ...string) (code int, values map[string]float64, errs string) {
	t.Helper()
	cmd := Command(t, "/proc/self/exe", flags...)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	cmd.Run()
	return cmd.ProcessState.ExitCode(), valuesOf(t, out.String()), log.String()
}

// valuesOf reads the one line of a result; empty without one.
func valuesOf(t *testing.T, stdout string) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	for text := range strings.Lines(stdout) {
		f := strings.Fields(text)
		if len(f) < 2 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		pairs := append([]string{f[1], "ops"}, f[2:]...)
		for i := 0; i+1 < len(pairs); i += 2 {
			v, err := strconv.ParseFloat(pairs[i], 64)
			if err != nil {
				t.Errorf("%s: %v", pairs[i+1], err)
			}
			values[pairs[i+1]] = v
		}
	}
	return values
}
