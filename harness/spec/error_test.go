package spec

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErrorsAreShownWithTheirLine(t *testing.T) {
	check := func(golden string, errs error) {
		t.Helper()
		got := errs.Error() + "\n"
		file := "testdata/" + golden
		if os.Getenv("UPDATE") != "" {
			require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		if got != string(want) {
			t.Errorf("got\n%s\nwant, from %s,\n%s", got, file, want)
		}
	}
	check("unknown-key.txt", refused(t, strings.Replace(small, "knobs:", "knob:", 1)))
	check("syntax.txt", refused(t, strings.Replace(small, "ns/op, of:", "ns/op: of:", 1)))
	check("several.txt", refused(t, strings.NewReplacer(
		"program: gc-churn", "program: ../gc-churn", "blocks: 10", "blocks: 010, budget: 5", "ratio < 1", "difference < 5", "small", "Small").Replace(small)))
}

func TestLongAndHostileLinesAreShownSafely(t *testing.T) {
	check := func(e Error, want string) {
		t.Helper()
		if got := e.Error(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	check(Error{Pos: Pos{"x", 1, 3}, Line: "\ta\x1b[31m", Msg: "m"}, "x:1:3: m\n    1 | \ta\uFFFD[31m\n      | \t ^")
	check(Error{Pos: Pos{"x", 12, 501}, Line: strings.Repeat("a", 500) + "b" + strings.Repeat("c", 500), Msg: "m", Allowed: "d"},
		"x:12:501: m\n   12 | "+strings.Repeat("a", 60)+"b"+strings.Repeat("c", 59)+"\n      | "+strings.Repeat(" ", 60)+"^\nallowed: d")
	check(Error{Msg: "from JSON, without a place"}, "from JSON, without a place")
}

func TestMessagesAreNotAsLongAsTheFile(t *testing.T) {
	errs := refused(t, strings.Repeat("k", 100_000)+": 1\n")
	if n := len(errs.Error()); n > 3000 {
		t.Errorf("a message of %d bytes", n)
	}
}

func TestTwentyErrorsAreEnoughToShow(t *testing.T) {
	text := small + "x:\n"
	for range 30 {
		text = strings.Replace(text, "name: small", "name: small\n"+string(rune('A'+strings.Count(text, "\n")%26))+strings.Repeat("x", strings.Count(text, "\n"))+": 1", 1)
	}
	errs := refused(t, text)
	if len(errs) != 31 || !strings.HasSuffix(errs.Error(), "\n\nand 11 more errors") {
		t.Errorf("%d errors, ending in %q", len(errs), errs.Error()[len(errs.Error())-40:])
	}
}

func TestAnExperimentFromJSONHasErrorsWithoutAPlace(t *testing.T) {
	e := load(t, "small.yaml", small)
	e.origin = nil
	e.Knobs[0].Key = Scalar{Text: "tph"}
	_, err := Check(e, lab{})
	if want := "there is no knob \"tph\" (did you mean thp?)\nallowed: thp, gogc, "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s...", err, want)
	}
}
