// Package spec reads experiment files.
//
//  1. [Load] reads a file, its extends and its NAME.local.yaml, strictly: an
//     unknown key, a wrong unit or an empty level is an [Error] with the place,
//     the line itself and what is allowed there. All errors of a file come at
//     once, as [Errors].
//  2. [Check] holds the result against a [Catalogue] of knobs and workloads and
//     returns it with every level in canonical text.
//  3. [Schema] describes the same file to an editor. Reader and schema come
//     from one set of tables; see keys.go to add a key.
//
// # Inheritance
//
// "extends: other" starts from other.yaml beside the file. Every section of the
// file that is a mapping is laid over the inherited one key by key, one level
// deep; everything else, lists above all, replaces what was inherited. The name
// is never inherited.
//
// NAME.local.yaml beside NAME.yaml fits an experiment to one machine. It may
// change workload.params, design.budget and design.timeout, nothing else, and
// what it changed stands in [Experiment].Local.
//
// Nothing here looks at the machine.
package spec
