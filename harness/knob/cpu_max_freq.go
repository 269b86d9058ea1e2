package knob

var _ = register(Knob{
	Name:    "cpu-max-freq",
	Doc:     "frequency above which no CPU is run",
	Scope:   Machine,
	Allow:   "a frequency such as 2.1GHz, or lowest, or highest",
	Try:     "cpu-max-freq=1.2GHz",
	Note:    "drivers take the nearest frequency that there is; the processor's own limits (heat, power) stay",
	After:   []string{"governor", "turbo"},
	Parse:   parseFrequency,
	Effects: frequency(maxFreqFiles),
	Refuses: []Refusal{{Cell: "cpu-max-freq=90GHz", Why: "goes from"}},
	Read:    each(frequencyText, maxFreqFiles),
	Host:    below(maxFreqFiles),
	Moves:   []string{minFreqFiles},
	Settles: onWorkQueue,
})
