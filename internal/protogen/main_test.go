package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const example = `syntax = "proto3";
package example;
import "google/protobuf/timestamp.proto";
option go_package = "goshawk/internal/example";
// Bird is a comment that must arrive.
message Bird {
  string name = 1;
  google.protobuf.Timestamp seen = 2;
}
service Nest { rpc Watch(Bird) returns (stream Bird); }
`

func TestGenerate(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the plugins")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bird.proto"), []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := findModule(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := generate(t.Context(), m, []string{messagePlugin, connectPlugin}, dir, []string{"bird.proto"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"internal/example/bird.pb.go":                     "// Bird is a comment that must arrive.",
		"internal/example/exampleconnect/bird.connect.go": "func NewNestHandler(",
	} {
		if !strings.Contains(files[name], want) {
			t.Errorf("%s does not contain %q; the files are %v", name, want, slices.Sorted(maps.Keys(files)))
		}
	}
}

// The code that was committed is what the .proto files and plugins give today.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the plugins")
	}
	m, err := findModule(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for from, args := range directives(t, m.dir) {
		plugins := []string{messagePlugin}
		if args[0] == "-connect" {
			plugins, args = append(plugins, connectPlugin), args[1:]
		}
		files, err := generate(t.Context(), m, plugins, filepath.Join(filepath.Dir(from), args[0]), args[1:])
		if err != nil {
			t.Errorf("%s: %v", from, err)
		}
		for name, want := range files {
			if got, err := os.ReadFile(filepath.Join(m.dir, name)); err != nil || string(got) != want {
				t.Errorf("%s is not what go generate in %s makes (%v)", name, filepath.Dir(from), err)
			}
		}
	}
}

// directives returns the arguments of each go:generate line that runs protogen,
// by file and line.
func directives(t *testing.T, dir string) map[string][]string {
	found := map[string][]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		b, err := os.ReadFile(path)
		for i, line := range strings.Split(string(b), "\n") {
			if args, ok := strings.CutPrefix(line, "//go:generate go run goshawk/internal/protogen "); ok {
				found[fmt.Sprint(path, ":", i+1)] = strings.Fields(args)
			}
		}
		return err
	})
	if err != nil || len(found) == 0 {
		t.Errorf("no directive was found (%v)", err)
	}
	return found
}

func TestGenerateSaysWhereTheFaultIs(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bad.proto"), []byte("syntax = \"proto3\";\nmessage {"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := compile(t.Context(), dir, []string{"bad.proto"})
	if err == nil || !strings.Contains(err.Error(), "bad.proto:2:9") {
		t.Errorf("compile = %v, want an error at bad.proto:2:9", err)
	}
}
