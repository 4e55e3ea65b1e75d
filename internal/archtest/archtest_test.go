package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root is the module's folder, seen from here.
const root = "../.."

func TestTheHouse(t *testing.T) {
	found, err := Check(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

// TestEveryRoomHasAFloor fails when a new folder appears that no rule knows.
func TestEveryRoomHasAFloor(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		switch name {
		case "bin", "docs", "internal", "test", "scripts", "demo-data":
			continue
		}
		if _, ok := floors[name]; !ok {
			t.Errorf("folder %s has no floor", name)
		}
	}
}

// TestEveryPackageHasAComment: it is the package's manual. Generated code has none.
func TestEveryPackageHasAComment(t *testing.T) {
	has := map[string]bool{}
	err := filepath.WalkDir(root, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			return err
		}
		dir := filepath.Dir(file)
		has[dir] = has[dir] || tree.Doc != nil || ast.IsGenerated(tree)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, ok := range has {
		if !ok {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

// TestForbiddenImportsAreSeen adds each kind of forbidden import to a copy of
// the tree and sees it refused by name.
func TestForbiddenImportsAreSeen(t *testing.T) {
	cases := []struct{ file, imports, rule string }{
		{"row/x.go", "goshawk", "down the floors"},
		{"store/x.go", "goshawk/wire", "down the floors"},
		{"server/x.go", "goshawk/agent", "down the floors"},
		{"agent/x.go", "goshawk/server", "down the floors"},
		{"transport/x.go", "goshawk/plugin", "down the floors"},
		{"server/x.go", "goshawk/store/sqlite", "cmd and tests alone"},
		{"web/x.go", "goshawk/config", "cmd alone"},
		{"vql/exec/x.go", "goshawk", "row alone"},
		{"server/ingest/x.go", "goshawk/server/enrol", "do not know one another"},
		{"plugin/core/x.go", "goshawk/plugin/files", "do not know one another"},
		{"internal/pki/x.go", "goshawk/config", "know nothing of the house"},
		{"server/x.go", "net/http", "net/http stays"},
		{"server/x.go", "database/sql", "SQL stays"},
		{"server/x.go", "google.golang.org/protobuf/proto", "protobuf types stay"},
		{"server/x.go", "goshawk/store/storetest", "tests alone"},
	}
	for _, c := range cases {
		t.Run(c.file+" "+c.imports, func(t *testing.T) {
			copied := t.TempDir()
			copyTree(t, copied)
			write(t, filepath.Join(copied, c.file), "package x\n\nimport _ \""+c.imports+"\"\n")
			found, err := Check(copied)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) != 1 || !strings.Contains(found[0].Rule, c.rule) || !strings.HasPrefix(found[0].Pos, c.file+":3") {
				t.Errorf("violations = %v, want one of %q in %s:3", found, c.rule, c.file)
			}
		})
	}
}

// copyTree copies the Go files of the house.
func copyTree(t *testing.T, to string) {
	t.Helper()
	err := filepath.WalkDir(root, func(file string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules" {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
