package knob

var _ = register(toolFlags(Knob{
	Name:  "gcflags",
	Doc:   "flags for the Go compiler (go build -gcflags)",
	Allow: "flags with spaces between, such as -N -l, after all= for every package",
	Try:   "gcflags=all=-N -l",
	Note:  "without all= they reach the workload's main package alone",
}, "-gcflags"))
