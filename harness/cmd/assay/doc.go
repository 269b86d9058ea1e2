// Assay runs experiments on Go programs under Linux: assay help explains it.
//
// A subcommand is one file: its flags, its help, one call, what it prints. The others
// wire the rooms of harness/ together. In the order of a run:
//
//  1. prepare.go reads, checks and plans an experiment and asks this machine what it
//     makes of it, catalogue.go says what there is to name; with --vm, guestsurvey.go
//     boots guests (guests.go, guestkit.go) and asks them. resume.go takes an interrupted
//     run up.
//  2. session.go is a run on one machine and one boot: build, take the machine
//     (stage.go), measure (perform.go), give it back. agent.go is its other end in a
//     guest, visit.go the way there.
//  3. folder.go and recorder.go write down what is measured, as it is measured.
//  4. analyse.go judges a folder and lays it out, and needs nothing of the machine;
//     report.go hands that over and maps it to the exit code (exit.go).
//
// What assay plan says besides comes from an earlier run (pilot.go, foresee.go) or from
// one start of the workload (estimate.go, budget.go).
package main
