package spec

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// accepts holds a tree against the structural part of a schema: types, keys,
// patterns, enums and alternatives. It returns the first complaint.
func accepts(schema object, n node, path string) string {
	if alternatives, ok := schema["anyOf"].([]any); ok && schema["properties"] == nil {
		complaint := ""
		for _, a := range alternatives {
			if complaint = accepts(a.(object), n, path); complaint == "" {
				return ""
			}
		}
		return complaint
	}
	switch n.kind {
	case mapping:
		return acceptsMapping(schema, n, path)
	case listing:
		if schema["type"] != "array" {
			return path + " is a list"
		}
		for _, item := range n.items {
			if c := accepts(schema["items"].(object), item, path+"[]"); c != "" {
				return c
			}
		}
		return ""
	}
	if schema["type"] == "object" || schema["type"] == "array" {
		return path + " is a scalar"
	}
	if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(n.text) {
		return path + " " + n.text + " does not match " + p
	}
	if e, ok := schema["enum"].([]any); ok && !slices.Contains(e, any(n.text)) {
		return path + " " + n.text + " is not in the enum"
	}
	return ""
}

func acceptsMapping(schema object, n node, path string) string {
	if schema["type"] != "object" {
		return path + " is a mapping"
	}
	for _, p := range n.pairs {
		key := path + "." + p.key.Text
		var value any = schema["additionalProperties"]
		for pattern, s := range asObject(schema["patternProperties"]) {
			if regexp.MustCompile(pattern).MatchString(p.key.Text) {
				value = s
			}
		}
		if s, ok := asObject(schema["properties"])[p.key.Text]; ok {
			value = s
		}
		s, ok := value.(object)
		if !ok {
			return key + " is not known"
		}
		if c := accepts(s, p.value, key); c != "" {
			return c
		}
	}
	need, _ := schema["required"].([]any)
	for _, k := range need {
		if _, ok := n.get(k.(string)); !ok {
			return path + " lacks " + k.(string)
		}
	}
	return ""
}

func asObject(v any) object { o, _ := v.(object); return o }

func schemaOf(t *testing.T, c Catalogue) object {
	t.Helper()
	var o object
	require.NoError(t, json.Unmarshal(Schema(c), &o))
	return o
}

func TestTheSchemaAcceptsWhatTheReaderDoes(t *testing.T) {
	schema := schemaOf(t, lab{})
	check := func(text, want string) {
		t.Helper()
		p := problems{lines: map[string][]string{}}
		n, ok := p.parse("x.yaml", []byte(text))
		require.True(t, ok, "%v", p.errs)
		if got := accepts(schema, n, "x"); got != want {
			t.Errorf("got %q, want %q for\n%s", got, want, text)
		}
	}
	check(thpGC, "")
	check(full, "")
	check(small, "")
	check(with(tested), "")
	check(with(measured), "")
	check(strings.Replace(with(tested), "bench:", "benhc:", 1), "x.workload.gotest.benhc is not known")
	check(strings.Replace(small, "knobs:", "knob:", 1), "x.knob is not known")
	check(strings.Replace(small, "thp: [", "tph: [", 1), "x.knobs.tph is not known")
	check(strings.Replace(small, "gc-churn", "gc", 1), "x.workload.program gc is not in the enum")
	check(strings.Replace(small, "2GiB", "[2GiB]", 1), "x.isolation.memory.max is a list")
	check(strings.Replace(small, "id: one", "says: one", 1), "x.claims[] lacks id")
}

// described notes every key of a table that the schema lacks or does not describe.
func described[T any](t *testing.T, tb table[T], schema object) {
	t.Helper()
	properties := asObject(schema["properties"])
	for _, f := range tb.fields {
		p := asObject(properties[f.key])
		if p["description"] != f.doc || !strings.HasSuffix(f.doc, ".") || strings.Contains(f.doc, "\n") {
			t.Errorf("%s.%s: description %v, doc %q", tb.name, f.key, p["description"], f.doc)
		}
	}
	if len(properties) != len(tb.fields) || schema["additionalProperties"] != false {
		t.Errorf("%s: the schema has %d keys, the table %d", tb.name, len(properties), len(tb.fields))
	}
}

func TestTheSchemaHasEveryKeyOfEveryTable(t *testing.T) {
	root := schemaOf(t, lab{})
	at := func(path ...string) object {
		o := root
		for _, p := range path {
			if p == "[]" {
				o = asObject(o["items"])
			} else {
				o = asObject(asObject(o["properties"])[p])
			}
		}
		return o
	}
	described(t, experimentKeys, at())
	described(t, workloadKeys, at("workload"))
	described(t, gotestKeys, at("workload", "gotest"))
	described(t, metricKeys, asObject(at("workload", "metrics")["additionalProperties"]))
	described(t, expectKeys, at("workload", "expect"))
	described(t, designKeys, at("design"))
	described(t, controlKeys, at("design", "controls"))
	described(t, positiveKeys, at("design", "controls", "positive"))
	described(t, claimKeys, at("claims", "[]"))
	described(t, sourceKeys, at("claims", "[]", "source"))
	described(t, compareKeys, at("claims", "[]", "compare"))
	described(t, reportKeys, at("report"))
	if root["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
		t.Errorf("$schema is %v", root["$schema"])
	}
}

func TestEveryPatternOfTheSchemaIsOneOfECMAScriptToo(t *testing.T) {
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case object:
			if p, ok := v["pattern"].(string); ok {
				// RE2 is a subset of ECMA-262 but for flags, \A, \z, \Q and classes by [[:name:]].
				if regexp.MustCompile(`\(\?|\\[AzQECp]|\[\[:`).MatchString(p) {
					t.Errorf("pattern %s", p)
				}
				regexp.MustCompile(p)
			}
			for _, sub := range v {
				walk(sub)
			}
		case []any:
			for _, sub := range v {
				walk(sub)
			}
		}
	}
	walk(schemaOf(t, lab{}))
}

// empty is a catalogue of nothing.
type empty struct{ lab }

func (empty) Knobs() []string         { return nil }
func (empty) Programs() []string      { return nil }
func (empty) Params(string) []string  { return nil }
func (empty) Metrics(string) []string { return nil }

func TestASchemaOfNothingIsStillOne(t *testing.T) {
	program := asObject(asObject(asObject(asObject(schemaOf(t, empty{})["properties"])["workload"])["properties"])["program"])
	if e, ok := program["enum"].([]any); !ok || len(e) != 0 {
		t.Errorf("enum of no programs is %v", program["enum"])
	}
}
