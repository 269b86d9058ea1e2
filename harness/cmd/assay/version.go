package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/verdict"
)

// Version is the harness's own; it stands in every results folder.
const Version = "0.1.0"

func versionCommand(l *lab) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the versions of assay, its plan layout and its analysis",
		Example: "  assay version\n  assay version --json",
		Args:    exactly(0),
		RunE: func(*cobra.Command, []string) error {
			v := versions()
			if asJSON {
				return l.json(v)
			}
			_, err := fmt.Fprintf(l.stdout, "assay %s (plan layout %d, analysis %d), %s %s/%s\n",
				v.Assay, v.Plan, v.Analysis, v.Go, runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

type versionInfo struct {
	Assay    string `json:"assay"`
	Plan     int    `json:"plan-layout"`
	Analysis int    `json:"analysis"`
	Go       string `json:"go"`
}

func versions() versionInfo {
	v := versionInfo{Assay: Version, Plan: plan.Version, Analysis: verdict.Version, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Go = info.GoVersion
	}
	return v
}
