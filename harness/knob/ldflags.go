package knob

var _ = register(toolFlags(Knob{
	Name:  "ldflags",
	Doc:   "flags for the Go linker (go build -ldflags)",
	Allow: "flags with spaces between, such as -s -w or -randlayout=7",
	Try:   "ldflags=-s -w",
	Note:  "proved by the linker's command line: builds are made with -trimpath, whose build info leaves these flags out",
}, "-ldflags"))
