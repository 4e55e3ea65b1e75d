package syntax

import (
	"fmt"
	"strings"
	"testing"
)

// shape shows how operators bind: every operation in square brackets.
func shape(e Expr) string {
	switch e := e.(type) {
	case *Logic:
		s := shape(e.Operands[0])
		for i, op := range e.Ops {
			s += " " + op + " " + shape(e.Operands[i+1])
		}
		return "[" + s + "]"
	case *Not:
		return "[NOT " + shape(e.Value) + "]"
	case *Binary:
		return "[" + shape(e.X) + " " + e.Op + " " + shape(e.Y) + "]"
	case *Paren:
		return "(" + shape(e.Value) + ")"
	case *Index:
		return "[" + shape(e.X) + " at " + shape(e.At) + "]"
	case *Member:
		return "[" + shape(e.X) + " . " + e.Name + "]"
	}
	return Text(e)
}

func TestBinding(t *testing.T) {
	for src, want := range map[string]string{
		"a AND b OR c":             "[a AND [b OR c]]",
		"a OR b AND c":             "[[a OR b] AND c]",
		"a AND b AND c":            "[a AND b AND c]",
		"a || b OR c":              "[a || b OR c]",
		"NOT a = b":                "[NOT [a = b]]",
		"NOT NOT a":                "[NOT [NOT a]]",
		"NOT a OR b":               "[[NOT a] OR b]",
		"a AND NOT b":              "[a AND [NOT b]]",
		"NOT a IN b":               "[NOT [a IN b]]",
		"a + b = c + d":            "[[a + b] = [c + d]]",
		"a - b - c":                "[[a - b] - c]",
		"a -b - c":                 "[[a - b] - c]",
		"a / b * c":                "[[a / b] * c]",
		"a + b * c":                "[a + [b * c]]",
		"a * b + c":                "[[a * b] + c]",
		"(a + b) * c":              "[([a + b]) * c]",
		"2 * x[0]":                 "[2 * [x at 0]]",
		"2 * x.a[1]":               "[2 * [x.a at 1]]",
		"x.a[1] * 2":               "[[x.a at 1] * 2]",
		"2 * x.b.c":                "[2 * x.b.c]",
		"2 / (a).b":                "[2 / [(a) . b]]",
		"f(x=1).y":                 "[f(x=1) . y]",
		"dict(a=1).a[0].b":         "[[[dict(a=1) . a] at 0] . b]",
		"(a, b).c":                 "[(a, b) . c]",
		"5.foo":                    "[5 . foo]",
		"1.e5":                     "[1 . e5]",
		"'a'.b":                    "['a' . b]",
		"NULL.x":                   "[NULL . x]",
		"x[0][1]":                  "[[x at 0] at 1]",
		"-x[0]":                    "[-x at 0]",
		"a = b OR c = d AND NOT e": "[[[a = b] OR [c = d]] AND [NOT e]]",
	} {
		if got := shape(mustExpr(t, src)); got != want {
			t.Errorf("%s binds as %s, want %s", src, got, want)
		}
	}
}

func TestIndexes(t *testing.T) {
	for _, src := range []string{
		"a[0]", "a[-1]", "a[-x]", "a[f(x=1)]", "a['k']", "a[(i + 1)]", "a[x.y]", "a[TRUE]",
		"a[0:1]", "a[:1]", "a[0:]", "a[:]", "a[-2:-1]", "a[x:f(y=1)]", "a[(1, 2)]", "(a)[0]", "f()[0]",
	} {
		if got := Text(mustExpr(t, src)); got != src {
			t.Errorf("Text(%q) = %q", src, got)
		}
	}
	for _, src := range []string{"a[i + 1]", "a[]", "a[1, 2]", "a[x[0]]", "a[0:1:2]", "a[NOT b]", "a[0"} {
		if _, err := ParseExpr(src); err == nil {
			t.Errorf("%s parses, want an error", src)
		}
	}
}

func TestLists(t *testing.T) {
	two := mustExpr(t, "(1, 2)").(*Paren).Value.(*List)
	if len(two.Items) != 2 || two.Trailing || two.Brackets {
		t.Errorf("(1, 2) = %+v", two)
	}
	one := mustExpr(t, "(1,)").(*Paren).Value.(*List)
	if len(one.Items) != 1 || !one.Trailing {
		t.Errorf("(1,) = %+v", one)
	}
	if _, ok := mustExpr(t, "(1)").(*Paren).Value.(*Int); !ok {
		t.Error("(1) is a list, want a number")
	}
	for _, src := range []string{"()", "[1, 2]", "[]", "(,)", "(1,,2)", "f(x=[[1]])", "f(x=[,])", "(1, 2"} {
		if _, err := ParseExpr(src); err == nil {
			t.Errorf("%s parses, want an error", src)
		}
	}
}

func TestBrackets(t *testing.T) {
	for src, want := range map[string]struct {
		items    int
		trailing bool
		isItem   bool
	}{
		"f(x=[])":           {0, false, false},
		"f(x=[1])":          {1, false, true},
		"f(x=[1,])":         {1, true, false},
		"f(x=[1, 2])":       {2, false, false},
		"f(x=[1, 2,])":      {2, true, false},
		"f(x=[(1, 2),])":    {1, true, false},
		"f(x=[a AND b, c])": {2, false, false},
	} {
		l := mustExpr(t, src).(*Symbol).Args[0].Value.(*List)
		if !l.Brackets || len(l.Items) != want.items || l.Trailing != want.trailing || l.IsItem() != want.isItem {
			t.Errorf("%s = %+v, want %+v", src, l, want)
		}
	}
	if _, ok := mustExpr(t, "f(x=((1, 2),))").(*Symbol).Args[0].Value.(*Paren); !ok {
		t.Error("f(x=((1, 2),)) is not in parentheses")
	}
}

func TestCalls(t *testing.T) {
	for _, src := range []string{
		"f()", "f(a=1)", "f(a=1, b=2)", "f(a=b = c)", "f(a=b AND c)", "a.b(c=1)",
		"f(`**`=x)", "f(a=NOT b)", "f(a={ SELECT * FROM x })", "f(a={ EXPLAIN SELECT * FROM x }, b=1)",
		"dict(a=1, a=2)", "f(a=g(b=h()))",
	} {
		if _, err := ParseExpr(src); err != nil {
			t.Errorf("%s: %v", src, err)
		}
	}
	for _, src := range []string{
		"f(1)", "count(*)", "f(x)", "f(a=1,)", "f(,)", "f(a=1 b=2)", "f(a=)", "f().g()", "f(a=1)(b=2)",
		"x[0].f()", "f(a.b=1)", "f('a'=1)", "f(limit=1)", "f(a=[1] + 2)", "f(a={ SELECT * FROM x }.b)",
		"f(a={ x })", "f(a=(SELECT * FROM x))", "f(a={})",
	} {
		if _, err := ParseExpr(src); err == nil {
			t.Errorf("%s parses, want an error", src)
		}
	}
}

func TestComparisonsDoNotChain(t *testing.T) {
	for _, src := range []string{"1 < 5 < 2", "1 = 2 = 1", "a IN b IN c", "a =~ b = c", "NOT a = b = c"} {
		_, err := ParseExpr(src)
		if err == nil || !strings.Contains(err.Error(), "do not chain") {
			t.Errorf("%s: %v, want an error that says what to write", src, err)
		}
	}
	mustExpr(t, "(1 < 5) < 2")
}

func TestColumns(t *testing.T) {
	for src, want := range map[string]string{
		"SELECT * FROM b":                         "*",
		"SELECT *, a FROM b":                      "*|a",
		"SELECT * a FROM b":                       "*|a",
		"SELECT *, FROM b":                        "*",
		"SELECT a, * FROM b":                      "a|*",
		"SELECT *, * FROM b":                      "*|*",
		"SELECT a, *, c, * FROM b":                "a|*|c|*",
		"SELECT FROM scope()":                     "",
		"SELECT a AS x, b FROM c":                 "x|b",
		"SELECT a AS `x y` FROM c":                "x y",
		"SELECT 1, 1+1, 'a' FROM c":               "1|1 + 1|'a'",
		"SELECT `x y`, x.`x y`, `x`.a FROM c":     "x y|x.`x y`|`x`.a",
		"SELECT -`x`, `f`() FROM c":               "-`x`|`f`()",
		"SELECT {SELECT 1 FROM a} FROM c":         "{ SELECT 1 FROM a }",
		"SELECT {SELECT 1 FROM a LIMIT 1} FROM c": "{ SELECT 1 FROM a LIMIT 1  }",
		"SELECT {SELECT 1 FROM a} AS x FROM c":    "x",
		"SELECT a AND b FROM c":                   "a  AND b",
	} {
		var names []string
		for _, c := range query(t, src).Columns {
			if c.Star {
				c.Name = "*"
			}
			names = append(names, c.Name)
		}
		if got := strings.Join(names, "|"); got != want {
			t.Errorf("%s has columns %s, want %s", src, got, want)
		}
	}
	for _, src := range []string{
		"SELECT a, FROM b", "SELECT a b FROM c", "SELECT {SELECT 1 FROM a}.x FROM c", "SELECT a AS FROM c",
		"SELECT {SELECT 1 FROM a} + 1 FROM c", "SELECT 1 + {SELECT 1 FROM a} FROM c", "SELECT , FROM b",
		"SELECT a AS b.c FROM d", "SELECT a AS 'b' FROM d", "SELECT (SELECT 1 FROM a) FROM c",
	} {
		if _, err := Parse(src); err == nil {
			t.Errorf("%s parses, want an error", src)
		}
	}
}

func TestClauses(t *testing.T) {
	s := query(t, "SELECT a FROM b.c(d=1) WHERE e, f GROUP BY g, 1 ORDER BY h DESC LIMIT 0x10")
	if !s.From.Call || len(s.From.Name) != 2 || len(s.From.Args) != 1 {
		t.Errorf("From = %+v", s.From)
	}
	if l, ok := s.Where.(*List); !ok || len(l.Items) != 2 {
		t.Errorf("Where = %#v, want a list of 2", s.Where)
	}
	if l, ok := s.GroupBy.(*List); !ok || len(l.Items) != 2 {
		t.Errorf("GroupBy = %#v, want a list of 2", s.GroupBy)
	}
	if s.OrderBy != "h" || !s.Desc || s.Limit != 16 {
		t.Errorf("OrderBy, Desc, Limit = %q, %v, %d", s.OrderBy, s.Desc, s.Limit)
	}
	s = query(t, "SELECT a FROM b")
	if s.From.Call || s.Where != nil || s.GroupBy != nil || s.OrderBy != "" || s.Limit != -1 {
		t.Errorf("a SELECT without clauses is %+v", s)
	}
	for _, src := range []string{
		"SELECT a FROM b LIMIT 0", "SELECT a FROM b LIMIT 010", "SELECT a FROM b WHERE c, LIMIT 1",
		"SELECT a FROM b ORDER BY `c d`", "SELECT a FROM b()", "SELECT a FROM b (c = 1)",
	} {
		mustParse(t, src)
	}
	for _, src := range []string{
		"SELECT 1", "SELECT 1 WHERE x", "SELECT a FROM", "SELECT a FROM b c", "SELECT a FROM b AS c",
		"SELECT a FROM b, c", "SELECT a FROM { SELECT b FROM c }", "SELECT a FROM (b)", "SELECT a FROM 'b'",
		"SELECT a FROM b WHERE", "SELECT a FROM b GROUP BY", "SELECT a FROM b ORDER BY",
		"SELECT a FROM b ORDER BY c, d", "SELECT a FROM b ORDER BY c.d", "SELECT a FROM b ORDER BY f()",
		"SELECT a FROM b ORDER BY 1", "SELECT a FROM b ORDER BY c + 1", "SELECT a FROM b ORDER BY c ASC",
		"SELECT a FROM b LIMIT 1.5", "SELECT a FROM b LIMIT x", "SELECT a FROM b LIMIT 1 + 1",
		"SELECT a FROM b LIMIT -1", "SELECT a FROM b LIMIT 1e3", "SELECT a FROM b LIMIT 1 LIMIT 2",
		"SELECT a FROM b LIMIT 1 WHERE c", "SELECT a FROM b ORDER BY c GROUP BY d", "SELECT a FROM f().g()",
		"SELECT a FROM b WHERE c WHERE d", "SELECT a FROM b DESC", "SELECT a FROM b GROUP /**/ BY c", "EXPLAIN LET a = 1",
	} {
		if _, err := Parse(src); err == nil {
			t.Errorf("%s parses, want an error", src)
		}
	}
}

func TestLet(t *testing.T) {
	for src, want := range map[string]string{
		"LET x = 1":                        "LET x = 1",
		"let x<=1":                         "LET x <= 1",
		"LET x = SELECT * FROM y":          "LET x = SELECT * FROM y",
		"LET x <= EXPLAIN SELECT * FROM y": "LET x <= EXPLAIN SELECT * FROM y",
		"LET `x y` = 1":                    "LET `x y` = 1",
		"LET f() = 1":                      "LET f() = 1",
		"LET f (a , b) = a":                "LET f(a, b) = a",
		"LET f(a=1, b) = SELECT * FROM a":  "LET f(a=1, b) = SELECT * FROM a",
		"LET f(a=[1, 2], `b c`=[]) = a":    "LET f(a=[1, 2], `b c`=[]) = a",
		"LET f(a={SELECT 1 FROM x}) = a":   "LET f(a={ SELECT 1 FROM x }) = a",
		"LET f(a=1 + 2 AND x) <= (1, 2)":   "LET f(a=1 + 2  AND x) <= (1, 2)",
		"LET x = a <= b":                   "LET x = a <= b",
		"LET x <= a = b":                   "LET x <= a = b",
		"LET x = 'a'":                      "LET x = 'a'",
	} {
		if got := mustParse(t, src).Statements[0].String(); got != want {
			t.Errorf("%s reads as %s, want %s", src, got, want)
		}
	}
	f := mustParse(t, "LET f() = 1").Statements[0].(*Let)
	if !f.HasParams || len(f.Params) != 0 {
		t.Errorf("LET f() = %+v", f)
	}
	for _, src := range []string{
		"LET x", "LET x =", "LET = 1", "LET x 1", "LET x == 1", "LET x := 1", "LET x = { SELECT 1 FROM y }",
		"LET x = (SELECT 1 FROM y)", "LET x = 1, 2", "LET x.y = 1", "LET limit = 1", "LET 'x' = 1", "LET f(a,) = 1",
		"LET f(1) = 1", "LET f(a.b) = 1", "LET x = [1, 2]", "LET x >= 1",
	} {
		if _, err := Parse(src); err == nil {
			t.Errorf("%s parses, want an error", src)
		}
	}
}

func TestProgram(t *testing.T) {
	src := "-- one\nLET a = 1 -- why\nLET b = -1SELECT a -b FROM c /* d */ EXPLAIN SELECT 1 FROM e LIMIT 5SELECT 2 FROM f WHERE g, LET h = 1 -- end\n"
	want := []string{
		"LET a = 1", "LET b = -1", "SELECT a -b FROM c", "EXPLAIN SELECT 1 FROM e LIMIT 5", "SELECT 2 FROM f WHERE g,", "LET h = 1",
	}
	got, err := Statements(src)
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(got, want); d != "" {
		t.Errorf("Statements(%q):\n%s", src, d)
	}
	for _, src := range []string{"", "  ", "-- a", "1", "x", "LET a = 1; LET b = 2", "SELECT 1 FROM a SELECT", "SELECT 1 FROM a }"} {
		if _, err := Statements(src); err == nil {
			t.Errorf("%q parses, want an error", src)
		}
	}
}

func TestLambda(t *testing.T) {
	for src, want := range map[string]string{
		"x=>x":                "x => x",
		"x => x + 1":          "x => x + 1",
		"x, y => x.a AND y":   "x,y => x.a  AND y",
		"`a b` => `a b` =~ 1": "a b => `a b` =~ 1",
		"x=>x=~'Hello'":       "x => x =~ 'Hello'",
	} {
		l, err := ParseLambda(src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if got := strings.Join(l.Params, ",") + " => " + Text(l.Body); got != want || l.Source != src {
			t.Errorf("%s reads as %s, want %s", src, got, want)
		}
	}
	for _, src := range []string{"", "x", "=> 1", "x =>", "(x) => x", "x => y => z", "x => 1, 2", "x y => 1", "x => SELECT 1 FROM a", "1 => 1"} {
		if _, err := ParseLambda(src); err == nil {
			t.Errorf("%s parses, want an error", src)
		}
	}
}

func TestNesting(t *testing.T) {
	for name, part := range map[string][2]string{
		"parentheses": {"(", ")"},
		"calls":       {"f(a=", ")"},
		"brackets":    {"f(a=[", "])"},
		"sub-queries": {"f(a={SELECT ", " FROM x})"},
		"indexes":     {"a[(", ")]"},
		"NOT":         {"NOT ", ""},
	} {
		deep := func(n int) string {
			return strings.Repeat(part[0], n) + "1" + strings.Repeat(part[1], n)
		}
		if _, err := ParseExpr(deep(100)); err != nil {
			t.Errorf("%s 100 deep: %v", name, err)
		}
		if _, err := ParseExpr(deep(100_000)); err == nil || !strings.Contains(err.Error(), "deep") {
			t.Errorf("%s 100000 deep: %.100v, want an error", name, err)
		}
	}
}

func TestLongTexts(t *testing.T) {
	for _, op := range []string{" + 1", " * 1", "[0]", ".a", " AND 1", " OR 1", ", 1"} {
		if _, err := ParseExpr("(a)" + strings.Repeat(op, 10_000)); err != nil {
			t.Errorf("10000 times %q: %v", op, err)
		}
	}
	for _, op := range []string{" + 1", " * 1", "[0]", ".a"} {
		if _, err := ParseExpr("(a)" + strings.Repeat(op, 100_000)); err == nil {
			t.Errorf("100000 times %q parses, want an error", op)
		}
	}
	if _, err := Parse(strings.Repeat(" ", maxSource) + "LET a = 1"); err == nil {
		t.Error("a text that is too long parses")
	}
	inner := "SELECT '" + strings.Repeat("a", 1<<20) + "' FROM x"
	for range 100 {
		inner = fmt.Sprintf("SELECT {%s} FROM x", inner)
	}
	if _, err := Parse(inner); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("column names of 100 MB: %v, want an error", err)
	}
}
