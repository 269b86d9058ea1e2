//go:build race

package verdict

// raced says that the race detector is in, which makes all ten times as slow.
const raced = true
