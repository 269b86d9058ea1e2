package knob

var _ = register(dirtyRatio(Knob{
	Name: "dirty-background-ratio",
	Doc:  "share of available memory, in percent, that may be dirty before the kernel begins to write out",
	Try:  "dirty-background-ratio=5",
	Not:  []string{"dirty-background-bytes"},
}, "proc/sys/vm/dirty_background_ratio", "proc/sys/vm/dirty_background_bytes"))
