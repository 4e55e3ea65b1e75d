package syntax

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// diff compares two trees, places aside.
func diff(got, want any) string {
	if same(reflect.ValueOf(got), reflect.ValueOf(want)) {
		return "" // cmp is slow
	}
	return cmp.Diff(want, got, cmpopts.IgnoreTypes(Pos{}),
		cmpopts.IgnoreFields(Program{}, "Source"), cmpopts.IgnoreFields(Lambda{}, "Source"))
}

func same(a, b reflect.Value) bool {
	if a.Kind() != b.Kind() || a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		return a.IsNil() == b.IsNil() && (a.IsNil() || same(a.Elem(), b.Elem()))
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			name := a.Type().Field(i).Name
			if name != "Source" && a.Field(i).Type() != reflect.TypeFor[Pos]() && !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

func mustParse(t testing.TB, src string) *Program {
	t.Helper()
	prog, err := Parse(src)
	if err != nil {
		t.Fatalf("Parse(%q): %v", src, err)
	}
	return prog
}

func mustExpr(t testing.TB, src string) Expr {
	t.Helper()
	e, err := ParseExpr(src)
	if err != nil {
		t.Fatalf("ParseExpr(%q): %v", src, err)
	}
	return e
}

// query parses a single SELECT.
func query(t testing.TB, src string) *Select {
	t.Helper()
	s, ok := mustParse(t, src).Statements[0].(*Select)
	if !ok {
		t.Fatalf("%q is not a SELECT", src)
	}
	return s
}

// checkText checks that the canonical text of every statement parses to the
// same tree and is its own canonical text.
func checkText(t testing.TB, src string) {
	t.Helper()
	for _, s := range mustParse(t, src).Statements {
		text := s.String()
		again, err := Parse(text)
		if err != nil {
			t.Fatalf("canonical text of %q does not parse: %v\n%s", src, err, text)
		}
		if len(again.Statements) != 1 {
			t.Fatalf("canonical text of %q is %d statements: %s", src, len(again.Statements), text)
		}
		if d := diff(again.Statements[0], s); d != "" {
			t.Fatalf("canonical text of %q is another tree:\n%s\n%s", src, text, d)
		}
		if twice := again.Statements[0].String(); twice != text {
			t.Fatalf("canonical text of %q changes:\n%q\n%q", src, text, twice)
		}
	}
}

// checkFormat checks that formatting keeps the tree and the comments, and
// changes nothing when done again.
func checkFormat(t testing.TB, src string) {
	t.Helper()
	once, err := Format(src)
	if err != nil {
		t.Fatalf("Format(%q): %v", src, err)
	}
	prog, err := Parse(once)
	if err != nil {
		t.Fatalf("Format(%q) does not parse: %v\n%s", src, err, once)
	}
	if d := diff(prog, mustParse(t, src)); d != "" {
		t.Fatalf("Format(%q) is another tree:\n%s\n%s", src, once, d)
	}
	if d := cmp.Diff(allComments(src), allComments(once), cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("Format(%q) has other comments:\n%s\n%s", src, once, d)
	}
	if twice, _ := Format(once); twice != once {
		t.Fatalf("Format(%q) changes when done again:\n%s\n%s", src, once, cmp.Diff(once, twice))
	}
}

func allComments(src string) []string {
	var all []string
	for _, p := range pieces(src) {
		for _, c := range p.lead {
			all = append(all, c.text)
		}
		all = append(all, p.trail...)
	}
	return all
}
