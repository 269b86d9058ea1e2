package run

import (
	"cmp"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/resource"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// An actor is the process of one role while a trial is under way; where it has
// several, the one under way.
type actor struct {
	Role
	leaf           *cgroup.Leaf
	process        *launch.Process
	stdout, stderr *pipe
	control        *socket
	conn           *wire.Conn // our end of control

	proof         knob.Evidence
	since         time.Time          // when its first process started
	past          launch.Exit        // of the processes before this one, together
	exit          launch.Exit        // of all its processes
	foul          error              // what was wrong with its side of the conversation
	begun, closed collect.Moment     // its counters at either end of the window
	counting      *collect.Counting  // events of the processor; nil where none are counted
	events        map[string]float64 // what that had counted at the end of the window
	counts        map[string]float64 // its counters of the window

	dismissed atomic.Bool   // it may end now
	gone      chan struct{} // closed when one that serves has ended; nil for the one that prints
}

// cast makes the actors of a trial, none of which is there yet.
func cast(roles []Role) []*actor {
	var actors []*actor
	for _, r := range roles {
		actors = append(actors, &actor{Role: r})
	}
	return actors
}

// printer is the actor whose stdout is the benchmark and whose begin and end are the window.
func (t *trial) printer() *actor { return t.actors[len(t.actors)-1] }

// tested is the actor of the role under test.
func (t *trial) tested() *actor {
	return t.actors[slices.IndexFunc(t.actors, func(a *actor) bool { return a.Tested })]
}

// start makes the leaf of a role and starts its process in it.
func (t *trial) start(a *actor) (err error) {
	if a.leaf, err = t.Groups.Leaf(t.name(), a.Name, a.Effects.Cgroup); err != nil {
		return err
	}
	if _, err = t.home(t.attempt.Trial.Side, t.user()); err != nil {
		return err
	}
	if err := a.open(a == t.printer(), t.stderrKept(a)); err != nil {
		return err
	}
	if t.attempt.Block < 0 && a.stdout != nil && !t.Talks {
		told := t.Told
		if t.attempt.Trial.Side > 0 {
			told = nil // of a duet one is enough
		}
		a.stdout.follow(told)
	}
	if !t.Talks {
		a.begun = t.around(a, false)
	} else if err := a.connect(); err != nil {
		return err
	}
	if err := t.launch(a, t.recordings(a, a.Args, 0)); err != nil || len(a.Then) > 0 {
		return err
	}
	a.closeChildEnds()
	return nil
}

// launch starts a process of a role in its leaf.
func (t *trial) launch(a *actor, args []string) error {
	dir := t.homePath(t.attempt.Trial.Side)
	cmd := launch.Command{
		Path: t.Binary.Path, Args: args, Env: t.environ(a, dir), Dir: cmp.Or(t.Binary.Dir, dir),
		Stdout: a.output().child, Stderr: a.stderr.child,
		User: t.user(), Settings: a.Effects.Process,
		Tasks: a.leaf.Tasks(), Cgroup: a.leaf.Dir(),
	}
	if t.Provide != nil {
		cmd.Network = t.Provide.Network()
	}
	if t.Talks {
		cmd.Control = a.control.child
	}
	if t.Bare {
		cmd.Tasks, cmd.Cgroup = nil, nil
	}
	if t.countsEvents(a) {
		cmd.OnThread = func() (err error) {
			t.Local.mu.Lock()
			defer t.Local.mu.Unlock()
			if a.counting == nil {
				a.counting, err = t.Perf.Attach(!t.Talks)
				return err
			}
			return a.counting.Extend(!t.Talks)
		}
	}
	p, err := launch.Start(cmd)
	if err != nil {
		return err
	}
	t.join(a, p)
	if t.Watch != nil {
		return t.Watch(p.PID)
	}
	return nil
}

// user is whom all roles run as, as they share a folder: the knob user is the
// workload's.
func (t *trial) user() *launch.User {
	return cmp.Or(t.tested().Effects.Process.User, t.User)
}

// join gives an actor its process, for the watchdog to find.
func (t *trial) join(a *actor, p *launch.Process) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.process == nil {
		a.since = p.Begun
	}
	a.process = p
	if t.over {
		a.kill()
	}
}

// open makes what an actor says something on. Only the one that prints has a stdout;
// whatever another says is its log. Of stderr the last bytes are kept.
func (a *actor) open(prints bool, stderr int) (err error) {
	if prints {
		if a.stdout, err = newPipe(keepStdout, false); err != nil {
			return err
		}
	}
	a.stderr, err = newPipe(stderr, true)
	return err
}

// connect makes what an actor and the harness talk through.
func (a *actor) connect() (err error) {
	if a.control, err = newSocket(); err == nil {
		a.conn = wire.NewConn(a.control.ours)
	}
	return err
}

// output is where the stdout of an actor goes.
func (a *actor) output() *pipe {
	if a.stdout != nil {
		return a.stdout
	}
	return a.stderr
}

func (a *actor) closeChildEnds() {
	closeFile(&a.output().child)
	closeFile(&a.stderr.child)
	if a.control != nil {
		closeFile(&a.control.child)
	}
}

func (a *actor) close() {
	for _, p := range []*pipe{a.stdout, a.stderr} {
		if p != nil {
			p.close()
		}
	}
	if a.control != nil {
		a.control.close()
	}
	if a.counting != nil {
		a.counting.Close()
	}
}

// enable begins to count events, where any are to be counted.
func (a *actor) enable() error {
	if a.counting == nil {
		return nil
	}
	return a.counting.Enable()
}

// counted are the events so far; nil where none are counted.
func (a *actor) counted() map[string]float64 {
	if a.counting == nil {
		return nil
	}
	return a.counting.Counters()
}

// environ is the whole environment of a role: that of every workload, the knobs, and as
// much of nothing as the block drew.
func (t *trial) environ(a *actor, dir string) []string {
	env := Environ(dir, t.Binary.Root)
	maps.Copy(env, a.Effects.Env)
	if t.schedTraced(a) {
		env["GODEBUG"] = withSchedTrace(env["GODEBUG"])
	}
	if size, drawn := t.attempt.Nuisance[spec.NuisanceEnvSize]; drawn {
		env[padding] = strings.Repeat("x", int(size))
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(env)) {
		out = append(out, key+"="+env[key])
	}
	return out
}

// Environ is what every workload's environment has without a knob: four names. HOME
// and TMPDIR are its folder. A test binary has its toolchain's GOROOT, too, and the go
// command of that on its PATH, as under go test (go.dev/doc/go1.19#go-command): it is
// built with -trimpath, and some benchmarks of the standard library read its sources.
func Environ(dir, goroot string) map[string]string {
	env := map[string]string{"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": dir, "TMPDIR": dir, "LANG": "C"}
	if goroot != "" {
		env["GOROOT"], env["PATH"] = goroot, filepath.Join(goroot, "bin")+":"+env["PATH"]
	}
	return env
}

// padding is the variable by which the size of the environment varies.
const padding = "ASSAY_PADDING"

// errEarly is a role that served no longer than it liked.
var errEarly = errors.New("ended before it was told to")

// mind watches a role that serves. If it ends before it is dismissed, the trial
// has failed, and the others end with it.
func (a *actor) mind(killAll func()) {
	a.gone = make(chan struct{})
	go func() {
		defer close(a.gone)
		a.process.Wait()
		if !a.dismissed.Load() {
			a.foul = errEarly
			killAll()
		}
	}()
}

// dismiss waits for the end of an actor. One that serves, and whoever left the
// script, is given the end of the channel for a sign, and then the time that is
// left to end. One that does not talk would not see it.
func (a *actor) dismiss(talks bool) {
	a.dismissed.Store(true)
	if talks && (a.gone != nil || a.foul != nil) {
		closeFile(&a.control.ours)
	}
	exit, err := a.process.Wait()
	if a.exit = a.together(exit); a.gone != nil {
		<-a.gone
	}
	if err != nil {
		a.foul = errors.Join(a.foul, err)
	}
}

// kill ends the whole tree: the leaf's where there is one, else the group's.
func (a *actor) kill() {
	if a.process == nil { // which join gives it, and before that its leaf is still being made
		return
	}
	a.process.Kill()
	if a.leaf != nil {
		a.leaf.Kill()
	}
}

// prove reads, before the window, what a process was born with; of one that does
// not wait for that, what is still to be seen.
func (t *trial) prove(a *actor) {
	pid := a.process.PID
	a.proof.Env = environ(t.FS, pid)
	a.proof.Build = t.Binary.Settings
	a.proof.Affinity = affinity(pid)
	a.proof.Process = knob.ReadProcess(t.FS, pid, a.Effects)
	if kinds := a.Effects.Kinds(); len(kinds) > 0 {
		a.proof.Provided = resource.Seen(pid, t.homePath(t.attempt.Trial.Side), kinds)
	}
}

// readLeaf reads the files of the leaf that a level set or observes.
func (a *actor) readLeaf() {
	files := slices.Clone(a.Effects.ObserveLeaf)
	for _, w := range a.Effects.Cgroup {
		files = append(files, w.File)
	}
	a.proof.Leaf = map[string]string{}
	for _, file := range files {
		if text, err := a.leaf.Read(file); err == nil {
			a.proof.Leaf[file] = text
		}
	}
}

// unit is what a counter or a kind of taint of the role is called in results.
func (a *actor) unit(unit string) string {
	if a.Tested {
		return unit
	}
	return a.Name + "-" + unit
}

// key is what a knob's key of the role is called in results.
func (a *actor) key(key string) string {
	if a.Tested {
		return key
	}
	return a.Name + "." + key
}

// ended is when the last process had ended, by the clock of the first one's start.
func (a *actor) ended() int64 { return a.since.Add(a.exit.Wall).UnixNano() }
