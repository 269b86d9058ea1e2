package main

import (
	"fmt"

	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/verdict"
)

// gist of a plan that asks for a precision; nil for one that does not.
func (p *prepared) gist() *verdict.Gist {
	if p.plan.Spec.Design.Precision == 0 {
		return nil
	}
	return verdict.NewGist(p.evidence(results.Run{Plan: p.plan}))
}

// precise is the look at the precision; nil where none is asked for.
func (p *prepared) precise(g *verdict.Gist) func(int) (string, bool) {
	if g == nil {
		return nil
	}
	want := p.plan.Spec.Design.Precision
	return func(blocks int) (string, bool) {
		got, ok := g.Precision()
		return fmt.Sprintf("the precision of %.3g %% is reached after %d blocks", 100*want, blocks), ok && got <= want
	}
}
