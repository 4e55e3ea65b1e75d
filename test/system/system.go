// Package system runs the real binary, as its users do: server, agent and
// command line are processes on loopback.
package system

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary builds the program once for all tests of a run.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "goshawk-system")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "goshawk")
	build := exec.Command("go", "build", "-o", path, "goshawk/cmd/goshawk")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// Deployment is a server and one agent, each a process, with their files.
type Deployment struct {
	t    testing.TB
	Dir  string
	Bin  string
	File map[string]string // server, client and api: paths of the files

	mu    sync.Mutex // guards procs
	procs map[string]*process
}

type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// patience bounds every wait of these tests.
const patience = 30 * time.Second

// New makes the files of a deployment. merge is JSON that overrides keys of
// the server's configuration, or empty.
func New(t testing.TB, merge string) *Deployment {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	d := &Deployment{t: t, Dir: t.TempDir(), Bin: bin, File: map[string]string{}, procs: map[string]*process{}}
	for _, f := range []string{"server", "client", "api"} {
		d.File[f] = filepath.Join(d.Dir, f+".yaml")
	}
	front, api := freePort(t), freePort(t)
	base := fmt.Sprintf(`{"Client": {"server_urls": ["https://127.0.0.1:%d/"], "use_self_signed_ssl": true, "writeback_linux": %q, "writeback_darwin": %q},
		"Frontend": {"bind_address": "127.0.0.1", "bind_port": %d}, "API": {"bind_address": "127.0.0.1", "bind_port": %d},
		"Datastore": {"location": %q, "filestore_directory": %q}}`,
		front, d.path("agent/writeback.yaml"), d.path("agent/writeback.yaml"), front, api, d.path("data"), d.path("data"))
	d.write("server", d.must(d.Run("config", "generate", "--merge", mergeJSON(t, base, merge))))
	d.write("client", d.must(d.Run("-c", d.File["server"], "config", "client")))
	d.must(d.Run("-c", d.File["server"], "config", "api_client", "--name", "ann", "--role", "administrator", d.File["api"]))
	t.Cleanup(d.stopAll)
	return d
}

// mergeJSON merges the second object into the first, section by section.
func mergeJSON(t testing.TB, base, over string) string {
	t.Helper()
	var a, b map[string]map[string]any
	if err := json.Unmarshal([]byte(base), &a); err != nil {
		t.Fatal(err)
	}
	if over != "" {
		if err := json.Unmarshal([]byte(over), &b); err != nil {
			t.Fatal(err)
		}
	}
	for section, keys := range b {
		if a[section] == nil {
			a[section] = map[string]any{}
		}
		for k, v := range keys {
			a[section][k] = v
		}
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// freePort returns a port that nobody listens on.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (d *Deployment) path(name string) string { return filepath.Join(d.Dir, name) }

func (d *Deployment) write(file, text string) {
	d.t.Helper()
	if err := os.WriteFile(d.File[file], []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// Result is what a command did.
type Result struct {
	Out, Err string
	Status   int
}

// Run runs a command of the program to its end.
func (d *Deployment) Run(args ...string) Result {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, d.Bin, args...)
	cmd.Env = append(os.Environ(), "GOSHAWK_API_CONFIG="+d.File["api"])
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.t.Fatalf("%v: %v", args, err)
	}
	return Result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// must returns what a command printed, which has to succeed.
func (d *Deployment) must(r Result) string {
	d.t.Helper()
	if r.Status != 0 {
		d.t.Fatalf("status %d: %s", r.Status, r.Err)
	}
	return r.Out
}

// Start starts the server or the client.
func (d *Deployment) Start(what string) {
	d.t.Helper()
	log, err := os.OpenFile(d.path(what+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer log.Close() // the process has its own
	cmd := exec.Command(d.Bin, "-c", d.File[what], what)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(p.done) }() // ends with the process, which stopAll kills
	d.mu.Lock()
	d.procs[what] = p
	d.mu.Unlock()
	if what == "server" {
		d.Eventually("server answers", func() bool { return d.Run("clients", "list").Status == 0 })
	}
}

// Signal sends a signal to the server or the client and waits for its end.
func (d *Deployment) Signal(what string, s syscall.Signal) time.Duration {
	d.t.Helper()
	d.mu.Lock()
	p := d.procs[what]
	delete(d.procs, what)
	d.mu.Unlock()
	began := time.Now()
	_ = p.cmd.Process.Signal(s) // it may have ended
	select {
	case <-p.done:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		d.t.Errorf("%s does not end after %v", what, s)
	}
	return time.Since(began)
}

func (d *Deployment) stopAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.procs {
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	if d.t.Failed() {
		for _, what := range []string{"server", "client"} {
			if text, err := os.ReadFile(d.path(what + ".log")); err == nil {
				d.t.Logf("%s.log:\n%s", what, tail(string(text), 40))
			}
		}
	}
}

func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// Eventually waits for something that another process brings about.
func (d *Deployment) Eventually(what string, ok func() bool) {
	d.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	d.t.Fatalf("did not happen within %v: %s", patience, what)
}

// Up starts server and client and returns the client's id once it is known by name.
func (d *Deployment) Up() (client string) {
	d.t.Helper()
	d.Start("server")
	d.Start("client")
	d.Eventually("client enrolled and interrogated", func() bool {
		for _, c := range Rows(d.t, d.must(d.Run("clients", "list", "--format", "jsonl"))) {
			if c["online"] == true && c["hostname"] != "" && c["agent_version"] != "" {
				client = c["client_id"].(string)
			}
		}
		return client != ""
	})
	return client
}

// Query runs VQL on the client and returns its rows; it has to succeed.
func (d *Deployment) Query(client string, vql ...string) []map[string]any {
	d.t.Helper()
	args := append([]string{"query", "--client", client, "--format", "jsonl"}, vql...)
	return Rows(d.t, d.must(d.Run(args...)))
}

// Flow returns the newest flow of a client.
func (d *Deployment) Flow(client string) map[string]any {
	d.t.Helper()
	rows := Rows(d.t, d.must(d.Run("flows", "list", "--client", client, "--limit", "1", "--format", "jsonl")))
	if len(rows) != 1 {
		d.t.Fatalf("%d flows, want 1", len(rows))
	}
	return rows[0]
}

// Rows reads JSON lines.
func Rows(t testing.TB, text string) (out []map[string]any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	for dec.More() {
		var row map[string]any
		if err := dec.Decode(&row); err != nil {
			t.Fatalf("output is no JSON lines: %v\n%s", err, text[:min(len(text), 500)])
		}
		out = append(out, row)
	}
	return out
}
