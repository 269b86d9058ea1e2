package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/report"
	"github.com/assaylab/assay/harness/results"
)

func reportCommand(l *lab) *cobra.Command {
	var d delivery
	var asJSON, asHTML bool
	var q report.Query
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Judge and report on a results folder again",
		Long: `Report needs a results folder and nothing of the machine: it derives verdicts,
tables and plots from the samples again, writes them there and prints the report.

With --table, --row, --col, --ignore or --filter it prints benchstat's tables of the
folder instead, laid out by those flags, with the effects within blocks below them,
and writes nothing: the same as assay compare with the folder alone.

Formats:
` + formats(),
		Example: `  assay report results/thp-gc/20261120T183000Z-1a2b3c
  assay report DIR --format markdown > thp-gc.md
  assay report DIR --json | jq .verdicts
  assay report DIR --col 'thp@(never always)' --row gogc,.fullname --filter .unit:ns/op`,
		Args:              exactly(1),
		ValidArgsFunction: offer(l.runFolders),
		RunE: func(c *cobra.Command, args []string) error {
			if err := l.isFolder(args[0]); err != nil {
				return err
			}
			if laidOut(c) {
				return l.layOut(args, compareFlags{json: asJSON, query: q}, 0)
			}
			switch {
			case asJSON:
				d.format = "json"
			case asHTML:
				d.format = "html"
			}
			d.again = true
			return l.deliver(args[0], d)
		},
	}
	flags := c.Flags()
	flags.StringVar(&d.format, "format", "", "print in this format, one of those above")
	flags.BoolVar(&asJSON, "json", false, "the same as --format json")
	flags.BoolVar(&asHTML, "html", false, "the same as --format html")
	flags.BoolVar(&d.gate, "gate", false, "exit 3 where a claim is refuted, 4 where one is inconclusive")
	flags.BoolVarP(&d.dry, "dry-run", "n", false, "write nothing to the folder")
	layoutFlags(c, &q)
	return c
}

// A delivery is how a report is handed over.
type delivery struct {
	format string // empty for the terminal's
	quiet  bool   // only where the results are
	dry    bool   // nothing is written to the folder
	again  bool   // not by who measured: what was sealed has to be as it was
	gate   bool
}

// asSealed refuses a folder in which what was measured was changed after the run:
// a report would put its seal on it.
func asSealed(dir string) error {
	changed, err := results.Changed(dir)
	if err == nil && len(changed) > 0 {
		err = fmt.Errorf("%s is not as it was sealed: %s (bring it back, or look at it as it is with assay report --dry-run, which seals nothing)",
			dir, strings.Join(changed, ", "))
	}
	return err
}

// deliver judges a results folder, writes and prints the report and maps it to
// the exit code.
func (l *lab) deliver(dir string, d delivery) error {
	a, err := l.analyse(dir)
	if err != nil {
		return err
	}
	if d.again {
		if err := l.damage(a, d.dry); err != nil {
			return err
		}
	}
	switch {
	case d.dry:
		err = a.build()
	default:
		err = a.write()
	}
	if err != nil {
		return err
	}
	switch {
	case d.format != "":
		err = a.render(l.stdout, d.format)
	case d.quiet:
		_, err = fmt.Fprintln(l.stdout, dir)
	default:
		err = a.terminal(l.stdout)
	}
	if err != nil {
		return err
	}
	return a.exit(d.gate)
}

// damage says of a folder that is not whole what it lacks, in the report and beside
// it. Where the report is to be sealed, one that was changed is refused.
func (l *lab) damage(a *analysis, dry bool) error {
	if !dry {
		if err := asSealed(a.run.Dir); err != nil {
			return err
		}
	}
	if text := a.run.Unsealed(); dry && text != "" {
		a.input.Damage = append(a.input.Damage, text)
	}
	l.warn(a.run.Dir, a.input.Damage)
	return nil
}

// warn says how a folder that is read falls short of what its run left there.
func (l *lab) warn(dir string, damage []string) {
	for _, line := range damage {
		fmt.Fprintf(l.stderr, "assay: warning: %s: %s\n", dir, line)
	}
}

// formats lists what --format takes, a line each.
func formats() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range report.Renderers() {
		fmt.Fprintf(w, "  %s\t%s\n", r.Name, r.Doc)
	}
	w.Flush()
	return strings.TrimRight(b.String(), "\n")
}

// terminalWidth is the width of the terminal that w is, in columns.
func terminalWidth(w io.Writer) (int, bool) {
	f, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 {
		return 0, false
	}
	return int(size.Col), true
}
