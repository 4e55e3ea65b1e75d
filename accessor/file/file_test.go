package file

import (
	"os"
	"path/filepath"
	"testing"

	"goshawk/accessor"
	"goshawk/accessor/accessortest"
)

var tree = map[string]string{
	"a/b/c/deep": "deep", "a/one": "1", "a/Two": "two", "a/Z": "", ".hidden": "h", "top with blanks": "top",
}

func plant(t *testing.T) accessor.Path {
	t.Helper()
	dir := t.TempDir()
	for name, content := range tree {
		name = filepath.Join(dir, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(name), 0o755))
		check(t, os.WriteFile(name, []byte(content), 0o644))
	}
	p, err := accessor.Native().Parse(dir)
	check(t, err)
	return p
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSuite(t *testing.T) {
	root := plant(t)
	accessortest.Run(t, New(Options{}), root, tree)
	t.Run("nocase", func(t *testing.T) { accessortest.Run(t, New(Options{NoCase: true}), root, tree) })
}

func TestNoCaseFindsOtherSpellings(t *testing.T) {
	root := plant(t)
	fsys := New(Options{NoCase: true})
	for name, want := range map[string]int64{"A/TWO": 3, "a/ONE": 1, "A/B/C/DEEP": 4} {
		p := root.AppendText(name)
		if i, err := fsys.Lstat(t.Context(), p); err != nil || i.Size != want {
			t.Errorf("Lstat(%s) = %v, %v, want %d bytes", name, i, err, want)
		}
		f, err := fsys.Open(t.Context(), p)
		if err != nil {
			t.Errorf("Open(%s): %v", name, err)
			continue
		}
		f.Close()
		if _, err := New(Options{}).Lstat(t.Context(), p); err == nil && isCaseSensitive(t) {
			t.Errorf("file finds %s, which is written otherwise", name)
		}
	}
}

func isCaseSensitive(t *testing.T) bool {
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "x"), nil, 0o600))
	_, err := os.Stat(filepath.Join(dir, "X"))
	return err != nil
}
