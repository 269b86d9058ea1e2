//go:build race

package main

// raced says that the race detector's own memory is in every process here.
const raced = true
