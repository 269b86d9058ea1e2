package driver

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	"github.com/assaylab/assay/workloads/wire"
	"github.com/stretchr/testify/require"
)

func TestWorkIsDividedEvenlyAndAllOfItDone(t *testing.T) {
	check := func(total int64, wantParts int) {
		t.Helper()
		for _, c := range []*Course{nil, new(Course)} {
			var sizes []int64
			sum := int64(0)
			require.NoError(t, c.Each(total, func(n int64) error {
				sizes = append(sizes, n)
				sum += n
				return nil
			}))
			if sum != total || len(sizes) != wantParts {
				t.Errorf("%d operations: %d done in %d parts, want %d parts", total, sum, len(sizes), wantParts)
			}
			for _, n := range sizes {
				if each := total / int64(wantParts); n != each && n != each+1 {
					t.Errorf("%d operations: a part of %d", total, n)
				}
			}
		}
	}
	check(1, 1)
	check(10, 10)
	check(wire.CourseParts, wire.CourseParts)
	check(wire.CourseParts+1, wire.CourseParts)
	check(100_000, wire.CourseParts)
}

func TestAnErrorEndsTheWork(t *testing.T) {
	calls := 0
	err := new(Course).Each(100, func(int64) error {
		calls++
		return errors.New("no")
	})
	require.EqualError(t, err, "no")
	require.Equal(t, 1, calls)
}

// Each end is noted by the one call that crosses it, whoever makes it.
func TestGoroutinesNoteOneCourse(t *testing.T) {
	const total = 100
	c := new(Course)
	c.Begin(total)
	var wg sync.WaitGroup
	for i := range int64(total) {
		wg.Go(func() { c.Done(i, i+1) })
	}
	wg.Wait()
	for i, at := range c.ends {
		if at == 0 {
			t.Errorf("the end of part %d was not noted", i)
		}
	}
}

func TestSharesAddUpToOneCourse(t *testing.T) {
	const goroutines, share = 7, 100
	c := new(Course)
	for range 2 { // a second window begins anew
		c.Begin(goroutines * share)
		done := make([]int64, goroutines)
		var wg sync.WaitGroup
		for g := range done {
			wg.Go(func() {
				c.Share(share, func(n int64) error {
					done[g] += n
					return nil
				})
			})
		}
		wg.Wait()
		for g, n := range done {
			if n != share {
				t.Errorf("goroutine %d did %d operations, want %d", g, n, share)
			}
		}
		if n := c.done.Load(); n != goroutines*share {
			t.Errorf("%d operations noted, want %d", n, goroutines*share)
		}
		for i, at := range c.ends {
			if at < c.start {
				t.Errorf("the end of part %d was not noted", i)
			}
		}
	}
	var none *Course
	require.NoError(t, none.Share(share, func(int64) error { return nil }))
}

func TestTimesAreOfAnOperation(t *testing.T) {
	c := &Course{total: 40, start: 1000}
	at := int64(1000)
	for i := range int64(wire.CourseParts) {
		size := 40*(i+1)/wire.CourseParts - 40*i/wire.CourseParts // 1 or 2
		at += 500 * size
		c.ends[i] = at
	}
	got := c.result()
	require.Len(t, got, wire.CourseParts)
	for i, v := range got {
		if v != 500 {
			t.Errorf("part %d: %v ns an operation, want 500", i, v)
		}
	}
}

func TestACourseThatIsNotWholeIsNone(t *testing.T) {
	c := new(Course)
	require.Nil(t, c.result(), "nothing was divided")
	c.Begin(100)
	c.Done(0, 99)
	require.Nil(t, c.result(), "the last operation was not done")
	c.Done(99, 100)
	require.Nil(t, (*Course)(nil).result())
}

// paced is a fake whose Run notes its course.
type paced struct {
	fake
	course *Course
}

func (p *paced) Note(c *Course) { p.course = c }

func (p *paced) Run() (int64, error) {
	return 64, p.course.Each(64, func(int64) error {
		for from := Nanotime(); Nanotime() == from; {
		}
		return nil
	})
}

func TestACourseIsPrintedOnRequest(t *testing.T) {
	check := func(asked bool, flags ...string) {
		t.Helper()
		var log []string
		p := &paced{fake: fake{log: &log}}
		w := workload(&p.fake)
		w.Declare = func(*Params) Setup { return func(string) (Trial, error) { return p, nil } }
		o, err := w.parse(flags)
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, w.trial(o, nil, &out))
		c, err := wire.FindCourse(out.String())
		require.NoError(t, err)
		if want := map[bool]int{true: wire.CourseParts}[asked]; len(c) != want {
			t.Errorf("%q: a course of %d parts, want %d", flags, len(c), want)
		}
	}
	check(false)
	check(true, "-"+wire.FlagCourse)
}
