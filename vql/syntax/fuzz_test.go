package syntax

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

func addSeeds(f *testing.F) {
	for seed := range uint64(20) {
		g := generator{Rand: rand.New(rand.NewPCG(seed, 1)), depth: 1}
		f.Add(g.program())
	}
	files, _ := filepath.Glob("testdata/format/*.vql")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src))
	}
	for _, q := range queries {
		f.Add(q.src)
	}
	for _, src := range []string{
		"SELECT * -x, 1 -1, - 5, 5.foo, .5e-3, 0x1F, 010, 08, 1e999 FROM b LIMIT -1",
		"SELECT f(a=[1,], b=[], c={ SELECT 1 FROM x }).d[1:-2], 'it''s' FROM a.`b c` WHERE a,",
		"SELECT '\\x41\\xzz\\n', \"\\", "LET a = '''", "/*", "SELECT `` FROM x;", "x, y => x + 1", "\ufeff\xff“",
	} {
		f.Add(src)
	}
}

func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		if l, err := ParseLambda(src); err == nil {
			again, err := ParseExpr(Text(l.Body))
			if err != nil || diff(again, l.Body) != "" {
				t.Fatalf("body of %q: %v\n%s", src, err, diff(again, l.Body))
			}
		}
		_, err := Parse(src)
		if err != nil {
			checkError(t, src, err.(*Error))
			return
		}
		checkText(t, src)
		checkStatements(t, src)
	})
}

// checkError checks that the place of an error is in the text.
func checkError(t *testing.T, src string, e *Error) {
	t.Helper()
	if e.Pos.Offset < 0 || e.Pos.Offset > len(src) || e.Pos.Line < 1 || e.Pos.Column < 1 || e.Msg == "" {
		t.Errorf("Parse(%q): bad error %+v", src, e)
	}
	e.Excerpt()
}

// checkStatements checks that the statements parse alone to what they are in
// the program, and that everything in them is where it says.
func checkStatements(t *testing.T, src string) {
	t.Helper()
	texts, err := Statements(src)
	if err != nil {
		t.Fatal(err)
	}
	prog := mustParse(t, src)
	for i, text := range texts {
		alone := mustParse(t, text)
		if d := diff(alone.Statements[0], prog.Statements[i]); d != "" || len(alone.Statements) != 1 {
			t.Errorf("statement %d of %q is %q:\n%s", i, src, text, d)
		}
	}
	Walk(prog, func(n Node) bool {
		if s, ok := n.(*String); ok && src[s.Pos.Offset:s.Pos.Offset+len(s.Text)] != s.Text {
			t.Errorf("%q is not at %+v of %q", s.Text, s.Pos, src)
		}
		return true
	})
}

func FuzzFormat(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		if _, err := Parse(src); err == nil {
			checkFormat(t, src)
		}
	})
}
