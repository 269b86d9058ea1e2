// Package cgroup gives every trial fresh cgroups, on v1, hybrid and v2 hosts
// alike, and removes them again.
//
//  1. [Detect] finds where controllers hang. [Tree.Reach] and [Tree.Can] say
//     what is possible here before anything is touched, and why not.
//  2. [Tree.NewSlot] makes the folders that last for a run. What it will make
//     and switch on is handed to the caller first, who notes it in a journal.
//  3. [Slot.Leaf] makes the groups of one process of one trial and limits them.
//     Settings and readings have v2 names and v2 notation; one table (table.go)
//     knows what they are called on v1.
//  4. The process is born inside: [Leaf.Tasks], [Leaf.Dir]. Then [Leaf.Read],
//     [Leaf.Counters], [Leaf.Kill], [Leaf.Remove], [Slot.Close].
//  5. [RemoveTree] and [SwitchOff] undo, from a journal, what a harness that
//     was killed has left.
//
// Groups are <parent>/assay/<run>/<trial>.<role> in every hierarchy, and
// nothing outside a folder named assay is ever removed or killed.
package cgroup
