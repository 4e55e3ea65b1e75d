package syntax

import (
	"math"
	"strings"
	"testing"
)

func TestCommentsAndWhiteSpace(t *testing.T) {
	const want = "SELECT a FROM b WHERE 5 "
	for name, src := range map[string]string{
		"blanks":                              "SELECT\t a\r\n\fFROM   b\nWHERE 5",
		"block comment over lines":            "SELECT /* a\n * b */ a FROM b WHERE 5",
		"block comments do not nest":          "SELECT /* /* */ a FROM b WHERE 5",
		"empty block comment":                 "SELECT /**/ a FROM b WHERE 5",
		"dash comment":                        "SELECT a -- , c\nFROM b WHERE 5",
		"slash comment":                       "SELECT a // , c\nFROM b WHERE 5",
		"dashes begin a comment anywhere":     "SELECT a FROM b WHERE 5 --3",
		"dashes without a blank":              "SELECT a FROM b WHERE 5--3",
		"a block comment parts two tokens":    "SELECT/**/a/**/FROM/**/b/**/WHERE/**/5",
		"comment in front and at the end":     "-- x\nSELECT a FROM b WHERE 5 // y",
		"comment marks inside a dash comment": "-- /*\nSELECT a FROM b WHERE 5",
	} {
		t.Run(name, func(t *testing.T) {
			if got := query(t, src).String() + " "; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestKeywordsIgnoreCaseAndEndAtWords(t *testing.T) {
	const want = "EXPLAIN SELECT NOT NULL AS x FROM b WHERE 1 IN c GROUP BY d ORDER BY e DESC  LIMIT 5 "
	src := "explain Select noT null aS x froM b wherE 1 iN c grouP \t\r\n by d Order\nBy e desC limit 5"
	if got := query(t, src).String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	src = "SELECT selected, notable, android, inner_, letter, as1, _from, nulls, truest FROM limits"
	if got := query(t, src).String(); got != src {
		t.Errorf("got %q, want %q", got, src)
	}
}

func TestHalfKeywordsAreNames(t *testing.T) {
	src := "SELECT group, order, by AS group FROM order WHERE group.by ORDER BY by"
	if got := query(t, src).String(); got != src {
		t.Errorf("got %q, want %q", got, src)
	}
}

func TestForeignWordsAreNames(t *testing.T) {
	src := "SELECT asc, distinct, having, join, union, case, is, like, between, offset FROM scope()"
	if got := query(t, src).String(); got != src {
		t.Errorf("got %q, want %q", got, src)
	}
}

func TestQuotedKeywordsAreNames(t *testing.T) {
	src := "SELECT 1 AS `limit`, x.`select`, f(`where`=1) FROM `from` ORDER BY `desc`"
	s := query(t, src)
	if got := s.String(); got != src {
		t.Errorf("got %q, want %q", got, src)
	}
	if s.Columns[0].Name != "limit" || s.From.Name[0] != "from" || s.OrderBy != "desc" {
		t.Errorf("names are %q, %q, %q", s.Columns[0].Name, s.From.Name[0], s.OrderBy)
	}
	if let := mustParse(t, "LET `let` = 1").Statements[0].(*Let); let.Name != "let" {
		t.Errorf("Name = %q, want let", let.Name)
	}
}

func TestMinus(t *testing.T) {
	for src, want := range map[string]string{
		"1-1":            "1 - 1",
		"1 -1":           "1 - 1",
		"1 - 1":          "1 - 1",
		"x -1":           "x - 1",
		"x-1":            "x - 1",
		"x- 1":           "x - 1",
		"3-x":            "3 - x",
		"3 -x":           "3 - x",
		"(1)-dict(a=1)":  "(1) - dict(a=1)",
		"'a'-1":          "'a' - 1",
		"x[0]-1":         "x[0] - 1",
		"TRUE -1":        "TRUE - 1",
		"-1":             "-1",
		"-x":             "-x",
		"-x.y":           "-x.y",
		"-f(x=1)":        "-f(x=1)",
		"-`a b`":         "-`a b`",
		"-0x10":          "-16",
		"-.5":            "-0.5",
		"1 - -1":         "1 - -1",
		"1 - -x":         "1 - -x",
		"a = -1":         "a = -1",
		"a=-x":           "a = -x",
		"2 * -x":         "2 * -x",
		"a AND -x":       "a  AND -x",
		"1 -\n1":         "1 - 1",
		"1 /**/ -/**/ 1": "1 - 1",
	} {
		if got := Text(mustExpr(t, src)); got != want {
			t.Errorf("Text(%q) = %q, want %q", src, got, want)
		}
	}
	if got := query(t, "SELECT * -x FROM b").String(); got != "SELECT *, -x FROM b" {
		t.Errorf("a minus after a star gives %q", got)
	}
	if s := mustExpr(t, "-x.y").(*Symbol); !s.Negated || len(s.Name) != 2 {
		t.Errorf("-x.y = %+v, want a negated symbol", s)
	}
}

func TestStrings(t *testing.T) {
	for src, want := range map[string]string{
		`'a'`:                "a",
		`"a"`:                "a",
		`''`:                 "",
		`""`:                 "",
		`'"'`:                `"`,
		`"'"`:                "'",
		`'\n\r\t'`:           "\n\r\t",
		`'\\\'\"'`:           `\'"`,
		`"\""`:               `"`,
		`'\x41\X4a\xFf'`:     "AJ\xff",
		`'\xe4'`:             "\xe4",
		`'\xzz'`:             `\xzz`,
		`'\n\xzz\n'`:         "\n\\xzz\n",
		`'\x4g'`:             `\x4g`,
		`'ab\x4'`:            "ab",
		`'ab\x'`:             "ab",
		`'\q'`:               "q",
		`'\u00e9'`:           "u00e9",
		"'\\\n'":             "\n",
		"'a\nb'":             "a\nb",
		"'ä'":                "ä",
		"'\xff'":             "\xff",
		`'''a'''`:            "a",
		`''''''`:             "",
		`'''a''b"\n'''`:      `a''b"\n`,
		"'''a\n\\x41'''":     "a\n\\x41",
		`'-- no /* comment'`: "-- no /* comment",
	} {
		e := mustExpr(t, src).(*String)
		if e.Value != want || e.Text != src {
			t.Errorf("%s = %q, spelled %s; want %q", src, e.Value, e.Text, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for src, want := range map[string]any{
		"0":                    int64(0),
		"12":                   int64(12),
		"0x1F":                 int64(31),
		"0xff":                 int64(255),
		"0xe1":                 int64(225),
		"010":                  int64(8),
		"-9223372036854775808": int64(math.MinInt64),
		"9223372036854775807":  int64(math.MaxInt64),
		"9223372036854775808":  9223372036854775808.0,
		"0xFFFFFFFFFFFFFFFF":   18446744073709551615.0,
		"08":                   8.0,
		"1.5":                  1.5,
		".5":                   0.5,
		"1e3":                  1000.0,
		"1E+3":                 1000.0,
		"1.5e-1":               0.15,
		"-1.5":                 -1.5,
	} {
		var got any
		switch e := mustExpr(t, src).(type) {
		case *Int:
			got = e.Value
		case *Float:
			got = e.Value
		}
		if got != want {
			t.Errorf("%s = %v (%T), want %v (%T)", src, got, got, want, want)
		}
	}
	for _, src := range []string{"5.", "0b11", "0o17", "1_000", "0x", "1.2.3", "1e", "5x", "0X1F", "1e400"} {
		if e, err := ParseExpr(src); err == nil {
			t.Errorf("%s = %s, want an error", src, Text(e))
		}
	}
}

func TestNames(t *testing.T) {
	for src, want := range map[string]string{
		"Foo":           "Foo",
		"_x1":           "_x1",
		"`a b`":         "a b",
		"`a.b`":         "a.b",
		"`a-b`":         "a-b",
		"`ä\n\"'`":      "ä\n\"'",
		"Foo.Bar.Baz":   "Foo|Bar|Baz",
		"Foo . \n Bar":  "Foo|Bar",
		"x.`a b`.c":     "x|a b|c",
		"`a`./**/`b c`": "a|b c",
	} {
		if got := strings.Join(mustExpr(t, src).(*Symbol).Name, "|"); got != want {
			t.Errorf("%s = %q, want %q", src, got, want)
		}
	}
	if d := diff(mustExpr(t, "foo"), mustExpr(t, "Foo")); d == "" {
		t.Error("foo and Foo are one name, want two")
	}
}

func TestOperatorTokens(t *testing.T) {
	for src, want := range map[string]string{
		"a<b":             "a < b",
		"a<=b":            "a <= b",
		"a>b":             "a > b",
		"a>=b":            "a >= b",
		"a=b":             "a = b",
		"a!=b":            "a != b",
		"a<>b":            "a != b",
		"a=~b":            "a =~ b",
		"a in b":          "a IN b",
		"a|b":             "a | b",
		"a||b":            "a || b",
		"a|||||b":         "a ||||| b",
		"a or b Or c":     "a or b Or c",
		"a&&b":            "a  && b",
		"a and b AND c":   "a  and b  AND c",
		"a+b-c*d/e":       "a + b - c * d / e",
		"a/b":             "a / b",
		"a IN(1,2)":       "a IN (1, 2)",
		"not a":           "NOT a",
		"NOT(a)":          "NOT (a)",
		"f (a = 1 ,b=2 )": "f(a=1, b=2)",
	} {
		if got := Text(mustExpr(t, src)); got != want {
			t.Errorf("Text(%q) = %q, want %q", src, got, want)
		}
	}
}
