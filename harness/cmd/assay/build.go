package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/build"
)

// buildCommand makes a kit, for --kit.
func buildCommand(l *lab) *cobra.Command {
	var to, arch string
	c := &cobra.Command{
		Use:   "build [WORKLOAD...]",
		Short: "Build workloads for a machine that has no Go",
		Long: `build builds workloads, all where none is named, into a folder that assay takes
with --kit on a machine without a Go toolchain. Experiments that vary build
settings need the toolchain itself.`,
		Example: "  assay build --to kit --goarch arm64\n  assay run --kit kit gogc-sweep",

		ValidArgsFunction: offer(l.workloadNames),
		RunE: func(c *cobra.Command, args []string) error {
			kit, err := l.pack(c, to, arch, args)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(l.stdout, "%s: %s for %s, by %s\n", to, strings.Join(kit.Programs(), ", "), kit.Arch, kit.Go)
			return err
		},
	}
	c.Flags().StringVar(&to, "to", "", "the folder to write")
	c.Flags().StringVar(&arch, "goarch", runtime.GOARCH, "the architecture to build for")
	return c
}

func (l *lab) pack(c *cobra.Command, to, arch string, programs []string) (build.Kit, error) {
	if to == "" {
		return build.Kit{}, usagef("where to? assay build --to DIR")
	}
	if l.kit != "" {
		return build.Kit{}, usagef("assay build builds from source: drop --kit")
	}
	b, err := l.builder()
	if err != nil {
		return build.Kit{}, err
	}
	cat, err := newCatalogue(c.Context(), b)
	if err != nil {
		return build.Kit{}, err
	}
	for _, name := range programs {
		if err := cat.has(name); err != nil {
			return build.Kit{}, err
		}
	}
	if len(programs) == 0 {
		programs = cat.programs
	}
	return b.Pack(c.Context(), to, arch, programs, nil)
}
