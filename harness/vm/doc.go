// Package vm boots Debian kernels under QEMU, so that an experiment or a test has
// a machine that this one is not: another kernel, cgroup v2 alone, two NUMA
// nodes, another architecture.
//
//  1. scripts/fetch-kernels fills a cache; [Find] finds a [Kernel] in it, with
//     its modules and the order in which they load.
//  2. A [Machine] says what to boot: kernel, CPUs, memory, nodes, disks, files.
//     The files go into an [Initramfs] whose first process is harness/vm/init.
//  3. [Boot] starts it and returns a running [Guest]: [Guest.Run] runs commands
//     there, [Guest.Put] and [Guest.Fetch] carry files, [Guest.Conn] is a line of
//     bytes for the caller's own messages. What is said between this package and
//     the first process is harness/vm/link.
//  4. [Guest.Off] ends it in order, [Guest.Cut] as a power cut would.
//
// A guest is emulated where the machine can't run its kernel by itself. Its
// settings are real then, its timings are not: [Guest.Emulated].
package vm
