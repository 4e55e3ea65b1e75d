package host_test

import (
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"goshawk/plugin/core"
	"goshawk/plugin/host"
	"goshawk/row"
	"goshawk/vql"
	"goshawk/vql/vqltest"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// query runs a text and returns its rows; nothing may be logged.
func query(t testing.TB, text string) []*row.Dict {
	t.Helper()
	o := host.Options{Start: start}
	v, err := vql.NewVocabulary(append(core.Plugins(), host.Plugins(o)...), append(core.Functions(), host.Functions(o)...))
	check(t, err)
	rows, logs := vqltest.Query(t, v, text)
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

func TestColumns(t *testing.T) {
	want := []string{
		"Hostname", "Uptime", "BootTime", "OS", "Platform", "PlatformFamily", "PlatformVersion", "KernelVersion",
		"VirtualizationSystem", "VirtualizationRole", "CompilerVersion", "HostID", "Exe", "CWD", "IsAdmin", "ClientStart",
		"LocalTZ", "LocalTZOffset", "Fqdn", "Architecture",
	}
	rows := query(t, "SELECT * FROM info()")
	if len(rows) != 1 || !slices.Equal(rows[0].Columns().Names(), want) {
		t.Errorf("%d rows, columns %q", len(rows), rows[0].Columns().Names())
	}
}

func TestFactsOfTheProgram(t *testing.T) {
	d := query(t, "SELECT * FROM info()")[0]
	name, _ := os.Hostname()
	exe, _ := os.Executable()
	dir, _ := os.Getwd()
	for column, want := range map[string]string{
		"Hostname": name, "OS": runtime.GOOS, "Architecture": runtime.GOARCH, "Exe": exe, "CWD": dir, "CompilerVersion": runtime.Version(),
	} {
		if got := text(d, column); got != want {
			t.Errorf("%s = %q, want %q", column, got, want)
		}
	}
	if v, _ := d.Get("ClientStart"); !v.Time().Equal(start) {
		t.Errorf("ClientStart = %v, want %v", v.Time(), start)
	}
	if text(d, "KernelVersion") == "" || text(d, "Fqdn") == "" || text(d, "Platform") == "" {
		t.Errorf("facts are missing: %s", row.Text(row.FromDict(d)))
	}
}

func TestFunctionAndPluginAgree(t *testing.T) {
	rows := query(t, "SELECT info() = Row AS Same, info().OS AS OS FROM foreach(row={ SELECT to_dict(item={ SELECT * FROM info() }) AS Row FROM scope() })")
	if text(rows[0], "Same") != "true" || text(rows[0], "OS") != runtime.GOOS {
		t.Errorf("got %s", row.Text(row.FromDict(rows[0])))
	}
}

func BenchmarkInfo(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		query(b, "SELECT * FROM info()")
	}
}
