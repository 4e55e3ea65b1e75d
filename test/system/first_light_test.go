package system

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// tool runs an independent program, or skips the test where it is missing.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	out, err := exec.Command(path, args...).Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return string(out)
}

// TestHashesEqualSha256sum: SHA-256 of /usr/bin/* asked of the agent equals
// `sha256sum /usr/bin/*`.
func TestHashesEqualSha256sum(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	got := map[string]string{}
	for _, r := range d.Query(client, "SELECT OSPath, hash(path=OSPath, hashselect='SHA256').SHA256 AS H FROM glob(globs='/usr/bin/*')") {
		if h, ok := r["H"].(string); ok {
			got[r["OSPath"].(string)] = h
		}
	}
	files, err := filepath.Glob("/usr/bin/*")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, line := range strings.Split(strings.TrimSpace(tool(t, "sha256sum", append([]string{"--"}, files...)...)), "\n") {
		sum, path, _ := strings.Cut(line, "  ")
		if got[path] != sum {
			t.Errorf("%s: %q, sha256sum says %s", path, got[path], sum)
		}
		checked++
	}
	if checked < 100 {
		t.Errorf("only %d files were compared", checked)
	}
}

// TestProcessesAgreeWithPs: what `ps` shows before and after is what pslist shows.
func TestProcessesAgreeWithPs(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	before := processes(t)
	rows := d.Query(client, "SELECT Pid, Ppid, Username FROM pslist()")
	after := processes(t)
	got := map[string]string{}
	for _, r := range rows {
		got[fmt.Sprint(r["Pid"])] = fmt.Sprintf("%v %v", r["Ppid"], r["Username"])
	}
	same := 0
	for pid, want := range before {
		if after[pid] != want {
			continue // it ended, or changed, meanwhile
		}
		if same++; got[pid] != want {
			t.Errorf("process %s: %q, ps says %q", pid, got[pid], want)
		}
	}
	if same < 3 {
		t.Errorf("only %d processes were compared", same)
	}
}

func processes(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(tool(t, "ps", "-eo", "pid=,ppid=,user:64=")), "\n") {
		if f := strings.Fields(line); len(f) == 3 {
			out[f[0]] = f[1] + " " + f[2]
		}
	}
	return out
}

// TestGlobAgreesWithFind: glob lists what `find` lists.
func TestGlobAgreesWithFind(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	got := map[string]bool{}
	for _, r := range d.Query(client, "SELECT OSPath, Size, IsDir FROM glob(globs='/etc/**', nosymlink=TRUE)") {
		got[fmt.Sprintf("%v %v", r["OSPath"], r["Size"])] = true
	}
	want := strings.Split(strings.TrimSpace(tool(t, "find", "/etc", "-mindepth", "1", "-printf", "%p %s\n")), "\n")
	for _, w := range want {
		if !got[w] {
			t.Errorf("find lists %s, glob does not", w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("glob lists %d entries, find %d", len(got), len(want))
	}
}

// TestRowAndFileInOneTask: a process found and its program uploaded, in one task.
func TestRowAndFileInOneTask(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	program := d.path("TempFolder/sleeper")
	content, err := os.ReadFile("/bin/sleep")
	if err != nil {
		t.Skip("there is no /bin/sleep")
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, content, 0o700); err != nil {
		t.Fatal(err)
	}
	sleeper := exec.Command(program, "60")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sleeper.Process.Kill(); _ = sleeper.Wait() }()
	rows := d.Query(client, "LET files = SELECT Exe, CommandLine, Username FROM pslist() WHERE Exe =~ '(?i)tempfolder' "+
		"SELECT *, upload(file=Exe) AS Upload FROM files")
	if len(rows) != 1 || rows[0]["Exe"] != program {
		t.Fatalf("rows = %v, want one of %s", rows, program)
	}
	sum := sha256.Sum256(content)
	want := hex.EncodeToString(sum[:])
	if up := rows[0]["Upload"].(map[string]any); up["sha256"] != want || up["Size"] != float64(len(content)) {
		t.Errorf("upload = %v, want SHA-256 %s", up, want)
	}
	f := d.Flow(client)
	if f["tasks"] != 1.0 || f["uploads"] != 1.0 || f["uploaded_bytes"] != float64(len(content)) || f["state"] != "FINISHED" {
		t.Errorf("flow = %v", f)
	}
	fetched := Rows(t, d.must(d.Run("flows", "uploads", "--client", client, f["flow_id"].(string), "--output", d.path("fetched"), "--format", "jsonl")))
	got, err := os.ReadFile(fetched[0]["path"].(string))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("the fetched file differs from the one uploaded (%v)", err)
	}
}

// TestThousandFilesAreOneBatch: 1,000 files of a folder are one task, one
// packet and one row of the results table.
func TestThousandFilesAreOneBatch(t *testing.T) {
	d := New(t, "")
	client := d.Up()
	dir := d.path("thousand")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if rows := d.Query(client, "SELECT OSPath, Size FROM glob(globs='"+dir+"/*')"); len(rows) != 1000 {
		t.Fatalf("%d rows, want 1000", len(rows))
	}
	f := d.Flow(client)
	if f["tasks"] != 1.0 || f["packets"].(float64) > 2 || f["batches"] != 1.0 || f["rows"] != 1000.0 {
		t.Errorf("tasks %v, packets %v, batches %v, rows %v, want 1, at most 2, 1, 1000", f["tasks"], f["packets"], f["batches"], f["rows"])
	}
}
