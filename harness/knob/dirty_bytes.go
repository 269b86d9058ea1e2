package knob

var _ = register(dirtyBytes(Knob{
	Name: "dirty-bytes",
	Doc:  "how much memory may be dirty before writers have to write out themselves",
	Try:  "dirty-bytes=64MiB",
	Not:  []string{"dirty-ratio"},
}, "proc/sys/vm/dirty_bytes", "proc/sys/vm/dirty_ratio"))
