package collect

var _ = register(Collector{
	Name:  "storage",
	Doc:   "what the process had fetched from and sent to storage, page cache not counted (proc/PID/io; proc_pid_io(5))",
	Group: "process",
	Read: func(r *Reader, c Moment) {
		if text, ok := r.Process("io"); ok {
			storage(text, c)
		}
	},
})

func storage(text string, c Moment) {
	for label, unit := range map[string]string{"read_bytes:": "storage-read-bytes", "write_bytes:": "storage-write-bytes"} {
		if n, ok := labelled(text, label); ok {
			c[unit] = n
		}
	}
}
