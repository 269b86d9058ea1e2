package results

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/prose"
)

// Damage lists how a folder falls short of what a run left there: a record that is
// cut, fewer blocks than its last session says it made, a seal that is broken. It is
// empty of a folder that is whole. A run that was killed is no damage but for the
// attempt that it cut.
func (r Run) Damage() []string {
	var all []string
	if r.torn != "" {
		all = append(all, r.torn)
	}
	if made, have := r.said(), r.blocks(); have < made {
		all = append(all, fmt.Sprintf("its last session made %s, and %d stand in %s", prose.Plural(made, "block"), have, TrialsFile))
	}
	switch changed, err := Changed(r.Dir); {
	case err != nil:
		all = append(all, fmt.Sprintf("its seal can't be read: %v", err))
	case len(changed) > 0:
		all = append(all, "it is not as it was sealed: "+strings.Join(changed, ", "))
	}
	return all
}

// Unsealed says that a run which came to its end has no seal, empty where it has one.
func (r Run) Unsealed() string {
	_, err := os.Stat(filepath.Join(r.Dir, ManifestFile))
	if n := len(r.Sessions); err == nil || n == 0 || r.Sessions[n-1].Ended.IsZero() {
		return ""
	}
	return fmt.Sprintf("it has no seal (%s), so that what was changed can't be told", ManifestFile)
}

// saidBlocks finds the number of blocks in what a session says of its end: "10 of 10
// blocks", "the budget of 5m0s holds no further block, after 7 of 10".
var saidBlocks = regexp.MustCompile(`(?:^|after )(\d+) of \d+`)

// said is how many blocks there were when the last session ended; 0 where it does not
// say.
func (r Run) said() int {
	if len(r.Sessions) == 0 {
		return 0
	}
	m := saidBlocks.FindStringSubmatch(r.Sessions[len(r.Sessions)-1].Stopped)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0 // more digits than any run has blocks
	}
	return n
}

// blocks is up to which block there are attempts.
func (r Run) blocks() int {
	most := 0
	for _, s := range r.Attempts {
		most = max(most, s.Block+1)
	}
	return most
}
