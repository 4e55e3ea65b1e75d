package process_test

import (
	"os"
	"testing"

	"goshawk/plugin/core"
	"goshawk/plugin/process"
	"goshawk/row"
	"goshawk/vql"
	"goshawk/vql/vqltest"
)

// query runs a text and returns its rows; nothing may be logged.
func query(t testing.TB, text string, env ...vql.Variable) []*row.Dict {
	t.Helper()
	v, err := vql.NewVocabulary(append(core.Plugins(), process.Plugins()...), append(core.Functions(), process.Functions()...))
	check(t, err)
	rows, logs := vqltest.Query(t, v, text, env...)
	if len(logs) > 0 {
		t.Errorf("%s: %q", text, logs)
	}
	return rows
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func text(d *row.Dict, name string) string {
	v, _ := d.Member(name)
	return row.Text(v)
}

func TestThisProcessIsListed(t *testing.T) {
	rows := query(t, "SELECT Pid, Ppid, Exe FROM pslist() WHERE Pid = getpid()")
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	v, _ := rows[0].Get("Ppid")
	if v.Int() != int64(os.Getppid()) {
		t.Errorf("Ppid = %d, want %d", v.Int(), os.Getppid())
	}
	if exe, _ := os.Executable(); text(rows[0], "Exe") != exe {
		t.Errorf("Exe = %s, want %s", text(rows[0], "Exe"), exe)
	}
}

func TestOneProcess(t *testing.T) {
	rows := query(t, "SELECT * FROM pslist(pid=getpid())")
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	if _, ok := rows[0].Get("Hidden"); ok {
		t.Error("a process that is listed has the column Hidden")
	}
}

func TestNoProcess(t *testing.T) {
	for _, pid := range []int64{-1, 1 << 40, 4194304 + 1} {
		if rows := query(t, "SELECT * FROM pslist(pid=P)", vql.Variable{Name: "P", Value: row.Int(pid)}); len(rows) != 0 {
			t.Errorf("pid %d: %d rows, want none", pid, len(rows))
		}
	}
}
