package driver

import (
	"bytes"
	"fmt"
	"io"

	"github.com/assaylab/assay/workloads/wire"
)

// usage is what -h prints, all of it from the description.
func (w Workload) usage(out io.Writer) error {
	var b bytes.Buffer
	d := w.Description()
	fmt.Fprintf(&b, "%s: %s.\n\nUsage: %s [flags]\n", d.Name, d.Doc, d.Name)

	b.WriteString("\nParams:\n")
	for _, p := range d.Params {
		doc := p.Doc
		if allowed := p.Allowed(); allowed != "" {
			doc += " (" + allowed + ")"
		}
		entry(&b, "-"+p.Name+"="+p.Default, doc)
	}

	b.WriteString("\nFlags of every workload:\n")
	entry(&b, "-"+wire.FlagCount+"=1", "start this many processes, one after the other: each prints one line")
	entry(&b, "-"+wire.FlagInject+"=0%", "make the window longer by this share of itself, by spinning at its end: a known slowdown")
	entry(&b, "-"+wire.FlagStats, "print what the runtime counted in the window, before the result (a line for the harness: benchstat takes it for configuration)")
	entry(&b, "-"+wire.FlagCourse, courseDoc(d))
	entry(&b, "-"+wire.FlagProfile+"=FILE", "write a CPU profile of the window, of a role that serves of all that it serves; the result is then none to compare")
	entry(&b, "-"+wire.FlagTrace+"=FILE", "write an execution trace, likewise")
	entry(&b, "-"+wire.FlagDescribe, "print roles, params and metrics as JSON")
	for _, r := range d.Roles {
		entry(&b, "-"+wire.FlagRole+"="+r.Name, r.Doc)
	}

	b.WriteString("\nMetrics:\n")
	for _, m := range d.Metrics {
		entry(&b, m.Unit, m.Doc)
	}

	b.WriteString("\nExamples:\n")
	for _, e := range w.Examples {
		fmt.Fprintf(&b, "  %s\n", e)
	}
	if _, err := out.Write(b.Bytes()); err != nil {
		return fmt.Errorf("usage: %w", err)
	}
	return nil
}

func courseDoc(d wire.Description) string {
	const doc = "print how long equal parts of the window took, likewise"
	if d.NoCourse != "" {
		return doc + "; nothing here: " + d.NoCourse
	}
	return doc + "; nothing where all of it goes by the clock"
}

func entry(b *bytes.Buffer, name, doc string) {
	fmt.Fprintf(b, "  %-27s %s\n", name, doc)
}
