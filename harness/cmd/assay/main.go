package main

import (
	"context"
	"os"
	"runtime/debug"
)

func main() {
	debug.SetMemoryLimit(frugal)
	os.Exit(assay(context.Background(), os.Stdout, os.Stderr, os.Args[1:]))
}

// frugal is what the collector keeps the harness to, where it can, when no trial
// runs: bytes. To read and report on ten thousand trials takes little more.
const frugal = 40 << 20
