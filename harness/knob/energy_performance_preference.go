package knob

import (
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Knob{
	Name:  "energy-performance-preference",
	Doc:   "how far the processor may trade speed for energy where it chooses its own frequency (EPP)",
	Scope: Machine,
	Allow: "performance, balance_performance, balance_power, power",
	Try:   "energy-performance-preference=power",
	Note:  "the governor performance takes no other preference than performance",
	After: []string{"governor"},
	Parse: oneOf("performance", "balance_performance", "balance_power", "power"),
	Effects: func(_, level string, h host.Host) (Effects, error) {
		return inPolicies(h, preferences, sysfs.Text, offered(h, "energy_performance_available_preferences", level))
	},
	Clash: func(key string, levels map[string]string) error {
		if levels["governor"] == "performance" && levels[key] != "performance" {
			return unsupported("the governor performance takes no %s=%s: drop one of them", key, levels[key])
		}
		return nil
	},
	Refuses: []Refusal{
		{Cell: "energy-performance-preference=power governor=performance", Why: "the governor performance takes no"},
	},
	Read: each(verbatim, preferences),
	Host: below(preferences),

	Causes: []string{"frequency"},
})
