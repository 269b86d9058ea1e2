package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
)

// A meter shows how far a run is: a bar on a terminal, plain lines elsewhere.
// It is called between trials, and while one is under way that is not timed; it draws
// nothing by itself.
type meter interface {
	show(p run.Progress)
	say(text string)       // a line of its own
	hear(benchmark string) // begins, in an attempt that is not timed
	close()
}

func newMeter(w io.Writer, quiet bool) meter {
	switch {
	case quiet:
		return silence{}
	case terminal(w):
		return &bar{w: w}
	}
	return &lines{w: w, block: -1, givenUp: map[string]bool{}}
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

type silence struct{}

func (silence) show(run.Progress) {}
func (silence) say(string)        {}
func (silence) hear(string)       {}
func (silence) close()            {}

// A bar draws one line over and over.
type bar struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	heard int // benchmarks since it was drawn last
}

func (b *bar) show(p run.Progress) {
	if b.bar == nil {
		b.bar = progressbar.NewOptions(p.Trials, progressbar.OptionSetWriter(b.w), progressbar.OptionSetWidth(24),
			progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	}
	b.hush()
	b.bar.Describe(where(p))
	b.bar.Set(p.Done)
}

func (b *bar) say(text string) {
	b.close()
	fmt.Fprintln(b.w, text)
}

// wipe goes back to the begin of a terminal's line and clears it (ECMA-48, EL).
const wipe = "\r\x1b[K"

// mostHeard keeps a name on the one line that is drawn again.
const mostHeard = 50

func (b *bar) hear(benchmark string) {
	if b.heard == 0 && b.bar != nil {
		b.bar.Clear()
	}
	b.heard++
	fmt.Fprintf(b.w, "%sbenchmark %d: %s", wipe, b.heard, prose.Cut(benchmark, mostHeard))
}

// hush takes away what was drawn of benchmarks.
func (b *bar) hush() {
	if b.heard > 0 {
		fmt.Fprint(b.w, wipe)
	}
	b.heard = 0
}

func (b *bar) close() {
	b.hush()
	if b.bar != nil {
		b.bar.Clear()
	}
}

// lines prints a line a block, and one for each attempt that went wrong.
type lines struct {
	w       io.Writer
	block   int
	givenUp map[string]bool // cells of which that was said
}

func (l *lines) show(p run.Progress) {
	if p.Block != l.block {
		l.block = p.Block
		fmt.Fprintln(l.w, where(p))
	}
	if p.Last.Outcome == sample.GivenUp && l.givenUp[p.Cell] {
		return
	}
	if trouble := said(p.Last); trouble != "" {
		fmt.Fprintf(l.w, "%s: %s\n", p.Cell, trouble)
	}
	if p.Last.Outcome == sample.GivenUp {
		l.givenUp[p.Cell] = true
	}
}

func (l *lines) say(text string) { fmt.Fprintln(l.w, text) }

func (l *lines) hear(string) {} // a log needs no line for each of a thousand

func (l *lines) close() {}

func where(p run.Progress) string {
	text := "warming up"
	if p.Block > 0 {
		text = fmt.Sprintf("block %d of at most %d", p.Block, p.Blocks)
	}
	if left := p.Left.Round(time.Second); left > 0 {
		text += fmt.Sprintf(", at most %v left", left)
	}
	return text
}

// said is what there is to say of an attempt that can't stand as it is.
func said(s sample.Sample) string {
	if s.Outcome == sample.GivenUp {
		return s.Error
	}
	if s.Outcome != sample.OK {
		return fmt.Sprintf("attempt %d: %s: %s", s.Attempt, s.Outcome, s.Error)
	}
	var by []string
	for _, t := range s.Taints {
		by = append(by, fmt.Sprintf("%s (%.3g %s, limit %g)", t.Kind, t.Value, t.Unit, t.Limit))
	}
	if by == nil {
		return ""
	}
	return fmt.Sprintf("attempt %d tainted by %s", s.Attempt, strings.Join(by, ", "))
}
