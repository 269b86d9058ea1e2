// Package plot draws what a run measured: [Box] and [ECDF] for how the trials
// of each cell are spread, [RunOrder] for drift over the run, [Forest] for the
// claims with their regions, [Interaction] and [Pareto] for what of a matrix matters.
//
//  1. Fill a [Metric] (one number, all cells) or [Claims] (all verdicts).
//  2. Each function turns one of them into a [Figure].
//  3. Save the figure by the extension of a path, or let [All] write a folder.
//
// The same input gives the same bytes, on every host: fonts are built in, and
// the jitter of points is a fixed sequence. Colours are those of Okabe and Ito
// (https://jfly.uni-koeln.de/color/), and no colour stands alone: marks,
// dashes or words say the same.
package plot
