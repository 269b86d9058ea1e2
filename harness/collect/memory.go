package collect

var _ = register(Collector{
	Name:   "memory",
	Doc:    "peak, resident and huge memory of the process (proc/PID/{status,smaps_rollup}; proc_pid_status(5))",
	Group:  "process",
	AtEnd:  true,
	Stands: []string{"peak-RSS-bytes", "rss-bytes", "anon-huge-bytes"},
	Read: func(r *Reader, c Moment) {
		if text, ok := r.Process("status"); ok {
			kibibytes(text, map[string]string{"VmHWM:": "peak-RSS-bytes"}, c)
		}
		if text, ok := r.Process("smaps_rollup"); ok {
			kibibytes(text, map[string]string{"Rss:": "rss-bytes", "AnonHugePages:": "anon-huge-bytes"}, c)
		}
	},
})

func kibibytes(text string, units map[string]string, c Moment) {
	for label, unit := range units {
		if n, ok := labelled(text, label); ok {
			c[unit] = n * 1024
		}
	}
}
