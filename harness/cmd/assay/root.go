package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// assay runs one command line and returns the exit code.
func assay(ctx context.Context, stdout, stderr io.Writer, args []string) int {
	ctx, cancel := untilSignal(ctx)
	defer cancel()
	l := &lab{stdout: stdout, stderr: stderr}
	root := command(l)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	began := false
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	err := interrupted(ctx, root.ExecuteContext(ctx))
	var o outcome
	switch known := errors.As(err, &o); {
	case unread(err):
		err = outcome{code: exitSignal + int(syscall.SIGPIPE)}
	case err != nil && !known && !began: // cobra's own, of a command line that it can't follow
		err = usage(err)
		fallthrough
	case err != nil && !(known && o.err == nil):
		fmt.Fprintf(stderr, "assay: %s\n", strings.TrimRight(err.Error(), "\n"))
	}
	return code(err)
}

// interrupted is the signal, where one came, of whatever error followed from it: a
// build that it ended says only that it was killed. What has an exit code of its
// own keeps it.
func interrupted(ctx context.Context, err error) error {
	var s stopped
	var o outcome
	if err == nil || errors.As(err, &o) || errors.As(err, &s) || !errors.As(context.Cause(ctx), &s) {
		return err
	}
	return s
}

// unread says that whoever was to read our output has gone, as head(1) does.
func unread(err error) bool {
	var p *fs.PathError
	return errors.As(err, &p) && p.Path == os.Stdout.Name() && errors.Is(p, syscall.EPIPE)
}

func command(l *lab) *cobra.Command {
	root := &cobra.Command{
		Use:   "assay",
		Short: "Reproducible benchmarks and experiments for Go on Linux",
		Long: `assay runs an experiment: a workload, a matrix of knobs, and claims. It sets the
knobs, runs the workload in fresh cgroups, puts the machine back as it was, and
writes tables, plots and a verdict on every claim.`,
		Example: `  assay list                     what there is to run
  assay plan thp-gc              what it would do, and what it would write where
  sudo assay run thp-gc          do it; results go to results/thp-gc/
  assay report results/thp-gc/DIR
  assay restore                  put back what a killed run left set`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%w (see %s --help)", err, c.CommandPath())
	})
	flags := root.PersistentFlags()
	flags.StringVar(&l.dir, "dir", "", "the checkout that holds experiments/ and workloads/ (default: here or above)")
	flags.StringVar(&l.state, "state", "", "where the journal is kept (default: /var/lib/assay as root, else ~/.local/state/assay)")
	flags.StringVar(&l.lock, "lock", "", "the host lock (default: /run/lock/assay.lock)")
	flags.StringVar(&l.cgroupParent, "cgroup-parent", "", "the group below which assay makes its own, in every hierarchy (default: the root, or the scope it was started in)")
	flags.StringVar(&l.kit, "kit", "", "a folder of binaries from assay build, for a machine without Go (default: build from source)")
	root.SetHelpCommand(helpCommand(root))
	root.AddCommand(
		runCommand(l), planCommand(l), reportCommand(l), compareCommand(l), calibrateCommand(l), listCommand(l), knobsCommand(l), workloadsCommand(l),
		restoreCommand(l), verifyCommand(l), buildCommand(l), schemaCommand(l), versionCommand(l), guardianCommand(l), agentCommand(l),
	)
	return root
}

// helpCommand is cobra's, but that an unknown command is an error.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Explain a command",
		Example: "  assay help\n  assay help run",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || c == root && len(rest) > 0 {
				return usagef("no command %q (assay help lists them)", strings.Join(args, " "))
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// untilSignal ends the context at the first SIGINT, SIGTERM or SIGHUP, with the
// signal as its cause. A second one changes nothing: the machine is being restored.
// Under nohup(1), which ignores SIGHUP, it stays ignored. SIGPIPE ends nothing
// here: a run whose progress no one reads any more goes on, and a write to a
// closed stdout is an error like others.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	// Caught and not ignored: what is ignored would be so in the workload too.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	go func() {
		select {
		case s := <-signals:
			cancel(stopped{s.(syscall.Signal)})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); signal.Stop(broken); cancel(nil) }
}

// exactly wants n arguments; the error shows how the command is used.
func exactly(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("usage: %s", c.UseLine())
		}
		return nil
	}
}

func upTo(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef("usage: %s", c.UseLine())
		}
		return nil
	}
}
