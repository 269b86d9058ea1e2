package knob

var _ = register(dirtyBytes(Knob{
	Name: "dirty-background-bytes",
	Doc:  "how much memory may be dirty before the kernel begins to write out",
	Try:  "dirty-background-bytes=16MiB",
	Not:  []string{"dirty-background-ratio"},
}, "proc/sys/vm/dirty_background_bytes", "proc/sys/vm/dirty_background_ratio"))
