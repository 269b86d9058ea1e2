// Package profile says what an instrument is worth: from identical cells that
// went through the whole pipeline it tells how often this machine calls equals
// different, and how small an effect it could have seen.
//
//  1. [Series] lays runs of all of A, then all of B, between the interleaved
//     blocks of a plan, for the usual way of measuring to be tried beside ours.
//  2. [Calibrate] makes an [Entry] of such a run.
//  3. A [Profile] keeps the entries of one machine; later reports cite them.
//
// Comparisons that share trials are not independent, and a rate over them has no
// exact interval. So blocks are cut into disjoint groups of a fixed number, arms
// into disjoint pairs, and each pair of a group is one comparison. Metrics of one
// trial go together: each has a rate of its own.
package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/stat"
)

// Version is the layout of a profile.
const Version = 1

// A Profile is what is known of one machine: a file named after its id.
type Profile struct {
	Version int     `json:"version"`
	Machine string  `json:"machine"` // host.Host.Machine
	Entries []Entry `json:"entries"` // one a workload and settings, the latest
}

// An Origin is what was measured for a profile, where and when.
type Origin struct {
	Machine  string            `json:"machine"`
	Workload string            `json:"workload"`
	Settings map[string]string `json:"settings"` // params and what else was held fixed
	Source   string            `json:"source-sha256"`
	Kernel   string            `json:"kernel"`
	Go       string            `json:"go"`
	Assay    string            `json:"assay"`
	Folder   string            `json:"folder"`
	Ended    time.Time         `json:"ended"`
	Load     string            `json:"load,omitempty"` // load averages at the end: who else was there
}

// An Entry is one calibration.
type Entry struct {
	Origin

	Arms   int           `json:"arms"`
	Blocks int           `json:"blocks"` // interleaved ones
	Group  int           `json:"group"`  // blocks of one comparison
	Block  time.Duration `json:"block-ns"`

	Metrics []Metric  `json:"metrics"`
	Any     Rate      `json:"any-metric"` // groups of a pair in which some metric raised an alarm
	NoRatio []string  `json:"no-ratio,omitempty"`
	Inject  *Injected `json:"inject,omitempty"`

	// Identical cells that were called into doubt, by first attempts: what the
	// thresholds of taints cost on this machine. Nothing in the cells caused them.
	Tainted Rate    `json:"false-taints"` // for any reason
	Taints  []Taint `json:"false-taints-by-kind,omitempty"`
}

// A Metric is how well one unit is known on this machine.
type Metric struct {
	Unit    string `json:"unit"` // as printed
	Primary bool   `json:"primary,omitempty"`
	Alarms  Rate   `json:"false-alarms"` // comparisons of identical arms whose 95 % interval leaves out 1

	// Floor is the noise floor: identical arms are known to be alike no better
	// than within this share, from all blocks. Nothing smaller can be told from
	// the instrument's own doing. Nil where there are too few blocks.
	Floor *float64 `json:"noise-floor"`

	// Smallest is the smallest effect that a group of blocks could have shown, a
	// share: the median half-width of its 95 % intervals. With k times the blocks
	// it is smaller by the root of k.
	Smallest *float64 `json:"smallest-detectable"`

	Sequential *Rate `json:"sequential,omitempty"` // the same by all of A, then all of B, and Mann-Whitney at 5 %
}

// An Injected is what became of a known slowdown.
type Injected struct {
	Share  float64  `json:"share"` // 0.02
	Metric string   `json:"metric"`
	Found  []Recall `json:"found"`            // by number of blocks
	Enough int      `json:"blocks-to-find"`   // fewest of them with nine in ten found; 0 where none is
	Effect *float64 `json:"effect,omitempty"` // as measured over all blocks: 1.02
	Lo     *float64 `json:"lo,omitempty"`     // its 95 % interval
	Hi     *float64 `json:"hi,omitempty"`
}

// A Recall is how often comparisons of so many blocks found the slowdown.
type Recall struct {
	Blocks int           `json:"blocks"`
	Rate   Rate          `json:"rate"`
	Time   time.Duration `json:"time-ns"` // that so many blocks of two arms take

	// Power is how often it should be found, by the identical arms alone.
	Power float64 `json:"computed-power"`
}

// Load reads the profile of a machine; an empty one where there is none.
func Load(dir, machine string) (Profile, error) {
	p := Profile{Version: Version, Machine: machine}
	b, err := os.ReadFile(file(dir, machine))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, nil
	case err != nil:
		return p, fmt.Errorf("profile: %w", err)
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return p, fmt.Errorf("profile: %s: %w (remove it and calibrate again)", file(dir, machine), err)
	}
	if p.Version != Version {
		return p, fmt.Errorf("profile: %s: layout version %d, this assay reads %d (remove it and calibrate again)", file(dir, machine), p.Version, Version)
	}
	return p, nil
}

// Save writes a profile, whole or not at all, and returns its path. All may read it.
func (p Profile) Save(dir string) (string, error) {
	path := file(dir, p.Machine)
	b, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return path, fmt.Errorf("profile: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return path, fmt.Errorf("profile: %w", err)
	}
	tmp, err := os.CreateTemp(dir, ".profile-")
	if err != nil {
		return path, fmt.Errorf("profile: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(append(b, '\n'))
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return path, fmt.Errorf("profile: keep %s: %w", path, err)
	}
	return path, nil
}

func file(dir, machine string) string { return filepath.Join(dir, machine+".json") }

// Put adds an entry, in the place of an earlier one of the same workload and settings.
func (p *Profile) Put(e Entry) {
	for i, old := range p.Entries {
		if old.Workload == e.Workload && maps.Equal(old.Settings, e.Settings) {
			p.Entries[i] = e
			return
		}
	}
	p.Entries = append(p.Entries, e)
}

// For is the entry that speaks best of a workload with settings: the latest one
// of those that agree in most of them. ok is false where there is none of it.
func (p Profile) For(workload string, settings map[string]string) (e Entry, ok bool) {
	most := -1
	for _, x := range p.Entries {
		if x.Workload != workload {
			continue
		}
		agree := 0
		for key, l := range x.Settings {
			if settings[key] == l {
				agree++
			}
		}
		if agree > most || agree == most && x.Ended.After(e.Ended) {
			e, most, ok = x, agree, true
		}
	}
	return e, ok
}

// Effect is the effect between identical cells in a metric, as far as an entry
// keeps it: its spread over the blocks of one comparison. ok is false where the
// metric's is not known.
func (e Entry) Effect(metric string) (effect stat.Effect, ok bool) {
	for _, m := range e.Metrics {
		if _, same := stat.Same(m.Unit, metric); same && m.Smallest != nil && *m.Smallest > 0 {
			return stat.Typical(*m.Smallest, level, e.Group), true
		}
	}
	return effect, false
}

func settings(m map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, key+"="+m[key])
	}
	return strings.Join(parts, " ")
}
