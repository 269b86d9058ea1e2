package wire

import (
	"strings"
	"testing"
)

func sound() Description {
	return Description{
		Name:    "gc-churn",
		Doc:     "churns",
		Roles:   []Role{{Name: RoleMain, Doc: "all of it"}},
		Params:  []Param{{Name: "live-heap", Kind: Bytes, Default: "64MiB", Doc: "live heap", Min: "1MiB"}},
		Metrics: []Metric{{Unit: "ns/op", Doc: "wall", Better: Lower, Primary: true}},
	}
}

func TestASoundDescriptionPasses(t *testing.T) {
	if err := sound().Validate(); err != nil {
		t.Error(err)
	}
}

func TestEveryFaultOfADescriptionIsNamed(t *testing.T) {
	check := func(want string, spoil func(*Description)) {
		t.Helper()
		d := sound()
		spoil(&d)
		if err := d.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q", err, want)
		}
	}
	check("lower case words", func(d *Description) { d.Name = "GC" })
	check("doc must be one line", func(d *Description) { d.Doc = "" })
	check("it has no role", func(d *Description) { d.Roles = nil })
	check("role main is there twice", func(d *Description) { d.Roles = append(d.Roles, d.Roles[0]) })
	check("0 roles are under test, want 1", func(d *Description) { d.Roles = append(d.Roles, Role{Name: "load", Doc: "asks"}) })
	check(`role "param"`, func(d *Description) { d.Roles[0].Name = RoleParam })
	check("param live-heap is there twice", func(d *Description) { d.Params = append(d.Params, d.Params[0]) })
	check("belongs to every workload", func(d *Description) { d.Params[0].Name = FlagCount })
	check(`default "1024KiB" is not canonical, want "1MiB"`, func(d *Description) { d.Params[0].Default = "1024KiB" })
	check("below the least", func(d *Description) { d.Params[0].Default = "1KiB" })
	check(`bound "1024KiB" is not canonical`, func(d *Description) { d.Params[0].Min = "1024KiB" })
	check("no such kind", func(d *Description) { d.Params[0].Kind = "colour" })
	check("0 metrics are primary", func(d *Description) { d.Metrics[0].Primary = false })
	check(`"ms" is not a unit of ours`, func(d *Description) { d.Metrics[0].Unit = "p99-latency-ms" })
	check(`"MB" is not a unit of ours`, func(d *Description) { d.Metrics[0].Unit = "MB/s" })
	check("a unit is one word", func(d *Description) { d.Metrics[0].Unit = "ns op" })
	check(`better is "more"`, func(d *Description) { d.Metrics[0].Better = "more" })
	check("resolution -1", func(d *Description) { d.Metrics[0].Resolution.Relative = -1 })
}
