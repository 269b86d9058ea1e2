package spec

import (
	"encoding/json"
	"fmt"
)

// Schema is the JSON Schema (draft 2020-12) of experiment files, for editors.
// It knows the knobs, workloads, params and metrics of the catalogue. It can't
// say all that [Load] and [Check] do: that levels parse, or that claims fit.
func Schema(c Catalogue) []byte {
	root := experimentKeys.schema(c)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "An experiment of assay"
	root["description"] = "One question: a workload, the knobs to vary, and the claims to test."
	delete(root, "required") // what extends another inherits the rest
	root["anyOf"] = []object{{"required": []string{"name", "workload"}}, {"required": []string{"name", "extends"}}}
	programs(dig(root, "properties", "workload"), c)
	metricNames(root, c)
	b, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("spec: schema: %v", err)) // only strings, numbers, lists and maps of them are in it
	}
	return append(b, '\n')
}

// programs narrows workload to the programs there are, each with its own params.
func programs(workload object, c Catalogue) {
	// One of three ways to say what runs; which, may be inherited.
	var both []object
	for _, pair := range [][]string{{"program", "gotest"}, {"program", "command"}, {"gotest", "command"}} {
		both = append(both, object{"required": pair})
	}
	workload["not"] = object{"anyOf": both}
	dig(workload, "properties")["program"] = object{
		"enum": nonNil(c.Programs()), "description": dig(workload, "properties", "program")["description"]}
	var cases []object
	for _, p := range c.Programs() {
		cases = append(cases, object{
			"if": object{"properties": object{"program": object{"const": p}}, "required": []string{"program"}},
			"then": object{"properties": object{"params": object{
				"propertyNames": object{"enum": nonNil(c.Params(p))}}}},
		})
	}
	if len(cases) > 0 {
		workload["allOf"] = cases
	}
}

// metricNames offers the metrics there are. They are no enum: which ones are
// printed depends on the program.
func metricNames(root object, c Catalogue) {
	var all []string
	seen := map[string]bool{}
	for _, p := range c.Programs() {
		for _, m := range c.Metrics(p) {
			if !seen[m] {
				seen[m] = true
				all = append(all, m)
			}
		}
	}
	if len(all) == 0 {
		return
	}
	claim := dig(root, "properties", "claims", "items")
	dig(claim, "properties", "compare", "properties", "metric")["examples"] = all
	dig(root, "properties", "design", "properties", "controls", "properties", "positive", "properties", "metric")["examples"] = all
}

// dig follows keys into an object.
func dig(o object, keys ...string) object {
	for _, k := range keys {
		o = o[k].(object)
	}
	return o
}

// nonNil keeps an empty enum from becoming null.
func nonNil(words []string) []string { return append([]string{}, words...) }
