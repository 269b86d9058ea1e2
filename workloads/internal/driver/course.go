package driver

import (
	"math"
	"sync/atomic"

	"github.com/assaylab/assay/workloads/wire"
)

// A Course notes, while a window is open, when equal parts of its work were done:
// whether the window was in its steady state from its first operation on can then
// be told. What it notes goes into memory that was there before, a clock reading a
// part, and is printed after the window.
//
// A nil Course notes nothing, and divides the work as any other: that of a
// warm-up, or of a window whose course nobody asked for.
type Course struct {
	total int64
	start int64                   // by Nanotime
	done  atomic.Int64            // operations of all Shares
	ends  [wire.CourseParts]int64 // of each part; 0 for none yet
}

// A Coursed is a Trial that notes its course, as it does by embedding [Noted]. It is
// told where before its Run.
type Coursed interface {
	Trial
	Note(*Course)
}

// A Noted is embedded by a Trial that notes its course.
type Noted struct{ Course *Course }

// Note is where Run notes it.
func (n *Noted) Note(c *Course) { n.Course = c }

// Begin opens a window of so many operations, or units of any other kind that
// are alike. Whoever calls Each has no need of it.
func (c *Course) Begin(total int64) {
	if c != nil {
		c.done.Store(0)
		c.total, c.start = total, Nanotime()
	}
}

// Done says that so many of the window's operations are done that were not
// before. Goroutines may call it at once, each for operations of its own: of each
// part's end one of them sees both sides.
func (c *Course) Done(before, after int64) {
	if c == nil || c.total == 0 {
		return
	}
	n := parts(c.total)
	for i := before * n / c.total; i < n; i++ {
		switch end := c.total * (i + 1) / n; {
		case end <= before:
		case end > after:
			return
		default:
			c.ends[i] = Nanotime()
		}
	}
}

// Each does all operations of a window, a part after the other.
func (c *Course) Each(total int64, do func(ops int64) error) error {
	c.Begin(total)
	n := parts(total)
	for i, done := int64(0), int64(0); i < n; i++ {
		end := total * (i + 1) / n
		if err := do(end - done); err != nil {
			return err
		}
		c.Done(done, end)
		done = end
	}
	return nil
}

// Share does one goroutine's share of the operations of Begin, part by part. The
// course is that of all of them: one of them gets on by fits and starts.
func (c *Course) Share(share int64, do func(ops int64) error) error {
	var own *Course
	return own.Each(share, func(n int64) error {
		err := do(n)
		if c != nil {
			done := c.done.Add(n)
			c.Done(done-n, done)
		}
		return err
	})
}

// parts is how many parts of so many operations there are: none is empty.
func parts(total int64) int64 { return min(total, wire.CourseParts) }

// result is the time that an operation took, part by part; nil where the window
// was not divided, or its last part never done.
func (c *Course) result() wire.Course {
	if c == nil {
		return nil
	}
	n := parts(c.total)
	var took wire.Course
	from, done := c.start, int64(0)
	for i := range n {
		end := c.total * (i + 1) / n
		if c.ends[i] <= from {
			return nil
		}
		each := float64(c.ends[i]-from) / float64(end-done)
		took = append(took, math.Round(each*1e3)/1e3)
		from, done = c.ends[i], end
	}
	return took
}
