package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// hasIPv6 skips where loopback has no IPv6 address (net.ipv6.conf.lo.disable_ipv6).
func hasIPv6(t *testing.T) {
	t.Helper()
	made, err := newTarget(loopback[1], 0, listens)
	if err != nil {
		t.Skipf("no IPv6 on loopback: %v", err)
	}
	require.NoError(t, made.close())
}

func TestTheFamilyThatListensIsReached(t *testing.T) {
	hasIPv6(t)
	check := func(ipv4, ipv6 string, fallback time.Duration, won int64) {
		t.Helper()
		c := &config{ipv4: ipv4, ipv6: ipv6, fallback: fallback, timeout: 20 * time.Second, ops: 10}
		set, err := c.setup("main")
		require.NoError(t, err)
		_, err = set.Run()
		require.NoError(t, err)
		tr := set.(*trial)
		require.Equal(t, won, tr.overIPv6, "IPv4 %s, IPv6 %s", ipv4, ipv6)
		require.EqualValues(t, 20, tr.asked, "one query for A and one for AAAA a dial")
		require.EqualValues(t, 10, tr.latency.Events())
		require.NoError(t, set.Close())
	}
	check(listens, refuses, 300*time.Millisecond, 0)
	check(listens, none, 300*time.Millisecond, 0)
	check(refuses, listens, 300*time.Millisecond, 10)
	check(listens, silent, time.Millisecond, 0)
	check(none, listens, -1, 10)
}

func TestASilentFamilyHoldsADialUpForTheFallbackDelay(t *testing.T) {
	hasIPv6(t)
	const delay = 20 * time.Millisecond
	set, err := (&config{ipv4: listens, ipv6: silent, fallback: delay, timeout: 20 * time.Second, ops: 10}).setup("main")
	require.NoError(t, err)
	_, err = set.Run()
	require.NoError(t, err)
	p50, ok := set.(*trial).latency.Quantile(500)
	require.True(t, ok)
	// Never less, on any machine; how much more is the machine's affair.
	require.GreaterOrEqual(t, p50, (1-driver.HistogramResolution)*float64(delay))
	require.NoError(t, set.Close())
}

func TestNoFamilyToConnectToIsRefused(t *testing.T) {
	err := (&config{ipv4: refuses, ipv6: silent}).allow()
	require.EqualError(t, err, "-ipv4=refuses -ipv6=silent: one of them has to listen, or no dial ever connects")
}

func TestAConnectionToNobodyIsAWrongAnswer(t *testing.T) {
	set, err := (&config{ipv4: listens, ipv6: none, timeout: time.Second, ops: 10}).setup("main")
	require.NoError(t, err)
	tr := set.(*trial)
	tr.targets[0].filling = append(tr.targets[0].filling, nil) // as if it were silent
	_, err = set.Run()
	require.ErrorContains(t, err, "wrong answer: connected to 127.0.0.1:")
	tr.targets[0].filling = nil
	require.NoError(t, set.Close())
}
