package files_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"goshawk/row"
	"goshawk/vql"
)

func TestDeepTree(t *testing.T) {
	// deeper than the longest path that one system call takes
	dir, name := t.TempDir(), strings.Repeat("d", 200)
	at, err := os.OpenRoot(dir)
	check(t, err)
	const depth = 28
	for range depth {
		check(t, at.Mkdir(name, 0o700))
		next, err := at.OpenRoot(name)
		check(t, err)
		at.Close()
		at = next
	}
	check(t, at.WriteFile("bottom", []byte("here"), 0o600))
	check(t, at.Symlink("bottom", "link"))
	at.Close()
	r := query(t, `SELECT len(list=OSPath.String) AS N, read_file(filename=OSPath) AS Content, hash(path=OSPath).MD5 AS MD5,
		stat(filename=OSPath).Size AS Size, Data.Link AS Link, Data.FSType != NULL AS HasType
		FROM glob(globs=G) WHERE NOT IsDir`, vql.Variable{Name: "G", Value: row.String(dir + "/**40")})
	if len(r.rows) != 2 || len(r.logs) != 0 {
		t.Fatalf("%d rows, logs %.300q", len(r.rows), r.logs)
	}
	if d := r.rows[0]; text(d, "Content") != "here" || text(d, "Size") != "4" || text(d, "HasType") != "true" {
		t.Errorf("file at the bottom: %s", row.Text(row.FromDict(d)))
	}
	if d := r.rows[1]; text(d, "Content") != "here" || text(d, "Link") != "bottom" {
		t.Errorf("link at the bottom: %s", row.Text(row.FromDict(d)))
	}
}

func TestWideFolder(t *testing.T) {
	dir := t.TempDir()
	const n = 20_000
	for i := range n {
		check(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o600))
	}
	r := query(t, "SELECT Name FROM glob(globs=G)", vql.Variable{Name: "G", Value: row.String(dir + "/*")})
	if len(r.rows) != n {
		t.Fatalf("%d rows, want %d", len(r.rows), n)
	}
	if !slices.IsSortedFunc(r.rows, func(a, b *row.Dict) int { return strings.Compare(text(a, "Name"), text(b, "Name")) }) {
		t.Error("the rows of a folder are not in order of names")
	}
}

func TestHugeSparseFile(t *testing.T) {
	dir := "/dev/shm"
	if _, err := os.Stat(dir); err != nil {
		dir = t.TempDir()
	}
	f, err := os.CreateTemp(dir, "goshawk-sparse-")
	check(t, err)
	defer os.Remove(f.Name())
	defer f.Close()
	size := int64(1<<63 - 1)
	for f.Truncate(size) != nil {
		size /= 2
	}
	start := time.Now()
	r := query(t, `SELECT stat(filename=N).Size AS Size, len(list=read_file(filename=N, offset=4294967296, length=10)) AS Part,
		len(list=read_file(filename=N, length=9223372036854775807)) AS All,
		hash(path=N, max_size=1000000, hashselect="MD5").MD5 AS MD5 FROM scope()`, vql.Variable{Name: "N", Value: row.String(f.Name())})
	d := r.rows[0]
	if text(d, "Size") != fmt.Sprint(size) || text(d, "Part") != "10" || text(d, "All") != fmt.Sprint(row.MaxString) {
		t.Errorf("got %s of a file of %d bytes", row.Text(row.FromDict(d)), size)
	}
	if want := strings.Fields(tool(t, "sh", "-c", "head -c 983040 /dev/zero | md5sum"))[0]; text(d, "MD5") != want {
		t.Errorf("MD5 of the first 15 blocks = %s, want %s", text(d, "MD5"), want)
	}
	if len(r.logs) != 2 {
		t.Errorf("logs %v, want that both were cut", r.logs)
	}
	t.Logf("%d bytes, %v", size, time.Since(start))
}

func TestUnreadableFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads every folder: run this test as somebody else")
	}
	dir := t.TempDir()
	check(t, os.MkdirAll(dir+"/a/closed/x", 0o755))
	check(t, os.WriteFile(dir+"/a/file", []byte("x"), 0))
	check(t, os.Chmod(dir+"/a/closed", 0))
	defer os.Chmod(dir+"/a/closed", 0o755)
	r := query(t, "SELECT Name, hash(path=OSPath) AS H FROM glob(globs=G) WHERE Name != 'closed'", vql.Variable{Name: "G", Value: row.String(dir + "/**")})
	want := []string{
		"WARN: hash: open " + dir + "/a/file: permission denied",
		"WARN: glob: open " + dir + "/a/closed: permission denied",
	}
	if !slices.Equal(r.logs, want) || len(r.rows) != 2 {
		t.Errorf("got %d rows, logs %q, want 2 and %q", len(r.rows), r.logs, want)
	}
}

func TestOneFilesystemLooksAtLinks(t *testing.T) {
	other := "/dev/shm"
	dir := t.TempDir()
	if a, b := device(t, other), device(t, dir); a == b || a == 0 {
		t.Skip("there is no second file system")
	}
	inside, err := os.MkdirTemp(other, "goshawk-")
	check(t, err)
	defer os.RemoveAll(inside)
	check(t, os.WriteFile(inside+"/x", nil, 0o600))
	check(t, os.Symlink(inside, dir+"/out"))
	g := vql.Variable{Name: "G", Value: row.String(dir + "/**")}
	if r := query(t, "SELECT Name FROM glob(globs=G)", g); len(r.rows) != 2 {
		t.Errorf("%d rows, want the link and what is behind it", len(r.rows))
	}
	if r := query(t, "SELECT Name FROM glob(globs=G, one_filesystem=TRUE)", g); len(r.rows) != 1 {
		t.Errorf("%d rows, want the link alone", len(r.rows))
	}
}

func device(t *testing.T, name string) uint64 {
	t.Helper()
	r := query(t, "SELECT Dev FROM stat(filename=N)", vql.Variable{Name: "N", Value: row.String(name)})
	if len(r.rows) == 0 {
		return 0
	}
	v, _ := r.rows[0].Get("Dev")
	return v.Uint()
}

func TestManyLinksInARow(t *testing.T) {
	dir := t.TempDir()
	for i := range 15 { // l0/l1/l2/…: each folder holds a link to the next
		check(t, os.Mkdir(fmt.Sprintf("%s/f%d", dir, i), 0o755))
		if i > 0 {
			check(t, os.Symlink(fmt.Sprintf("../f%d", i), fmt.Sprintf("%s/f%d/l", dir, i-1)))
		}
	}
	r := query(t, "SELECT max(item=len(list=OSPath)) AS N FROM glob(globs=G) GROUP BY 1",
		vql.Variable{Name: "G", Value: row.String(dir + "/f0/**")})
	base := len(strings.Split(dir, "/")) // components of dir and of f0
	if got, want := text(r.rows[0], "N"), fmt.Sprint(base+11); got != want {
		t.Errorf("deepest path has %s components, want %s: ten links are followed, the eleventh is a row", got, want)
	}
}

func TestFileChangesWhileItIsRead(t *testing.T) {
	for name, change := range map[string]func(string) error{
		"shrinks": func(n string) error { return os.Truncate(n, 5) },
		"goes":    os.Remove,
		"grows":   func(n string) error { return os.Truncate(n, 45) },
	} {
		file := filepath.Join(t.TempDir(), "x")
		check(t, os.WriteFile(file, bytes.Repeat([]byte("x"), 30), 0o600))
		r, rows := stepwise(t, "SELECT * FROM read_file(filenames=N, chunk=10)", file, func() { check(t, change(file)) })
		want := map[string]int{"shrinks": 1, "goes": 3, "grows": 5}[name]
		if rows != want || len(r) != 0 {
			t.Errorf("a file that %s: %d chunks, logs %v, want %d", name, rows, r, want)
		}
	}
}

// stepwise runs a query on a file and calls do after the first row.
func stepwise(t *testing.T, text, file string, do func()) (logs []string, rows int) {
	t.Helper()
	p, err := vql.Compile(text)
	check(t, err)
	s := vql.NewSession(vocabulary(t, nil), vql.Options{
		Env: []vql.Variable{{Name: "N", Value: row.String(file)}},
		Log: func(l vql.Level, text string) { logs = append(logs, text) },
	})
	defer s.Close()
	check(t, s.Run(t.Context(), p, func(_ int, b *vql.Batch) error {
		if rows == 0 {
			do()
		}
		rows += b.Len()
		return nil
	}))
	return logs, rows
}

func TestFoldersGoWhileTheyAreWalked(t *testing.T) {
	dir := t.TempDir()
	for i := range 5 {
		check(t, os.MkdirAll(fmt.Sprintf("%s/%d/x/y", dir, i), 0o755))
	}
	logs, rows := stepwise(t, "SELECT * FROM glob(globs=N)", dir+"/**", func() {
		check(t, os.RemoveAll(dir+"/2"))
		check(t, os.RemoveAll(dir+"/3"))
		check(t, os.WriteFile(dir+"/3", nil, 0o600)) // a file where a folder was
	})
	if rows != 5+3+3 || len(logs) != 1 || !strings.Contains(logs[0], "not a directory") {
		t.Errorf("%d rows, logs %v, want 11 rows and one line", rows, logs)
	}
}

func TestGlobStopsWhenCancelled(t *testing.T) {
	p, err := vql.Compile("SELECT * FROM glob(globs='/**/nothing of that name')")
	check(t, err)
	s := vql.NewSession(vocabulary(t, nil), vql.Options{Limits: vql.Limits{Time: 20 * time.Millisecond}})
	defer s.Close()
	start := time.Now()
	if err := s.Run(t.Context(), p, func(int, *vql.Batch) error { return nil }); err == nil {
		t.Skip("the whole machine was searched in no time")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("stopped after %v", d)
	}
}
