package wire

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACourseIsALineOfTheBenchmarkFormatAndBack(t *testing.T) {
	c := Course{1250.5, 1e3, 999}
	line, err := c.Line()
	require.NoError(t, err)
	require.Equal(t, "window-course: [1250.5,1000,999]\n", line)
	got, err := FindCourse("goos: linux\n" + line + "BenchmarkX 1 2 ns/op\n")
	require.NoError(t, err)
	require.Equal(t, c, got)
}

func TestNoLineIsNoCourseAndAGarbledOneAnError(t *testing.T) {
	c, err := FindCourse("BenchmarkX 1 2 ns/op\n")
	require.NoError(t, err)
	require.Nil(t, c)
	many, err := make(Course, CourseParts+1).Line()
	require.NoError(t, err)
	for _, line := range []string{"window-course: {\n", "window-course: [1,0]\n", "window-course: [-1]\n", "window-course: [1e19]\n", `window-course: ["1"]` + "\n", many} {
		if _, err := FindCourse(line); err == nil {
			t.Errorf("%q is taken", line)
		}
	}
}

func FuzzFindCourse(f *testing.F) {
	f.Add("window-course: [1,2.5,3]\n")
	f.Add("window-course: null")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := FindCourse(text)
		if err != nil {
			return
		}
		line, err := c.Line()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := FindCourse(line); err != nil || !slices.Equal(c, again) {
			t.Errorf("%v and back: %v, %v", c, again, err)
		}
	})
}
