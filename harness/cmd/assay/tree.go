package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/spec"
)

const modulePath = "github.com/assaylab/assay"

// findTree is the folder of the module that holds experiments and workloads:
// dir, where it is given, else the nearest above the working directory.
func findTree(dir string) (string, error) {
	if dir != "" {
		if !isTree(dir) {
			return "", usagef("--dir %s: not a checkout of assay (its go.mod is not module %s)", dir, modulePath)
		}
		return filepath.Abs(dir)
	}
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; at = filepath.Dir(at) {
		if isTree(at) {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", usagef("no checkout of assay here or above (cd into one, or name it with --dir)")
		}
	}
}

func isTree(dir string) bool {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && strings.HasPrefix(string(mod), "module "+modulePath+"\n")
}

// experimentFile finds NAME among the experiments, or takes a path that ends in .yaml.
func experimentFile(tree, arg string) (string, error) {
	if strings.HasSuffix(arg, spec.Ext) {
		if _, err := os.Stat(arg); err != nil {
			return "", usage(err)
		}
		return arg, nil
	}
	names, err := experiments(tree)
	if err != nil {
		return "", err
	}
	if !slices.Contains(names, arg) {
		return "", usagef("no experiment %q (there are: %s; or give the path of a .yaml file)", arg, strings.Join(names, ", "))
	}
	return shorten(filepath.Join(tree, "experiments", arg+spec.Ext)), nil
}

// experiments lists the names under experiments/.
func experiments(tree string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(tree, "experiments", "*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list experiments: %w", err)
	}
	var names []string
	for _, f := range files {
		if n := strings.TrimSuffix(filepath.Base(f), spec.Ext); !strings.HasSuffix(n, ".local") {
			names = append(names, n)
		}
	}
	return names, nil
}

// isFolder refuses what is no results folder, with the one that may be meant.
func (l *lab) isFolder(dir string) error {
	if results.Is(dir) {
		return nil
	}
	hint := "it holds no " + results.PlanFile
	if latest, err := results.Latest(filepath.Dir(dir), filepath.Base(dir)); err == nil {
		hint = "its latest run is " + latest
	} else if root, err := l.resultsRoot(runFlags{}); err == nil {
		if latest, err := results.Latest(root, dir); err == nil {
			hint = "the latest run of this name is " + latest
		}
	}
	return usagef("%s is not the folder of a run: %s", dir, hint)
}
