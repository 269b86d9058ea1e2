package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/setup"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/vm/link"
	"github.com/assaylab/assay/workloads/wire"
)

// Where a guest finds what it is sent with.
const (
	agentThere  = "/assay/assay"
	planThere   = "/assay/plan.json"
	errandThere = "/assay/errand.json"
	kitThere    = "/assay/kit"
)

// An errand is what a guest has to know beside the plan.
type errand struct {
	Assay       string           `json:"assay"`  // version of the harness that sends it
	Env         string           `json:"env"`    // name of the guest among the environments of the run
	File        string           `json:"file"`   // the experiment's, for messages
	Places      spec.Places      `json:"places"` // in the experiment's file
	Description wire.Description `json:"description"`
	Turns       []run.Turn       `json:"turns,omitempty"` // of a gotest's trials, once its iterations are known
}

// A survey is what a guest makes of a plan.
type survey struct {
	Host     host.Host             `json:"host"`
	Feasible knob.Feasibility      `json:"feasible"`
	Builds   map[int]buildSettings `json:"builds"` // testable cell -> what it is built with
	Groups   []string              `json:"groups"` // directories that a run would make
}

// BuildSettings are those of a build, by variable.
type buildSettings = map[string]string

// agentCommand is what runs in a guest; it is not for people.
func agentCommand(l *lab) *cobra.Command {
	return &cobra.Command{
		Use:       "agent survey|run",
		Hidden:    true,
		Args:      exactly(1),
		ValidArgs: []string{"survey", "run"},
		RunE: func(c *cobra.Command, args []string) error {
			p, e, err := sent(c.Context(), l)
			switch {
			case err != nil:
				return err
			case args[0] == "survey":
				return l.survey(p)
			case args[0] == "run":
				return l.agent(c.Context(), p, e)
			}
			return usagef("usage: %s", c.UseLine())
		},
	}
}

// sent reads what this guest was sent with, and holds the plan against it.
func sent(ctx context.Context, l *lab) (*prepared, errand, error) {
	var e errand
	text, err := os.ReadFile(errandThere)
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	if err != nil {
		return nil, e, usagef("what this guest is to do: %w (assay agent is for guests: see assay run --vm)", err)
	}
	if e.Assay != Version {
		return nil, e, usagef("this is assay %s, sent by %s (build the assay that you run from the checkout that it uses)", Version, e.Assay)
	}
	p := &prepared{file: e.File, places: e.Places, description: e.Description, builder: build.Builder{Kit: kitThere}}
	if text, err = os.ReadFile(planThere); err != nil {
		return nil, e, err
	}
	if p.plan, err = plan.Decode(text); err != nil {
		return nil, e, err
	}
	return p, e, p.look(ctx, l)
}

// survey prints what this guest is and what it makes of the plan.
func (l *lab) survey(p *prepared) error {
	builds, err := p.site().Builds(p.feasible)
	if err != nil {
		return err
	}
	return l.json(survey{Host: p.host, Feasible: p.feasible, Builds: builds, Groups: p.wouldMake()})
}

// agent takes this guest as a run takes its machine, makes what it is asked to over
// the line to the harness, and gives the guest back.
func (l *lab) agent(ctx context.Context, p *prepared, e errand) (err error) {
	cells, _, err := p.setups(ctx)
	if err != nil {
		return err
	}
	if e.Turns != nil {
		setup.Iterate(cells, e.Turns)
	}
	port, err := link.OpenPort(link.Channel)
	if err != nil {
		return err
	}
	defer port.Close()
	s, err := l.enter(ctx, p, runID(p.plan.Spec.Name), false)
	if err != nil {
		return err
	}
	defer func() {
		report, closing := s.leave()
		err = errors.Join(err, closing, unrestored(report))
	}()
	return s.perform(ctx, p, cells, s.scratch, func(ctx context.Context, executor *run.Local, notes []string) error {
		executor.Name = e.Env
		return run.Serve(ctx, executor, notes, port)
	})
}

// unrestored is the error of a machine that is not as it was; nil for one that is.
func unrestored(report journal.Report) error {
	if report.OK() {
		return nil
	}
	return fmt.Errorf("the machine is not as it was:\n  %s", strings.Join(remains(report), "\n  "))
}

// remains are the lines of a report on what could not be put back.
func remains(report journal.Report) []string {
	var left []string
	for _, line := range report.Lines {
		if line.Outcome == journal.ForeignLeft || line.Outcome == journal.Failed {
			left = append(left, line.String())
		}
	}
	return left
}
