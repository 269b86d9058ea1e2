package main

import (
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/report"
)

func reportCommand(l *lab) *cobra.Command {
	var format string
	var gate, asJSON, dry bool
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Judge and report on a results folder again",
		Long: `Report needs a results folder and nothing of the machine: it derives verdicts,
tables and plots from the samples again, writes them there and prints the report.`,
		Example: `  assay report results/thp-gc/20261120T183000Z-1a2b3c
  assay report DIR --format markdown > thp-gc.md
  assay report DIR --json | jq .verdicts`,
		Args:              exactly(1),
		ValidArgsFunction: offer(l.runFolders),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := l.isFolder(args[0]); err != nil {
				return err
			}
			a, err := l.analyse(args[0])
			if err != nil {
				return err
			}
			if dry {
				err = a.build()
			} else {
				err = a.write()
			}
			if err != nil {
				return err
			}
			switch {
			case asJSON:
				err = a.render(l.stdout, "json")
			case format != "":
				err = a.render(l.stdout, format)
			default:
				err = a.terminal(l.stdout)
			}
			if err != nil {
				return err
			}
			return a.exit(gate)
		},
	}
	c.Flags().StringVar(&format, "format", "", "print in this format: "+strings.Join(formats(), ", "))
	c.Flags().BoolVar(&asJSON, "json", false, "the same as --format json")
	c.Flags().BoolVar(&gate, "gate", false, "exit 3 where a claim is refuted, 4 where one is inconclusive")
	c.Flags().BoolVarP(&dry, "dry-run", "n", false, "write nothing to the folder")
	return c
}

func formats() []string {
	var names []string
	for _, r := range report.Renderers() {
		names = append(names, r.Name)
	}
	return names
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
