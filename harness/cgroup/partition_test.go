package cgroup

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
)

var isolated = []sysfs.Write{{File: "cpuset.cpus", Value: "3"}, {File: partitionFile, Value: "isolated"}}

func TestAPartitionIsMadeFromTheTopAndGivenBack(t *testing.T) {
	m := newModel(t, ".")
	s := m.slot("r")
	m.done()
	l, err := s.Leaf("1", "main", isolated)
	require.NoError(t, err)
	var set []string
	for _, line := range m.done() {
		if strings.Contains(line, "cpuset.cpus") {
			set = append(set, strings.TrimPrefix(line, "write "))
		}
	}
	equal(t, "set", set, []string{
		"assay/r/1.main/cpuset.cpus 3",
		"assay/cpuset.cpus 3", "assay/cpuset.cpus.partition root",
		"assay/r/cpuset.cpus 3", "assay/r/cpuset.cpus.partition root",
		"assay/r/1.main/cpuset.cpus.partition isolated",
	})
	require.NoError(t, l.Remove())
	for _, group := range []string{"assay/", "assay/r/"} {
		require.Equal(t, "member", m.get(group+partitionFile))
		require.Empty(t, m.get(group+"cpuset.cpus"), "the next cell has every CPU again")
	}
	require.NoError(t, s.Close())
	equal(t, "left", m.groups(), nil)
}

func TestAPartitionThatTheKernelDoesNotTakeIsAnError(t *testing.T) {
	m := newModel(t, ".")
	s := m.slot("r")
	_, err := s.Leaf("1", "main", isolated[1:])
	require.ErrorContains(t, err, "no CPUs of its own")
	m.invalid = " invalid (Parent is not a partition root)"
	_, err = s.Leaf("2", "main", isolated)
	require.ErrorContains(t, err, "Parent is not a partition root")
	m.invalid = ""
	require.Equal(t, "member", m.get("assay/"+partitionFile))
	require.NoError(t, s.Close())
	require.Error(t, newModel(t, "cpuset").tree().Can(partitionFile))
}
