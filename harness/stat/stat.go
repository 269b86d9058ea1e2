// Package stat turns samples into effects with intervals. It knows blocks,
// cells and values, and nothing of where they come from.
//
//  1. A [Question] names a metric and two sides of a plan. [Compare] answers it
//     from samples: one number a block, and of these an [Effect].
//  2. [Effect.Interval] is the exact signed-rank interval at any level,
//     [Effect.P] the smallest alpha at which that interval decides about a [Region].
//     The two are one rule read in two directions.
//  3. [Holm] sets the level at which each of several sub-claims is judged and shown.
//  4. Of a whole matrix, [Allocate] says which factor moves a metric, and an
//     [Interaction] whether one effect depends on another factor.
//  5. [Comparison.Warnings] and [Residue] are the doubts that travel with a result.
//
// The unit of inference is the block. Values of one block are never taken for
// independent repetitions, and neither are iterations inside a process.
package stat
