package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// CourseKey begins the line on which a workload that was given -course says how
// its window went: a configuration line of the benchmark format, before the
// result, whose value is a Course as JSON. It is printed only on request, as
// [StatsKey] is.
const CourseKey = "window-course"

// CourseParts is into how many equal parts of work a window is divided at most:
// enough to see where a warm-up ends, and too few for the noting of their ends to
// cost anything.
const CourseParts = 32

// A Course is how long the equal parts of a window's work took, in their order:
// ns an operation, or a unit of another kind that the workload counts its window
// in. In a steady state they differ by noise alone.
type Course []float64

// Line is the line of a workload's stdout.
func (c Course) Line() (string, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("wire: %s: %w", CourseKey, err)
	}
	return CourseKey + ": " + string(text) + "\n", nil
}

// FindCourse finds the line in a workload's stdout; nil where there is none.
func FindCourse(stdout string) (Course, error) {
	for line := range strings.Lines(stdout) {
		text, found := strings.CutPrefix(line, CourseKey+": ")
		if !found {
			continue
		}
		var c Course
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return nil, fmt.Errorf("wire: %s: %w", CourseKey, err)
		}
		return c, c.check()
	}
	return nil, nil
}

func (c Course) check() error {
	if len(c) > CourseParts {
		return fmt.Errorf("wire: %s: %d parts, want %d at most", CourseKey, len(c), CourseParts)
	}
	for i, v := range c {
		if !(v > 0) || v > math.MaxInt64 {
			return fmt.Errorf("wire: %s: part %d took %v ns", CourseKey, i, v)
		}
	}
	return nil
}
