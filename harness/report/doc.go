// Package report shows what a run found.
//
//  1. The command reads a results folder into an [Input].
//  2. [PlotData] picks what is to be plotted; plot.All draws it.
//  3. [Build] makes one [Report] of the input: all numbers, nothing laid out.
//  4. A [Renderer] writes it as text, Markdown, HTML, LaTeX, CSV or JSON. All show the
//     same verdicts, as none of them judges: the words come from package verdict.
//
// What is not of one run is shown by functions of its own: a comparison ([CompareText]),
// benchstat's tables over any inputs ([LayOut]), a calibration ([CalibrateText]).
//
// A renderer is one file. Those for people share the layout of one list of sections, so
// that they can't come to differ in what they say.
//
// The tables of benchstat are built here, on the packages that benchstat
// itself is built on, and equal its output cell for cell ([Tables]). They stay
// apart from the verdicts: benchstat compares unpaired, this harness in blocks.
package report
