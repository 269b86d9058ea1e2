package main

import (
	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/spec"
)

func schemaCommand(l *lab) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of experiment files, for editors",
		Example: `  assay schema > .vscode/experiment.schema.json
  # then, as the first line of an experiment:
  # yaml-language-server: $schema=../.vscode/experiment.schema.json`,
		Args: exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			b, err := l.builder()
			if err != nil {
				return err
			}
			cat, err := newCatalogue(c.Context(), b)
			if err != nil {
				return err
			}
			schema := spec.Schema(cat)
			if cat.err != nil {
				return cat.err // it would lack what that workload has
			}
			_, err = l.stdout.Write(schema)
			return err
		},
	}
}
