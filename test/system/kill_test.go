package system

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestServerKilledAmongAMillionRows: after kill -9 in the middle of a flow and
// a restart, every row is there once.
func TestServerKilledAmongAMillionRows(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	const n = 1_000_000
	flow := strings.TrimSpace(d.must(d.Run("query", "--client", client, "--nowait",
		"SELECT _value AS N, format(format='this is row number %d of a million', args=_value) AS Text FROM range(end=1000000)")))
	show := func() map[string]any {
		return Rows(t, d.must(d.Run("flows", "show", "--client", client, flow, "--format", "jsonl")))[0]
	}
	killed := false
	d.Eventually("a part of the rows", func() bool {
		rows := show()["rows"].(float64)
		killed = rows > 0 && rows < n
		return rows > 0
	})
	d.Signal("server", syscall.SIGKILL)
	if !killed {
		t.Log("all rows were there before the kill")
	}
	d.Start("server")
	var f map[string]any
	d.Eventually("end of the flow", func() bool { f = show(); return f["finished"] != nil })
	if f["state"] != "FINISHED" || f["rows"] != float64(n) {
		t.Errorf("flow = %v, want FINISHED with %d rows", f, n)
	}
	seen := make([]bool, n)
	for _, r := range Rows(t, d.must(d.Run("flows", "results", "--client", client, flow, "--format", "jsonl"))) {
		i := int(r["N"].(float64))
		if seen[i] {
			t.Fatalf("row %d is there twice", i)
		}
		seen[i] = true
	}
	for i, ok := range seen {
		if !ok {
			t.Fatalf("row %d is missing", i)
		}
	}
}

// TestTermEndsBothSoon: server and client end within 2 s of SIGTERM.
func TestTermEndsBothSoon(t *testing.T) {
	d := New(t, "")
	d.Up()
	for _, what := range []string{"client", "server"} {
		if took := d.Signal(what, syscall.SIGTERM); took > 2*time.Second {
			t.Errorf("%s took %v to end, want at most 2s", what, took)
		}
	}
}

// TestTaskWaitsForItsClient: a flow started while the client is away runs when
// it comes back, once.
func TestTaskWaitsForItsClient(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	d.Signal("client", syscall.SIGKILL)
	flow := strings.TrimSpace(d.must(d.Run("query", "--client", client, "--nowait", "SELECT 7 AS X FROM scope()")))
	d.Signal("server", syscall.SIGTERM)
	d.Start("server")
	d.Start("client")
	var f map[string]any
	d.Eventually("end of the flow", func() bool {
		f = Rows(t, d.must(d.Run("flows", "show", "--client", client, flow, "--format", "jsonl")))[0]
		return f["finished"] != nil
	})
	if f["state"] != "FINISHED" || f["rows"] != 1.0 || f["tasks"] != 1.0 {
		t.Errorf("flow = %v, want FINISHED with one row and one task", f)
	}
}

// TestCancel: a running flow is stopped by the agent, a waiting one at once.
func TestCancel(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	running := strings.TrimSpace(d.must(d.Run("query", "--client", client, "--nowait", "SELECT sleep(time=600) FROM scope()")))
	show := func(flow string) map[string]any {
		return Rows(t, d.must(d.Run("flows", "show", "--client", client, flow, "--format", "jsonl")))[0]
	}
	d.Eventually("sending of the task", func() bool { return show(running)["tasks"] == 1.0 })
	d.must(d.Run("flows", "cancel", "--client", client, running))
	d.Eventually("cancel of the running flow", func() bool { return show(running)["state"] == "CANCELLED" })
	d.Signal("client", syscall.SIGKILL)
	waiting := strings.TrimSpace(d.must(d.Run("query", "--client", client, "--nowait", "SELECT 1 FROM scope()")))
	d.must(d.Run("flows", "cancel", "--client", client, waiting))
	if f := show(waiting); f["state"] != "CANCELLED" || f["finished"] == nil {
		t.Errorf("a waiting flow that was cancelled = %v", f)
	}
}
