package syntax

import "testing"

func TestText(t *testing.T) {
	for src, want := range map[string]string{
		"1+1":                                    "1 + 1",
		"0x10":                                   "16",
		"010":                                    "8",
		"1.50":                                   "1.5",
		"1e3":                                    "1000.0",
		"1e21":                                   "1000000000000000000000.0",
		"1e-7":                                   "0.0000001",
		"08":                                     "8.0",
		"-.5":                                    "-0.5",
		"9223372036854775808":                    "9223372036854776000.0",
		`'a\n"b'`:                                `'a\n"b'`,
		`"a\x41"`:                                `"a\x41"`,
		"'''a\nb'''":                             "'''a\nb'''",
		"True":                                   "True",
		"false":                                  "false",
		"null":                                   "NULL",
		"( 1 )":                                  "(1)",
		"((1))":                                  "((1))",
		"(1,2)":                                  "(1, 2)",
		"(1,)":                                   "(1, )",
		"(1,2,)":                                 "(1, 2, )",
		"((1,),)":                                "((1, ), )",
		"1 and 2":                                "1  and 2",
		"1 AND 2 && 3":                           "1  AND 2  && 3",
		"1 or 2 || 3 | 4":                        "1 or 2 || 3 | 4",
		"a or b and c":                           "a or b  and c",
		"not a in b":                             "NOT a IN b",
		"a<>b":                                   "a != b",
		"a=~'b'":                                 "a =~ 'b'",
		"f ( )":                                  "f()",
		"f(a = 1,b=2)":                           "f(a=1, b=2)",
		"f(a=[ ])":                               "f(a=[])",
		"f(a=[1,2])":                             "f(a=[1, 2])",
		"f(a=[1])":                               "f(a=[1])",
		"f(a=[1,])":                              "f(a=[1, ])",
		"f(a={select * from b where c limit 5})": "f(a={ SELECT * FROM b WHERE c LIMIT 5  })",
		"f(a={select b as c,* from d order by c desc})": "f(a={ SELECT b AS c, * FROM d ORDER BY c DESC  })",
		"dict(`a b`=1, `c`=2, d=3)":                     "dict(`a b`=1, `c`=2, d=3)",
		"a . b . c":                                     "a.b.c",
		"x.`a b`":                                       "x.`a b`",
		"x.`a`":                                         "x.`a`",
		"`x`.a":                                         "`x`.a",
		"`x y`":                                         "`x y`",
		"(a).`b`.c":                                     "(a).`b`.c",
		"x [ 0 ]":                                       "x[0]",
		"x[0:1]":                                        "x[0:1]",
		"x[ :1]":                                        "x[:1]",
		"x[0: ]":                                        "x[0:]",
		"x[:]":                                          "x[:]",
		"f(x=1) . y":                                    "f(x=1).y",
		"-x.y":                                          "-x.y",
		"-f()":                                          "-f()",
		"a -1":                                          "a - 1",
		"a - -1":                                        "a - -1",
		"/* b */ a -- c":                                "a",
	} {
		if got := Text(mustExpr(t, src)); got != want {
			t.Errorf("Text(%q) = %q, want %q", src, got, want)
		}
		if got := Text(mustExpr(t, want)); got != want {
			t.Errorf("Text(%q) = %q, want the same", want, got)
		}
	}
}

func TestStatementText(t *testing.T) {
	for src, want := range map[string]string{
		"select a,b from c": "SELECT a, b FROM c",
		"select from c":     "SELECT FROM c",
		"select *,from c":   "SELECT * FROM c",
		"select * a from c": "SELECT *, a FROM c",
		"explain select a as b,{select 1 from c} as `d` from e.f( g = 1 ) where h,i group by 1,j order by k desc limit 5": "EXPLAIN SELECT a AS b, { SELECT 1 FROM c } AS `d` FROM e.f(g=1) WHERE h, i GROUP BY 1, j ORDER BY k DESC  LIMIT 5 ",
		"select a from b order by c":                   "SELECT a FROM b ORDER BY c",
		"select a from b order by c desc":              "SELECT a FROM b ORDER BY c DESC ",
		"select a from b where c,":                     "SELECT a FROM b WHERE c, ",
		"let a <= select b from c":                     "LET a <= SELECT b FROM c",
		"let `a`(`b`,c=[1]) = b":                       "LET `a`(`b`, c=[1]) = b",
		"select a from `b`.`c d` order by `e` limit 0": "SELECT a FROM `b`.`c d` ORDER BY `e` LIMIT 0 ",
	} {
		if got := mustParse(t, src).Statements[0].String(); got != want {
			t.Errorf("%q has the text %q, want %q", src, got, want)
		}
		checkText(t, src)
	}
}

// A tree that no text made has no spelling to keep: names are in back-quotes
// where they must be.
func TestTextOfMadeTree(t *testing.T) {
	e := &Symbol{Name: []string{"a", "b c", "limit"}, Call: true, Args: []Arg{
		{Name: "x-y", Value: &Member{X: &Paren{Value: &Int{Value: -1}}, Name: "1a"}},
	}}
	if got, want := Text(e), "a.`b c`.`limit`(`x-y`=(-1).`1a`)"; got != want {
		t.Errorf("Text = %s, want %s", got, want)
	}
}
