package driver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/assaylab/assay/workloads/wire"
)

// cast is the part of the description that says who there is.
func (w Workload) cast() wire.Description { return wire.Description{Roles: w.roles()} }

// play is what a process does that is neither asked for help nor to repeat itself.
func (w Workload) play(o options, args []string, control *wire.Conn, stdout io.Writer) error {
	switch {
	case o.role == w.cast().Printer().Name:
		return w.trial(o, control, stdout)
	case o.role != "":
		return w.serve(o, control)
	case control != nil:
		return usageError("it has several roles, and a harness starts one process for each: give -" + wire.FlagRole)
	}
	return w.ensemble(o, args, stdout)
}

// serve is the life of a process that does not print: set up, ready, serve until
// the control channel closes, or by hand until a signal.
func (w Workload) serve(o options, control *wire.Conn) error {
	defer control.Close()
	defer withdraw()
	end := dismissed(control)
	if err := Publish(pidOf(o.role), strconv.Itoa(os.Getpid())); err != nil {
		return err
	}
	t, err := o.setup(o.role)
	if err != nil {
		return err
	}
	stop, err := record(o.profile, o.trace)
	if err != nil {
		return errors.Join(err, t.Close())
	}
	ended := make(chan error, 1)
	go func() {
		_, err := t.Run()
		ended <- err
	}()
	if err := control.Ready(); err != nil {
		return errors.Join(err, stop(), t.Close())
	}
	select {
	case err := <-ended:
		return errors.Join(errors.New("stopped serving by itself"), err, stop(), t.Close())
	case err := <-end:
		return errors.Join(err, stop(), t.Close(), <-ended)
	}
}

// dismissed tells when a role that serves is no longer needed.
func dismissed(control *wire.Conn) <-chan error {
	done := make(chan error, 1)
	if control != nil {
		go func() { done <- control.AwaitEnd() }()
		return done
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		done <- nil
	}()
	return done
}

// ensemble plays all roles by hand: this process the one that prints, children of
// it the others, in a folder of their own. The line comes last, once all have
// ended well.
func (w Workload) ensemble(o options, args []string, stdout io.Writer) error {
	// The parent-death signal goes by the thread that forks, so it must live.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dir, err := os.MkdirTemp("", w.Name+"-")
	if err != nil {
		return fmt.Errorf("folder for the roles: %w", err)
	}
	defer os.RemoveAll(dir)
	defer removeAtSignal(dir)()
	if err := os.Setenv("TMPDIR", dir); err != nil {
		return err
	}
	var line bytes.Buffer
	if err := w.lead(w.roles(), o, args, &line); err != nil {
		return err
	}
	if _, err := stdout.Write(line.Bytes()); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// lead hires the first of roles for as long as the rest is played, and plays the
// last one itself.
func (w Workload) lead(roles []wire.Role, o options, args []string, line io.Writer) error {
	o.role = roles[0].Name
	tested := o.role == w.cast().UnderTest().Name
	if len(roles) == 1 {
		if !tested {
			o.profile, o.trace = "", "" // these are of the role under test
		}
		return w.trial(o, nil, line)
	}
	own := args
	if !tested {
		own = slices.Concat(args, []string{"-" + wire.FlagProfile + "=", "-" + wire.FlagTrace + "="})
	}
	c, err := hire(o.role, own)
	if err != nil {
		return fmt.Errorf("role %s: %w", o.role, NotAgain(err, "start each role yourself, with -"+wire.FlagRole+", in the order of -h and with the same TMPDIR"))
	}
	unready := c.ready()
	if unready == nil {
		err = w.lead(roles[1:], o, args, line)
	}
	if failed := c.dismiss(); failed != nil { // which is then why it was not ready
		return errors.Join(fmt.Errorf("role %s: %w", o.role, failed), err)
	}
	return errors.Join(unready, err)
}

// removeAtSignal removes a folder also where a signal ends this process, until
// the function that it returns is called.
func removeAtSignal(dir string) (off func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		if s, ok := <-signals; ok {
			os.RemoveAll(dir)
			signal.Reset(s)
			syscall.Kill(os.Getpid(), s.(syscall.Signal))
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
	}
}

// A hireling is a child that plays a role.
type hireling struct {
	*exec.Cmd
	conn *wire.Conn
}

func hire(role string, args []string) (*hireling, error) {
	ours, theirs, err := wire.Pair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	c := &hireling{Cmd: exec.Command(Itself), conn: wire.NewConn(ours)}
	c.Args = append(slices.Concat([]string{os.Args[0]}, args), "-"+wire.FlagRole+"="+role) // the last one counts
	c.Stdout, c.Stderr, c.ExtraFiles = os.Stderr, os.Stderr, []*os.File{theirs}            // the first is descriptor 3
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		c.conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *hireling) ready() error {
	_, err := c.conn.Expect(wire.MsgReady, wire.Patience)
	return err
}

// dismiss lets a child end and says how it did.
func (c *hireling) dismiss() error {
	c.conn.Close()
	return c.Wait()
}

// Publish leaves a text, such as an address, for the roles that start after this
// one: one line. It stands in the folder for temporary files that the roles of a
// trial have to themselves, until this process has served.
func Publish(name, text string) error {
	path := notice(name)
	part := path + "." + strconv.Itoa(os.Getpid())
	err := os.WriteFile(part, []byte(text+"\n"), 0o600)
	if err == nil {
		err = os.Rename(part, path) // whoever looks finds all of it or nothing
	}
	if err != nil {
		return fmt.Errorf("tell the other roles the %s: %w", name, err)
	}
	published = append(published, path)
	return nil
}

// published are the files of what this process has published.
var published []string

func withdraw() {
	for _, path := range published {
		os.Remove(path)
	}
}

// Lookup is what a role that started before this one has published by a name.
func Lookup(name string) (string, error) {
	text, err := os.ReadFile(notice(name))
	if err != nil {
		return "", fmt.Errorf("the %s that another role should have published: %w (start that role first, with the same TMPDIR; without -%s one process starts all)", name, err, wire.FlagRole)
	}
	return strings.TrimSuffix(string(text), "\n"), nil
}

func notice(name string) string { return filepath.Join(os.TempDir(), "assay-"+name) }

// pidOf is by what name each role that serves publishes its process.
func pidOf(role string) string { return role + "-pid" }

// A process is one whose CPU time and memory stand on the line.
type process struct {
	pid    int
	prefix string // of its units
}

func (p process) unit(unit string) string { return p.prefix + unit }

// processes are this one and, where it is another, that of the role under test,
// which is the one without a prefix.
func (w Workload) processes() ([]process, error) {
	d := w.cast()
	own, tested := d.Printer().Name, d.UnderTest().Name
	if own == tested {
		return []process{{pid: os.Getpid()}}, nil
	}
	text, err := Lookup(pidOf(tested))
	if err != nil {
		return nil, err
	}
	pid, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("process of %s: %w", tested, err)
	}
	return []process{{pid: pid}, {os.Getpid(), own + "-"}}, nil
}
