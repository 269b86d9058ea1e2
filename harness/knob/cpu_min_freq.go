package knob

var _ = register(Knob{
	Name:    "cpu-min-freq",
	Doc:     "frequency below which no CPU that works is run",
	Scope:   Machine,
	Allow:   "a frequency such as 2.1GHz, or lowest, or highest",
	Try:     "cpu-min-freq=1.2GHz",
	Note:    "drivers take the nearest frequency that there is",
	After:   []string{"governor", "turbo"},
	Parse:   parseFrequency,
	Effects: frequency(minFreqFiles),
	Clash: func(key string, levels map[string]string) error {
		least, err := Kilohertz(levels[key])
		most, err2 := Kilohertz(levels["cpu-max-freq"])
		numbers := err == nil && err2 == nil
		if numbers && least > most || levels[key] == highest && levels["cpu-max-freq"] == lowest {
			return unsupported("cpu-min-freq=%s is above cpu-max-freq=%s", levels[key], levels["cpu-max-freq"])
		}
		return nil
	},
	Refuses: []Refusal{
		{Cell: "cpu-min-freq=2GHz cpu-max-freq=1.5GHz", Why: "above cpu-max-freq=1.5GHz"},
		{Cell: "cpu-min-freq=highest cpu-max-freq=lowest", Why: "above cpu-max-freq=lowest"},
		{Cell: "cpu-min-freq=90GHz", Why: "goes from"},
	},
	Read:    each(frequencyText, minFreqFiles),
	Host:    below(minFreqFiles),
	Moves:   []string{maxFreqFiles},
	Settles: onWorkQueue,
})
