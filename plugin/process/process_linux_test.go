package process_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"goshawk/row"
	"goshawk/vql"
)

// shown is what ps prints of a process.
type shown struct{ ppid, comm, args string }

func ps(t *testing.T) map[string]shown {
	t.Helper()
	cmd := exec.Command("ps", "-ewwo", "pid=,ppid=,comm:80=,args=")
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	b, err := cmd.Output()
	if err != nil {
		t.Skip("ps: ", err)
	}
	out := map[string]shown{}
	for line := range strings.Lines(string(b)) {
		pid, rest, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
		ppid, rest, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
		if len(rest) < 81 {
			continue
		}
		out[pid] = shown{ppid, strings.TrimRight(rest[:80], " "), strings.TrimRight(rest[81:], " \n")}
	}
	return out
}

func TestAgreesWithPs(t *testing.T) {
	before := ps(t)
	rows := query(t, "SELECT Pid, Ppid, Name, CommandLine FROM pslist()")
	after := ps(t)
	pids := []int64{}
	seen := map[string]bool{}
	for _, d := range rows {
		pid := text(d, "Pid")
		n, _ := strconv.ParseInt(pid, 10, 64)
		pids = append(pids, n)
		seen[pid] = true
		p, ok := before[pid]
		if !ok || after[pid] != p {
			continue // it began, ended or changed meanwhile
		}
		if got := text(d, "Ppid"); got != p.ppid {
			t.Errorf("pid %s: Ppid = %s, want %s", pid, got, p.ppid)
		}
		if got := text(d, "Name"); !strings.HasPrefix(got, strings.TrimSuffix(p.comm, " <defunct>")) {
			t.Errorf("pid %s: Name = %q, want %q or longer", pid, got, p.comm)
		}
		got := strings.TrimRight(text(d, "CommandLine"), " ")
		if isPlain := !strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r > '~' }); isPlain && got != p.args && !strings.HasPrefix(p.args, "[") {
			t.Errorf("pid %s: CommandLine = %q, want %q", pid, got, p.args)
		}
	}
	if !slices.IsSorted(pids) {
		t.Error("rows are not in order of pids")
	}
	for pid := range before {
		if _, still := after[pid]; still && !seen[pid] {
			t.Errorf("pid %s is missing", pid)
		}
	}
}

// child starts a program that waits, under a long name and in a folder of its own.
func child(t *testing.T) (pid int, exe, dir string) {
	t.Helper()
	sleep, err := exec.LookPath("sleep")
	check(t, err)
	dir, err = filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	exe = filepath.Join(dir, "a-name-longer-than-fifteen")
	copyFile(t, sleep, exe)
	cmd := exec.Command(exe, "1000", "")
	cmd.Args[2] = "0"
	cmd.Dir = dir
	check(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for { // until it has become the program and sleeps
		name, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", cmd.Process.Pid))
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		if name == exe && strings.Contains(string(stat), ") S ") {
			return cmd.Process.Pid, exe, dir
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	check(t, err)
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	check(t, err)
	_, err = io.Copy(out, in)
	check(t, err)
	check(t, out.Close())
}

func TestChildInDetail(t *testing.T) {
	pid, exe, dir := child(t)
	rows := query(t, `SELECT *, Times.User AS U, Times.user AS u, MemoryInfo.RSS AS RSS, MemoryInfo.vms AS VMS FROM pslist(pid=P)`,
		vql.Variable{Name: "P", Value: row.Int(int64(pid))})
	if len(rows) != 1 {
		t.Fatalf("%d rows, want 1", len(rows))
	}
	d := rows[0]
	me, err := user.Current()
	check(t, err)
	for name, want := range map[string]string{
		"Pid": fmt.Sprint(pid), "Ppid": fmt.Sprint(os.Getpid()), "Name": "a-name-longer-than-fifteen", "CommandLine": exe + " 1000 0",
		"Exe": exe, "Cwd": dir, "Username": me.Username, "U": "0", "u": "0",
	} {
		if got := text(d, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	out, err := exec.Command("ps", "-o", "rss=,vsz=", "-p", fmt.Sprint(pid)).Output()
	if err != nil {
		t.Skip("ps: ", err)
	}
	f := strings.Fields(string(out))
	for i, name := range []string{"RSS", "VMS"} {
		kib, _ := strconv.ParseInt(f[i], 10, 64)
		v, _ := d.Get(name)
		if got := v.Int() >> 10; got < kib-512 || got > kib+512 {
			t.Errorf("%s = %d KiB, want about %d", name, got, kib)
		}
	}
	created, err := time.Parse(time.RFC3339, text(d, "CreateTime"))
	if err != nil || time.Since(created) < -2*time.Second || time.Since(created) > time.Minute {
		t.Errorf("CreateTime = %s, want about now: %v", text(d, "CreateTime"), err)
	}
}

func TestColumnsAndKeys(t *testing.T) {
	d := query(t, "SELECT * FROM pslist(pid=getpid())")[0]
	want := []string{"Pid", "Name", "Ppid", "CommandLine", "CreateTime", "Times", "Exe", "Cwd", "Username", "MemoryInfo"}
	if got := d.Columns().Names(); !slices.Equal(got, want) {
		t.Errorf("columns %q, want %q", got, want)
	}
	for name, want := range map[string]string{
		"Times":      "cpu user system idle nice iowait irq softirq steal guest guestNice",
		"MemoryInfo": "rss vms hwm data stack locked swap",
	} {
		v, _ := d.Get(name)
		if got := strings.Join(v.Object().Plain().Dict().Columns().Names(), " "); got != want {
			t.Errorf("keys of %s: %s, want %s", name, got, want)
		}
	}
}

func TestThreadIsNoProcess(t *testing.T) {
	tasks, err := os.ReadDir("/proc/self/task")
	check(t, err)
	for _, task := range tasks {
		if task.Name() == fmt.Sprint(os.Getpid()) {
			continue
		}
		tid, _ := strconv.ParseInt(task.Name(), 10, 64)
		if rows := query(t, "SELECT * FROM pslist(pid=P)", vql.Variable{Name: "P", Value: row.Int(tid)}); len(rows) != 0 {
			t.Errorf("thread %d is listed as a process", tid)
		}
	}
}

func TestZombieAndItsEnd(t *testing.T) {
	cmd := exec.Command("true")
	check(t, cmd.Start())
	pid := vql.Variable{Name: "P", Value: row.Int(int64(cmd.Process.Pid))}
	for { // until it has ended and waits to be reaped
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid)); err == nil && strings.Contains(string(b), ") Z ") {
			break
		}
	}
	rows := query(t, "SELECT Name, CommandLine, Exe FROM pslist(pid=P)", pid)
	if len(rows) != 1 || text(rows[0], "Name") != "true" || text(rows[0], "CommandLine") != "" || text(rows[0], "Exe") != "" {
		t.Errorf("a zombie: %v", rows)
	}
	check(t, cmd.Wait())
	if rows := query(t, "SELECT * FROM pslist(pid=P)", pid); len(rows) != 0 {
		t.Errorf("%d rows of a process that has ended, want none", len(rows))
	}
}

func TestProcessesEndWhileTheyAreListed(t *testing.T) {
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				exec.Command("true").Run()
			}
		}
	}()
	for range 100 {
		for _, d := range query(t, "SELECT Pid, Name FROM pslist()") {
			if text(d, "Name") == "" {
				t.Errorf("pid %s has no name", text(d, "Pid"))
			}
		}
	}
	close(stop)
	<-done
}

func BenchmarkPslist(b *testing.B) {
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = len(query(b, "SELECT * FROM pslist()"))
	}
	b.ReportMetric(float64(n), "processes")
}
