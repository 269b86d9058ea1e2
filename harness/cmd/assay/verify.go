package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/results"
)

func verifyCommand(l *lab) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify DIR",
		Short: "Hold a results folder against its manifest and its commit record",
		Long: `Verify recomputes the hash of every file of a results folder and reads the commit
record back: each sample's text must stand where its line says, with its checksum.
It exits 1 where anything differs.`,
		Example: "  assay verify results/thp-gc/20261120T183000Z-1a2b3c",
		Args:    exactly(1),

		ValidArgsFunction: offer(l.runFolders),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := l.isFolder(args[0]); err != nil {
				return err
			}
			diffs, err := results.Verify(args[0])
			if err != nil {
				return err
			}
			if _, err := results.Read(args[0]); err != nil {
				diffs = append(diffs, err.Error())
			}
			if asJSON {
				err = l.json(append([]string{}, diffs...))
			} else {
				err = l.differences(args[0], diffs)
			}
			if err == nil && len(diffs) > 0 {
				err = outcome{code: exitFailed}
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the differences as a JSON list")
	return c
}

func (l *lab) differences(dir string, diffs []string) error {
	if len(diffs) == 0 {
		_, err := fmt.Fprintf(l.stdout, "%s: as it was sealed\n", dir)
		return err
	}
	for _, d := range diffs {
		fmt.Fprintln(l.stdout, d)
	}
	return nil
}
