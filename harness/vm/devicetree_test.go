package vm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func small() deviceTree {
	return deviceTree{boot: 1, reserved: make([]byte, 16), root: &node{
		properties: []property{{"compatible", []byte("linux,dummy-virt\x00")}, {"#address-cells", cell(2)}},
		children: []*node{
			{name: "cpus", properties: []property{{"#size-cells", cell(0)}}, children: []*node{
				{name: "cpu-map"}, {name: "cpu@0", properties: []property{{"reg", cell(0)}}}, {name: "cpu@1"},
			}},
			{name: "memory@40000000"},
		},
	}}
}

func TestDeviceTreeSurvivesBeingTakenApart(t *testing.T) {
	blob := small().flatten()
	tree, err := parseTree(blob)
	require.NoError(t, err)
	require.Equal(t, blob, tree.flatten())
	require.Equal(t, small().root.child("cpus").children[1], tree.root.child("cpus").child("cpu@0"))
}

func TestEveryCPUGetsTheOperatingPoints(t *testing.T) {
	tree := small()
	require.NoError(t, tree.setFrequencies([]int{2_000_000, 800_000}, 2_500_000))
	again, err := parseTree(tree.flatten())
	require.NoError(t, err)
	for _, cpu := range []string{"cpu@0", "cpu@1"} {
		require.Contains(t, again.root.child("cpus").child(cpu).properties, property{"operating-points-v2", cell(0x9002)})
	}
	require.Empty(t, again.root.child("cpus").child("cpu-map").properties)
	points := again.root.child("assay-opp-table")
	require.Len(t, points.children, 3)
	require.Contains(t, points.children[2].properties, property{"turbo-mode", []byte{}})
	require.Contains(t, points.children[1].properties, property{"opp-hz", []byte{0, 0, 0, 0, 0x2f, 0xaf, 0x08, 0x00}}) // 800 MHz
}

func TestABrokenDeviceTreeIsRefused(t *testing.T) {
	blob := small().flatten()
	for n := range blob {
		if _, err := parseTree(blob[:n]); err == nil {
			t.Fatalf("%d bytes of %d are taken for a tree", n, len(blob))
		}
	}
	_, err := parseTree([]byte("neither this nor that, but long enough for a header"))
	require.ErrorContains(t, err, "not a flattened device tree")
}

func FuzzDeviceTree(f *testing.F) {
	f.Add(small().flatten())
	f.Fuzz(func(t *testing.T, blob []byte) {
		tree, err := parseTree(blob)
		if err != nil {
			return
		}
		again, err := parseTree(tree.flatten())
		require.NoError(t, err)
		require.Equal(t, tree.flatten(), again.flatten())
	})
}
