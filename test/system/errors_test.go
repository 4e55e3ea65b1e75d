package system

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestExitStatuses: what went wrong is told by status and on standard error.
func TestExitStatuses(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	cases := []struct {
		name   string
		args   []string
		status int
		out    string // part of standard output
		err    string // part of standard error
	}{
		{"query here", []string{"query", "SELECT 1 AS X FROM scope()", "--format", "jsonl"}, 0, `{"X":1}`, ""},
		{"flags before arguments", []string{"--format", "jsonl"}, 2, "", "unknown flag"},
		{"syntax error here", []string{"query", "SELECT count(*) FROM scope()"}, 1, "", "1:14"},
		{"syntax error on a client", []string{"query", "--client", client, "SELECT FROM WHERE"}, 1, "", "1:13"},
		{"unknown plugin", []string{"query", "SELECT * FROM pslst()"}, 0, "", "Did you mean pslist?"},
		{"unknown plugin, strict", []string{"query", "--strict", "SELECT * FROM pslst()"}, 4, "", "Plugin pslst not found"},
		{"unknown argument", []string{"query", "--client", client, "SELECT * FROM glob(glob='/')", "--format", "jsonl"}, 0, "", "Unexpected arg glob"},
		{"unknown client", []string{"query", "--client", "C.0123456789abcdef", "SELECT 1 FROM scope()"}, 1, "", "not found"},
		{"no client id", []string{"query", "--client", "../etc", "SELECT 1 FROM scope()"}, 1, "", "no client id"},
		{"row limit", []string{"query", "--client", client, "--max-rows", "3", "SELECT * FROM range(end=10)"}, 3, "", "Row limit"},
		{"time-out", []string{"query", "--client", client, "--timeout", "1s", "SELECT sleep(time=60) FROM scope()"}, 3, "", "timed out"},
		{"time-out here", []string{"query", "--timeout", "50ms", "SELECT sleep(time=60) FROM scope()"}, 3, "", "timed out"},
		{"error logged by a flow, strict", []string{"query", "--client", client, "--strict", "SELECT nosuch FROM scope()"}, 4, "", "Symbol nosuch not found"},
		{"missing file is a warning", []string{"query", "--client", client, "--strict", "SELECT hash(path='/nonexistent') AS H FROM scope()", "--format", "jsonl"}, 0, `{"H":null}`, "WARN"},
		{"missing configuration", []string{"-c", "/nonexistent.yaml", "server"}, 1, "", "/nonexistent.yaml"},
		{"missing argument", []string{"flows", "show"}, 2, "", "--client"},
		{"no such flow", []string{"flows", "show", "--client", client, "F.0000000000000"}, 1, "", "not found"},
		{"on the server", []string{"query", "--remote", "SELECT 1 + 1 AS Two FROM scope()", "--format", "jsonl"}, 0, `{"Two":2}`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := d.Run(c.args...)
			if r.Status != c.status || !strings.Contains(r.Out, c.out) || !strings.Contains(r.Err, c.err) {
				t.Errorf("status %d, want %d\nout: %s\nerr: %s", r.Status, c.status, r.Out, r.Err)
			}
		})
	}
}

// TestBrokenConfigurations are refused with line, key and reason.
func TestBrokenConfigurations(t *testing.T) {
	d := New(t, "")
	good, err := os.ReadFile(d.File["server"])
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, from, to, want string }{
		{"unknown key", "  bind_port:", "  bind_prot:", "bind_prot"},
		{"wrong type", "bind_address: 127.0.0.1", "bind_address: [1, 2]", "API.bind_address"},
		{"URL without slash", "/\n  ", "\n  ", `must end in`},
		{"broken key", "-----END RSA PRIVATE KEY-----", "-----END PRIVATE KEY-----", "private_key"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(string(good), c.from, c.to, 1)
			if text == string(good) {
				t.Fatalf("%q does not occur in the file", c.from)
			}
			path := d.path("broken.yaml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			r := d.Run("-c", path, "server")
			if r.Status != 1 || !strings.Contains(r.Err, path+":") || !strings.Contains(r.Err, c.want) {
				t.Errorf("status %d: %s\nwant %s with a line", r.Status, r.Err, c.want)
			}
		})
	}
}

// TestRolesAreHeeded: a reader sees results and collects nothing.
func TestRolesAreHeeded(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	reader := d.path("reader.yaml")
	d.must(d.Run("-c", d.File["server"], "config", "api_client", "--name", "bob", "--role", "reader", reader))
	if info, err := os.Stat(reader); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the API file has mode %v (%v), want 0600", info.Mode(), err)
	}
	if r := d.Run("clients", "list", "--api_config", reader); r.Status != 0 {
		t.Errorf("a reader cannot list clients: %s", r.Err)
	}
	if r := d.Run("query", "--api_config", reader, "--client", client, "SELECT 1 FROM scope()"); r.Status != 1 || !strings.Contains(r.Err, "lacks the permission collect") {
		t.Errorf("a reader collects: status %d, %s", r.Status, r.Err)
	}
	if r := d.Run("-c", d.File["server"], "config", "api_client", "--name", "eve", "--role", "king", d.path("x.yaml")); r.Status != 2 {
		t.Errorf("an unknown role: status %d, want 2: %s", r.Status, r.Err)
	}
	// A certificate of the deployment whose name is no user opens nothing.
	d.must(d.Run("-c", d.File["server"], "config", "api_client", "--name", "mallory", "--role", "reader", d.path("m.yaml")))
	other := New(t, "")
	foreign, err := os.ReadFile(other.File["api"])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.path("foreign.yaml"), foreign, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := d.Run("clients", "list", "--api_config", d.path("foreign.yaml")); r.Status != 1 {
		t.Errorf("a certificate of another deployment: status %d, want 1", r.Status)
	}
}

// TestWrongNonce: an agent of another deployment with the same CA is refused,
// goes on trying, and its server goes on, too.
func TestWrongNonce(t *testing.T) {
	d := New(t, "")
	d.Start("server")
	text, err := os.ReadFile(d.File["client"])
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, l := range lines {
		if strings.Contains(l, "nonce:") {
			lines[i] = "  nonce: AAAAAAAAAAA="
		}
	}
	d.write("client", strings.Join(lines, "\n"))
	d.Start("client")
	d.Eventually("refusal in both logs", func() bool {
		server, _ := os.ReadFile(d.path("server.log"))
		client, _ := os.ReadFile(d.path("client.log"))
		return strings.Contains(string(server), "another deployment") && strings.Contains(string(client), "403")
	})
	if rows := Rows(t, d.must(d.Run("clients", "list", "--format", "jsonl"))); len(rows) != 0 {
		t.Errorf("clients = %v, want none", rows)
	}
}

// TestLatency reports how long a trivial flow takes; it fails only far above
// what people would notice.
func TestLatency(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	var all []time.Duration
	for range 30 {
		d.Query(client, "SELECT 1 FROM scope()")
		f := d.Flow(client)
		created, err1 := time.Parse(time.RFC3339, f["created"].(string))
		finished, err2 := time.Parse(time.RFC3339, f["finished"].(string))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		all = append(all, finished.Sub(created))
	}
	var longest time.Duration
	for _, l := range all {
		longest = max(longest, l)
	}
	t.Logf("a trivial flow from created to finished: at most %v of %d", longest, len(all))
	if longest > 5*time.Second {
		t.Errorf("a trivial flow took %v", longest)
	}
}
