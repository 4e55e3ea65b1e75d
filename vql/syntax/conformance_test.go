package syntax

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// conformanceCase is one line of the conformance suites, as far as syntax goes.
type conformanceCase struct {
	ID          string
	Setup       string
	Query       string
	Expected    []json.RawMessage
	ExpectError string `json:"expect_error"`
}

func TestConformance(t *testing.T) {
	files, err := filepath.Glob("../../../shared/conformance/vql/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no conformance suites in ../shared/conformance/vql beside the repository")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { runConformance(t, file) })
	}
}

func runConformance(t *testing.T, file string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cases, statements, named := 0, 0, 0
	for d := json.NewDecoder(f); d.More(); cases++ {
		var c conformanceCase
		if err := d.Decode(&c); err != nil {
			t.Fatal(err)
		}
		prog, err := Parse(c.Setup + "\n" + c.Query)
		if c.ExpectError == "parse" {
			if err == nil {
				t.Errorf("%s parses, want an error:\n%s", c.ID, c.Query)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", c.ID, err, err.(*Error).Excerpt())
			continue
		}
		statements += len(prog.Statements)
		checkText(t, prog.Source)
		checkFormat(t, prog.Source)
		named += checkNames(t, c)
	}
	t.Logf("%d cases, %d statements, %d rows with the names that were expected", cases, statements, named)
}

// checkNames compares the names of the columns with those of the rows, where
// the query is a SELECT without a star.
func checkNames(t *testing.T, c conformanceCase) int {
	prog := mustParse(t, c.Query)
	s, ok := prog.Statements[0].(*Select)
	if !ok || len(prog.Statements) != 1 {
		return 0
	}
	names := map[string]bool{}
	for _, col := range s.Columns {
		if col.Star {
			return 0
		}
		names[col.Name] = true
	}
	for _, raw := range c.Expected {
		var row map[string]json.RawMessage
		if err := json.Unmarshal(raw, &row); err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		for name := range row {
			if !names[name] {
				t.Errorf("%s: no column is named %s, only %v", c.ID, name, names)
			}
		}
	}
	return len(c.Expected)
}
