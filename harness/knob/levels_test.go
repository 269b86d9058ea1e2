package knob

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLevelsHaveOneCanonicalText(t *testing.T) {
	check := func(key, text, want string) {
		t.Helper()
		got, err := Parse(key, text)
		if err != nil || got != want {
			t.Errorf("%s: %q is %q, %v; want %q", key, text, got, err, want)
		}
	}
	check("memory.max", "1024MiB", "1GiB")
	check("memory.max", "1.5GiB", "1536MiB")
	check("memory.max", "max", "max")
	check("gomemlimit", "2048KiB", "2MiB")
	check("gogc", "0100", "100")
	check("gogc", "off", "off")
	check("swappiness", "022", "22")
	check("cpu.max", "0.5", "0.5")
	check("cpu.max", "50ms/100ms", "0.5")
	check("cpu.max", "1.50", "1.5")
	check("cpu.max", "2", "2")
	check("cpu.max", "5ms/10ms", "5ms/10ms")
	check("cpu.max", "5000us/0.01s", "5ms/10ms")
	check("cpu.max", "50000 100000", "0.5")
	check("cpu.max", "max 50000", "max")
	check("cpuset.cpus", "3,0-1,1", "0-1,3")
	check("goexperiment", "nogreenteagc,jsonv2", "jsonv2,nogreenteagc")
	check("env.X", "a = b", "a = b")
	check("thp", "default", "default")
}

func TestBadLevelsAreRefusedWithTheReason(t *testing.T) {
	check := func(key, text, why string) {
		t.Helper()
		_, err := Parse(key, text)
		require.ErrorContains(t, err, why, "%s=%s", key, text)
	}
	check("thp", "sometimes", "allowed: never, madvise, always, or default")
	check("gogc", "-1", "not a whole number")
	check("gogc", "0", "from 1")
	check("gogc", "3000000000", "from 1 to 2147483647")
	check("gomaxprocs", "0", "from 1")
	check("swappiness", "201", "from 0 to 200")
	check("memory.max", "64MB", "KiB, MiB")
	check("memory.max", "64", "not a size")
	check("memory.max", "0B", "starts nothing")
	check("cpu.max", "0", "above 0")
	check("cpu.max", "0.001", "below 1ms")
	check("cpu.max", "0.123456", "at most 5 decimals")
	check("cpu.max", "500us/10ms", "below 1ms")
	check("cpu.max", "1ms/2s", "from 1ms to 1s")
	check("cpu.max", "1e3", "not a number of CPUs")
	check("cpu.max", "9000", "more than 8192 CPUs")
	check("cpuset.cpus", "3-1", "runs backwards")
	check("cpus", "0", "from 1")
	check("goamd64", "v5", "none of its levels")
	check("goexperiment", "none", "write default")
	check("goexperiment", "greenteagc,nogreenteagc", "twice")
	check("goexperiment", "a,,b", "no name of an experiment")
	check("godebug.GCTRACE", "1", "lower-case")
	check("godebug.gctrace", "1,madvdontneed=1", "comma")
	check("godebug.cpu.avx2", "0", "neither on nor off")
	check("godebug.cpu.", "off", "lower-case")
	check("godebug.gpu.x", "off", "lower-case")
	check("env.GODEBUG", "gctrace=1", "use godebug.KEY")
	check("env.GOGC", "50", "use gogc")
	check("env.PATH", "/bin", "same in every trial")
	check("env.a-b", "x", "no name of a variable")
	check("env.X", "a\nb", "control character")
	check("env.X", " a", "white space")
}

func TestQuotasAreWrittenInTheKernelsNotation(t *testing.T) {
	check := func(level, want string) {
		t.Helper()
		e, err := Resolve(map[string]string{"cpu.max": level}, machine(t, nil))
		require.NoError(t, err)
		require.Equal(t, want, e.Cgroup[0].Value)
	}
	check("0.5", "50000 100000")
	check("5ms/10ms", "5000 10000")
	check("max", "max 100000")
}

func TestSizesReadAsPeopleWriteThem(t *testing.T) {
	check := func(bytes float64, want string) {
		t.Helper()
		require.Equal(t, want, size(bytes))
	}
	check(0, "0 B")
	check(2<<30, "2 GiB")
	check(71.3*(1<<20), "71 MiB")
	check(1.25*(1<<30), "1.2 GiB")
}
