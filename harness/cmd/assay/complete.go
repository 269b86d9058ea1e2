package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/spec"
)

// offer completes the first argument from names, each with what it is after a
// tab. Where none fits, the shell completes files: an experiment may be a path.
func offer(names func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		other := func(name string) bool { return !strings.HasPrefix(name, begun) }
		return slices.DeleteFunc(names(), other), cobra.ShellCompDirectiveDefault
	}
}

func (l *lab) experimentNames() []string {
	rows, err := l.experiments()
	if err != nil {
		return nil // no checkout here: nothing to offer
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name+"\t"+r.Question)
	}
	return names
}

func knobNames() []string {
	var names []string
	for _, k := range knob.All() {
		names = append(names, strings.TrimSuffix(k.Name, ".*")+"\t"+k.Doc)
	}
	return names
}

// workloadNames asks no workload what it is: that would build all of them.
func (l *lab) workloadNames() []string {
	tree, err := l.tree()
	if err != nil {
		return nil
	}
	mains, err := filepath.Glob(filepath.Join(tree, "workloads", "*", "main.go"))
	if err != nil {
		return nil
	}
	var names []string
	for _, m := range mains {
		names = append(names, filepath.Base(filepath.Dir(m)))
	}
	for _, k := range spec.Outside() {
		names = append(names, k.Name)
	}
	return names
}

func (l *lab) runFolders() []string {
	root, err := l.resultsRoot(runFlags{})
	if err != nil {
		return nil
	}
	plans, err := filepath.Glob(filepath.Join(root, "*", "*", results.PlanFile))
	if err != nil {
		return nil
	}
	var dirs []string
	for _, p := range plans {
		dirs = append(dirs, filepath.Dir(p))
	}
	return dirs
}
