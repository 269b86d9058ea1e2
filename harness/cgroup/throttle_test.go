package cgroup

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
)

func TestLimitsOfADiskAreFourFilesOnV1(t *testing.T) {
	writes, err := v1["io.max"].write("254:0 rbps=max wbps=1048576 riops=7 wiops=max")
	require.NoError(t, err)
	require.Equal(t, []sysfs.Write{
		{File: "blkio.throttle.read_bps_device", Value: "254:0 0"},
		{File: "blkio.throttle.write_bps_device", Value: "254:0 1048576"},
		{File: "blkio.throttle.read_iops_device", Value: "254:0 7"},
		{File: "blkio.throttle.write_iops_device", Value: "254:0 0"},
	}, writes)
	files := map[string]string{
		"blkio.throttle.read_bps_device": "", "blkio.throttle.write_bps_device": "254:0 1048576\n8:0 5\n",
		"blkio.throttle.read_iops_device": "254:0 7\n", "blkio.throttle.write_iops_device": "254:0 0\n",
	}
	text, err := v1["io.max"].read(func(file string) (string, error) { return files[file], nil })
	require.NoError(t, err)
	require.Equal(t, "254:0 rbps=max wbps=1048576 riops=7 wiops=max\n8:0 rbps=max wbps=5 riops=max wiops=max", text)
	for _, bad := range []string{"", "254:0", "254:0 lbps=1", "254:0 rbps=-1"} {
		_, err := v1["io.max"].write(bad)
		require.Error(t, err, bad)
	}
}

func TestTheWeightOfADiskIsThatOfBFQOnV1(t *testing.T) {
	writes, err := v1["io.weight"].write("default 200")
	require.NoError(t, err)
	require.Equal(t, []sysfs.Write{{File: "blkio.bfq.weight", Value: "200"}}, writes)
	for _, bad := range []string{"default 0", "default 1001", "254:0 100"} {
		_, err := v1["io.weight"].write(bad)
		require.Error(t, err, bad)
	}
	text, err := v1["io.weight"].read(func(string) (string, error) { return "200\n", nil })
	require.NoError(t, err)
	require.Equal(t, "default 200", text)
}
