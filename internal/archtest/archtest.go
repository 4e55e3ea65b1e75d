// Package archtest holds the tree against the rules of the house: who may
// import whom. docs/ARCHITECTURE.md tells why.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// module is the import path of the root package.
const module = "goshawk"

// floors maps each room of the house to its floor. A package belongs to the
// room with the longest name that it lies in.
var floors = map[string]int{
	"cmd": 7, "config": 6, "web": 5, "agent": 4, "server": 4,
	"plugin": 3, "artifact": 3, "transport": 3,
	"vql": 2, "accessor": 2, "wire": 2, "store": 2, "blob": 2, "bus": 2,
	"": 1, "row": 0,
}

// backends implement a contract; only cmd and tests may import them.
var backends = []string{
	"store/sqlite", "store/postgres", "blob/dir", "blob/s3", "bus/local", "bus/nats", "wire/velociraptor", "wire/fleetspeak",
}

// separate are rooms whose inner rooms do not know one another.
var separate = []string{"wire", "store", "blob", "bus", "plugin", "server", "web"}

// Violation is an import that a rule forbids.
type Violation struct {
	Pos    string // file:line
	Import string
	Rule   string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s imports %s: %s", v.Pos, v.Import, v.Rule)
}

// Check returns the violations of the tree below root.
func Check(root string) ([]Violation, error) {
	var out []Violation
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); file != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		found, err := checkFile(root, file)
		out = append(out, found...)
		return err
	})
	return out, err
}

func checkFile(root, file string) ([]Violation, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(root, file)
	if err != nil {
		return nil, err
	}
	rel = filepath.ToSlash(rel)
	pkg, test := path.Dir(rel), strings.HasSuffix(rel, "_test.go")
	if pkg == "." {
		pkg = ""
	}
	var out []Violation
	for _, imp := range tree.Imports {
		if rule := forbidden(pkg, target(imp), test); rule != "" {
			line := set.Position(imp.Pos()).Line
			out = append(out, Violation{fmt.Sprintf("%s:%d", rel, line), target(imp), rule})
		}
	}
	return out, nil
}

func target(imp *ast.ImportSpec) string {
	p, _ := strconv.Unquote(imp.Path.Value) // the parser has read it
	return p
}

// forbidden returns the rule that an import breaks, or nothing.
func forbidden(from, imported string, test bool) string {
	if rule := foreign(from, imported, test); rule != "" {
		return rule
	}
	to, ours := strings.CutPrefix(imported, module)
	if !ours || to != "" && to[0] != '/' {
		return ""
	}
	to = strings.TrimPrefix(to, "/")
	if test || from == to || inside(from, "test") {
		return ""
	}
	if inside(from, "internal") || inside(to, "internal") {
		return internal(from, to)
	}
	if isBackend(to) && !inside(from, "cmd") && !sameBackend(from, to) {
		return "a backend is known to cmd and tests alone (rule 3)"
	}
	if isSuite(to) && !isSuite(from) {
		return "suites for tests are imported by tests alone"
	}
	return between(from, to)
}

// foreign are the rules for packages that are not of the house.
func foreign(from, imported string, test bool) string {
	if test || inside(from, "internal") || inside(from, "test") {
		return ""
	}
	switch {
	case imported == "net/http" && !mayHTTP(from):
		return "net/http stays in transport, web, blob/s3, plugin/network and cmd (rule 5)"
	case imported == "database/sql" && !inside(from, "store"):
		return "SQL stays in store (rule 5)"
	case strings.HasPrefix(imported, "google.golang.org/protobuf") && !mayProtobuf(from):
		return "protobuf types stay in the folder of their wire, and in web (rule 5)"
	}
	return ""
}

func mayHTTP(from string) bool {
	return inAny(from, "transport", "web", "blob/s3", "plugin/network", "cmd")
}

func mayProtobuf(from string) bool {
	return inAny(from, "wire/velociraptor", "wire/fleetspeak", "web", "cmd")
}

func inAny(pkg string, rooms ...string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool { return inside(pkg, r) })
}

// internal are the rules for small tools: they know nothing of the house but
// its glossary.
func internal(from, to string) string {
	if inside(from, "internal") && to != "" && !inside(to, "internal") {
		return "internal tools know nothing of the house but its glossary"
	}
	return ""
}

// between are the rules for two rooms of the house.
func between(from, to string) string {
	a, b := room(from), room(to)
	if a == b {
		if slices.Contains(separate, a) && from != a && to != a && top(from, a) != top(to, a) {
			return fmt.Sprintf("the rooms of %s do not know one another (rule 2)", a)
		}
		return ""
	}
	if a == "vql" && b != "row" {
		return "vql imports row alone: it is a library (rule 4)"
	}
	if b == "config" && a != "cmd" {
		return "config is known to cmd alone (rule 6)"
	}
	if floors[b] >= floors[a] {
		return fmt.Sprintf("imports go down the floors: %s (floor %d) may not import %s (floor %d) (rule 1)", name(a), floors[a], name(b), floors[b])
	}
	return ""
}

func name(room string) string {
	if room == "" {
		return "the glossary"
	}
	return room
}

// room is the room of the house that a package lies in.
func room(pkg string) string {
	first, _, _ := strings.Cut(pkg, "/")
	return first
}

// inside says whether a package is dir or lies below it.
func inside(pkg, dir string) bool { return pkg == dir || strings.HasPrefix(pkg, dir+"/") }

// top is the first inner room that a package lies in.
func top(pkg, room string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(pkg, room+"/"), "/")
	return first
}

func isBackend(pkg string) bool {
	return slices.ContainsFunc(backends, func(b string) bool { return inside(pkg, b) })
}

func sameBackend(from, to string) bool {
	return slices.ContainsFunc(backends, func(b string) bool { return inside(from, b) && inside(to, b) })
}

// isSuite says whether a package is a suite that implementations run.
func isSuite(pkg string) bool { return strings.HasSuffix(path.Base(pkg), "test") && pkg != "test" }
