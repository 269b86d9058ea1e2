package spec

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"
)

func FuzzParse(f *testing.F) {
	for _, text := range []string{thpGC, full, small, with(tested), with(measured), "", "a: b: c", "a: [", "a: |\n  b\n c", "? a", "&a *a", "- - - a", "\ufeff---\nname: x\n...\n", "a: \"\\u00e9\n  b\"\n"} {
		f.Add([]byte(text))
	}
	for i, b := range broken {
		if i%5 == 0 && len(b.new) < 1000 {
			f.Add([]byte(b.new + "\n" + small))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := Parse("small.yaml", data)
		if err == nil {
			_, err = Check(e, lab{})
			same(t, e)
		} else if e.Name != "" && Misspelt(e, lab{}) == nil && e.origin.unread != nil {
			t.Error("what could not be read is not told of any more")
		}
		if err == nil {
			return
		}
		var errs Errors
		if !errors.As(err, &errs) || len(errs) == 0 {
			t.Fatalf("not Errors but %T: %v", err, err)
		}
		if !utf8.ValidString(errs.Error()) {
			t.Errorf("the message is not UTF-8: %q", errs.Error())
		}
		for _, e := range errs {
			if e.File != "small.yaml" || e.Pos.Line < 1 || e.Column < 1 || e.Column > utf8.RuneCountInString(e.Line)+1 && e.Line != "" {
				t.Errorf("no such place: %+v", e)
			}
		}
	})
}

// same asks that an experiment survives JSON.
func same(t *testing.T, e Experiment) {
	t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back Experiment
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if back.SHA256() != e.SHA256() {
		t.Errorf("%s is not what comes back", b)
	}
}
