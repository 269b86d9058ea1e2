package knob

var _ = register(dirtyRatio(Knob{
	Name: "dirty-ratio",
	Doc:  "share of available memory, in percent, that may be dirty before writers have to write out themselves",
	Try:  "dirty-ratio=40",
	Not:  []string{"dirty-bytes"},
}, "proc/sys/vm/dirty_ratio", "proc/sys/vm/dirty_bytes"))
