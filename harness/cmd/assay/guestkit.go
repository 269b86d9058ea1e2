package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path/filepath"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/setup"
	"github.com/assaylab/assay/harness/vm"
)

// pack builds what every guest is sent with, and writes down what they are to do.
func (g *guests) pack(ctx context.Context, p *prepared) error {
	arch := g.want.arch
	first, err := p.builder.Tool(ctx, "harness/vm/init", arch)
	if err != nil {
		return err
	}
	agent, err := p.builder.Tool(ctx, "harness/cmd/assay", arch)
	if err != nil {
		return err
	}
	encoded, err := p.plan.Encode()
	if err != nil {
		return err
	}
	id, err := g.machineID()
	if err != nil {
		return err
	}
	if _, err := p.builder.Pack(ctx, g.dir, arch, nil); err != nil { // says which toolchain it will be
		return err
	}
	for _, one := range g.all {
		one.errand = errand{Assay: Version, Env: one.env, File: p.file, Places: p.places, Description: p.description}
		one.machine.Init = first
		one.machine.Files = []vm.File{
			{Path: agentThere, Source: agent, Mode: 0o755}, {Path: planThere, Body: encoded},
			{Path: "/etc/machine-id", Body: []byte(id + "\n")},
		}
	}
	return nil
}

// iterate has the trials of a gotest make as many iterations as were found. An agent
// that is at work has begun with other arguments: its guest is ended.
func (g *guests) iterate(ctx context.Context, turns []run.Turn) {
	g.off(ctx)
	for _, one := range g.all {
		one.errand.Turns = turns
	}
}

// machineID gives guests of one kind on this machine one identity, as the kernel is
// no part of a machine's.
func (g *guests) machineID() (string, error) {
	h, err := host.Read(machine)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(h.Machine + "\n" + g.want.String()))
	return hex.EncodeToString(sum[:16]), nil
}

// build makes what the testable cells need, for the guests' architecture, and sends
// it along from now on.
func (g *guests) build(ctx context.Context, p *prepared) (build.Record, error) {
	kit, err := p.builder.Packer(ctx, g.dir, g.want.arch)
	if err != nil {
		return build.Record{}, err
	}
	builds := map[int]buildSettings{}
	for cell, one := range g.of {
		if p.feasible.Cells[cell].Testable {
			builds[cell] = one.survey.Builds[cell]
		}
	}
	site := setup.Site{File: p.file, Plan: p.plan, Description: p.description}
	_, record, err := site.Make(ctx, kit, builds)
	if err != nil {
		return record, asUsage(err)
	}
	for _, bin := range record.Binaries {
		if err := p.standsAlone(bin, g.want.arch); err != nil {
			return record, err
		}
	}
	if err := kit.Close(); err != nil {
		return record, err
	}
	p.binaries = record.Cells
	return record, g.send(ctx)
}

// standsAlone refuses a program that no guest can run: one that is linked to libraries
// which it does not have.
func (p *prepared) standsAlone(bin build.Binary, arch string) error {
	if err := build.Static(bin.Path, arch); err != nil {
		return usagef("%s: %s can't run in a guest: %w (link it statically: cgo-enabled=0 for Go, -static for C; or drop --vm)", p.file, bin.Program, err)
	}
	return nil
}

// bringable refuses a command that no guest can run before any is booted: its program
// is there already, and needs no guest to say how to build it.
func (p *prepared) bringable(ctx context.Context, arch string) error {
	if p.plan.Spec.Workload.Command == nil {
		return nil
	}
	for _, c := range p.plan.Cells {
		bin, err := setup.Artefact(ctx, p.builder, p.plan.Spec.Workload, p.plan.Settings(c), nil)
		if err != nil {
			return asUsage(err)
		}
		if err := p.standsAlone(bin, arch); err != nil {
			return err
		}
	}
	return nil
}

// send takes the kit to the guest that is up; those booted later have it from the start.
func (g *guests) send(ctx context.Context) error {
	if g.up == nil {
		return nil
	}
	files, err := g.kit()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := g.up.Put(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// kit are the files of the kit as it is now. Links stay here.
func (g *guests) kit() ([]vm.File, error) {
	var files []vm.File
	err := filepath.WalkDir(g.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(g.dir, path)
		files = append(files, vm.File{Path: kitThere + "/" + filepath.ToSlash(name), Source: path})
		return err
	})
	return files, err
}
