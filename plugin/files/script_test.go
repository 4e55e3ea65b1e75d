//go:build linux

package files_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"goshawk/vql/vqltest"
)

func TestScripts(t *testing.T) {
	vqltest.Run(t, vocabulary(t, &memory{}), "testdata/*.vqltest", vqltest.Options{Setup: plant})
}

// plant makes the tree that the scripts look at. Times differ from run to run;
// the scripts do not show them.
func plant(t *testing.T, dir string) {
	t.Helper()
	folder := func(name string) string {
		name = filepath.Join(dir, name)
		check(t, os.MkdirAll(name, 0o755))
		return name
	}
	file := func(name, content string) {
		name = filepath.Join(folder(filepath.Dir(name)), filepath.Base(name))
		check(t, os.WriteFile(name, []byte(content), 0o644))
	}
	link := func(target, name string) {
		check(t, os.Symlink(target, filepath.Join(folder(filepath.Dir(name)), filepath.Base(name))))
	}
	file("tree/a/b/c/deep.txt", "deep")
	file("tree/a/F2.TXT", "two")
	file("tree/a/f1.txt", "one")
	file("tree/.hidden", "")
	file("tree/top.log", "top")
	folder("tree/empty")

	file("links/real/inside", "x")
	file("links/real/sub/below", "y")
	link("real", "links/first")
	link("real", "links/second")
	link(".", "links/real/sub/up")
	link("..", "links/loop")
	link("self", "links/self")
	link("nowhere", "links/dangling")
	link("real/inside", "links/to-file")

	file("odd/new\nline", "n")
	file("odd/invalid\xff\xfe", "i")
	file("odd/right\u202eleft", "r")
	file("odd/[x]", "bracket")
	file("odd/back\\slash", "b")
	file("odd/qu\"ote", "q")
	file("odd/ÄÖ.txt", "umlaut")
	file("odd/ ", "blank")

	check(t, syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600))
	file("l.txt", "a b c d e f g h i")
	file("empty", "")
}
