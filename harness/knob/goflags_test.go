package knob

import "testing"

func TestALayoutJoinsTheFlagsThatLevelsSet(t *testing.T) {
	check := func(flags, want string) {
		t.Helper()
		build := map[string]string{"GOAMD64": "v3", "GOFLAGS": flags}
		got := WithLayout(build, 17)
		if got["GOFLAGS"] != want || got["GOAMD64"] != "v3" {
			t.Errorf("%s with layout 17: %q, want GOFLAGS=%s", flags, got, want)
		}
		if build["GOFLAGS"] != flags {
			t.Errorf("the settings given were changed to %q", build)
		}
	}
	check("", "-ldflags=-randlayout=17")
	check("-pgo=off", "-pgo=off -ldflags=-randlayout=17")
	check("'-gcflags=-N -l' '-ldflags=-s -w'", "'-gcflags=-N -l' '-ldflags=-s -w -randlayout=17'")
	check("-ldflags=-s -pgo=off", "-pgo=off '-ldflags=-s -randlayout=17'")
}
