package files_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"goshawk/row"
	"goshawk/vql"
	"goshawk/vql/vqltest"
)

// result is what a query yields.
type result struct {
	rows []*row.Dict
	logs []string
}

// query runs a text.
func query(t testing.TB, text string, env ...vql.Variable) result {
	t.Helper()
	rows, logs := vqltest.Query(t, vocabulary(t, nil), text, env...)
	return result{rows, logs}
}

// tool runs another program and returns what it prints.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

// found runs a glob and returns a line for each row.
func found(t *testing.T, glob, line string) []string {
	t.Helper()
	var out []string
	r := query(t, "SELECT "+line+" AS Line FROM glob(globs=G, nosymlink=TRUE)", vql.Variable{Name: "G", Value: row.String(glob)})
	for _, d := range r.rows {
		out = append(out, text(d, "Line"))
	}
	slices.Sort(out)
	return out
}

// differ reports the first lines that only one of two sorted lists has.
func differ(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(want)
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	for _, l := range missing(got, want, 5) {
		t.Errorf("%s: not expected: %q", what, l)
	}
	for _, l := range missing(want, got, 5) {
		t.Errorf("%s: missing: %q", what, l)
	}
}

func missing(of, from []string, most int) (out []string) {
	for _, l := range of {
		if _, ok := slices.BinarySearch(from, l); !ok && len(out) < most {
			out = append(out, l)
		}
	}
	return out
}

func TestGlobAgreesWithFind(t *testing.T) {
	tree := t.TempDir()
	plant(t, tree)
	for _, root := range []string{tree, "/usr/share"} {
		if _, err := os.Stat(root); err != nil {
			t.Skip(err)
		}
		got := found(t, root+"/**", `format(format="%v|%v|%v|%v|%v|%v", args=(OSPath, Size, Mtime.Unix, Mtime.Nanosecond, Sys.Ino, Sys.Nlink))`)
		var want []string
		for line := range strings.SplitSeq(tool(t, "find", root, "-mindepth", "1", "-printf", `%p|%s|%T@|%i|%n\0`), "\x00") {
			if line == "" {
				continue
			}
			f := strings.Split(line, "|")
			n := len(f)
			sec, frac, _ := strings.Cut(f[n-3], ".")
			nsec, _ := strconv.Atoi((frac + "000000000")[:9])
			want = append(want, fmt.Sprintf("%s|%s|%s|%d|%s|%s", strings.Join(f[:n-4], "|"), f[n-4], sec, nsec, f[n-2], f[n-1]))
		}
		differ(t, "glob of "+root, got, want)
	}
}

func TestGlobPatternsAgreeWithFind(t *testing.T) {
	for glob, find := range map[string][]string{
		"/usr/share/*":         {"-mindepth", "1", "-maxdepth", "1"},
		"/usr/share/**/*.txt":  {"-mindepth", "1", "-iname", "*.txt"},
		"/usr/share/**3":       {"-mindepth", "1", "-maxdepth", "3"},
		"/usr/share/*/[A-C]*":  {"-mindepth", "2", "-maxdepth", "2", "-iname", "[a-c]*"},
		"/usr/share/**2/?????": {"-mindepth", "1", "-maxdepth", "3", "-iname", "?????"},
	} {
		want := strings.Split(strings.TrimSuffix(tool(t, "find", append([]string{"/usr/share"}, append(find, "-print0")...)...), "\x00"), "\x00")
		if len(want) == 1 && want[0] == "" {
			want = nil
		}
		differ(t, glob, found(t, glob, "OSPath + ''"), want)
	}
}

func TestHashAgreesWithSums(t *testing.T) {
	names := []string{}
	entries, err := os.ReadDir("/usr/bin")
	check(t, err)
	for _, e := range entries {
		if fi, err := e.Info(); err == nil && fi.Mode().IsRegular() && fi.Size() < 100<<20 {
			names = append(names, filepath.Join("/usr/bin", e.Name()))
		}
	}
	want := map[string][]string{}
	for _, name := range []string{"md5sum", "sha1sum", "sha256sum"} {
		for line := range strings.Lines(tool(t, name, append([]string{"--"}, names...)...)) {
			sum, file, _ := strings.Cut(strings.TrimSpace(line), "  ")
			want[file] = append(want[file], sum)
		}
	}
	r := query(t, "SELECT OSPath, hash(path=OSPath) AS Hash FROM glob(globs='/usr/bin/*', nosymlink=TRUE) WHERE NOT IsDir AND NOT IsLink AND Size < 104857600")
	if len(r.rows) != len(names) {
		t.Errorf("%d files, want %d", len(r.rows), len(names))
	}
	for _, d := range r.rows {
		h, _ := d.Get("Hash")
		if h.Kind() != row.KindDict {
			t.Errorf("hash of %s = %v", text(d, "OSPath"), row.Text(h))
			continue
		}
		got := []string{text(h.Dict(), "MD5"), text(h.Dict(), "SHA1"), text(h.Dict(), "SHA256")}
		if w := want[text(d, "OSPath")]; !slices.Equal(got, w) {
			t.Errorf("hash of %s = %v, want %v", text(d, "OSPath"), got, w)
		}
	}
}

func TestStatAgreesWithStat(t *testing.T) {
	tree := t.TempDir()
	plant(t, tree)
	for _, name := range []string{"/", "/etc/passwd", "/bin", "/dev/null", "/tmp", tree + "/fifo", tree + "/links/dangling", "/proc/self", "/usr/bin/passwd"} {
		if _, err := os.Lstat(name); err != nil {
			continue
		}
		r := query(t, `SELECT Size, Sys, Mtime, Atime, Ctime, Dev FROM stat(filename=N)`, vql.Variable{Name: "N", Value: row.String(name)})
		if len(r.rows) != 1 {
			t.Errorf("stat(%s) has %d rows, want 1", name, len(r.rows))
			continue
		}
		d := r.rows[0]
		sys, _ := d.Get("Sys")
		num := func(key string) int64 { v, _ := sys.Dict().Get(key); return v.Int() }
		got := fmt.Sprintf("%s %d %d %d %d %d %d %x %s", text(d, "Size"), num("Uid"), num("Gid"), num("Ino"), num("Nlink"),
			num("Blocks"), num("Blksize"), num("Mode"), text(d, "Dev"))
		want := strings.TrimSpace(tool(t, "stat", "-c", "%s %u %g %i %h %b %o %f %d", name))
		if got != want {
			t.Errorf("stat(%s) = %s, want %s", name, got, want)
		}
		v, _ := d.Get("Mtime")
		if got, want := v.Time().Format("2006-01-02 15:04:05.000000000 -0700"), strings.TrimSpace(tool(t, "stat", "-c", "%y", name)); got != want {
			t.Errorf("Mtime of %s = %s, want %s", name, got, want)
		}
	}
}

func TestBirthTimeAgreesWithStat(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	check(t, os.WriteFile(name, nil, 0o600))
	seconds := strings.TrimSpace(tool(t, "stat", "-c", "%W", name))
	r := query(t, "SELECT Btime.Unix AS T FROM stat(filename=N)", vql.Variable{Name: "N", Value: row.String(name)})
	if got := text(r.rows[0], "T"); got != seconds {
		t.Errorf("Btime = %s, want %s", got, seconds)
	}
}

func TestFSTypeAgreesWithStat(t *testing.T) {
	ours := map[string]string{"ext2/ext3": "ext2", "overlayfs": "overlay"}
	for dir, inside := range map[string]string{"/proc": "/proc/version", "/sys": "/sys/kernel", "/dev": "/dev/null", "/": "/etc"} {
		want := strings.TrimSpace(tool(t, "stat", "-f", "-c", "%T", dir))
		if name, ok := ours[want]; ok {
			want = name
		}
		r := query(t, "SELECT Data.FSType AS T FROM glob(globs=G)", vql.Variable{Name: "G", Value: row.String(inside)})
		if len(r.rows) != 1 || text(r.rows[0], "T") != want {
			t.Errorf("FSType of %s = %v, want %s", inside, r.rows, want)
		}
	}
}

func TestModeMatchesPackageOS(t *testing.T) {
	for _, name := range []string{"/tmp", "/dev/null", "/dev", "/usr/bin/passwd", "/etc/passwd"} {
		fi, err := os.Lstat(name)
		if err != nil {
			continue
		}
		r := query(t, "SELECT Mode, Mode.String AS S FROM stat(filename=N)", vql.Variable{Name: "N", Value: row.String(name)})
		v, _ := r.rows[0].Get("Mode")
		if got := fs.FileMode(v.Object().Plain().Int()); got != fi.Mode() || text(r.rows[0], "S") != fi.Mode().String() {
			t.Errorf("mode of %s = %v, want %v", name, got, fi.Mode())
		}
	}
}
