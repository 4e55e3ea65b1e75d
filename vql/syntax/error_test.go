package syntax

import (
	"errors"
	"strings"
	"testing"
)

func TestErrors(t *testing.T) {
	for src, want := range map[string]string{
		"":                                  "1:1: there is no statement",
		"SELECT a FROM b;\nSELECT c FROM d": `1:16: unexpected character ";" (statements need no separator)`,
		"LET x = 1;":                        `1:10: unexpected character ";" (statements need no separator)`,

		// Arguments.
		"SELECT count(*) FROM a":             `1:14: unexpected "*", expected the name of an argument (arguments are named, and count() needs none)`,
		"SELECT f(1) FROM a":                 `1:10: unexpected "1", expected the name of an argument (arguments are named: f(x=1))`,
		"SELECT f('a', b=1) FROM a":          `1:10: unexpected "'a'", expected the name of an argument (arguments are named: f(x=1))`,
		"SELECT f(x) FROM a":                 `1:11: unexpected ")", expected = after the name of an argument (arguments are named: f(x=1))`,
		"SELECT f(x, y) FROM a":              `1:11: unexpected ",", expected = after the name of an argument (arguments are named: f(x=1))`,
		"SELECT f(x=1,) FROM a":              `1:14: unexpected ")", expected the name of an argument (there is a comma too many)`,
		"SELECT f(x=1 y=2) FROM a":           `1:14: unexpected "y", expected a comma or ) (a comma separates arguments)`,
		"SELECT f(limit=1) FROM a":           "1:10: unexpected \"limit\", expected the name of an argument (LIMIT is a keyword; as a name write it in back-quotes: `limit`)",
		"SELECT f('a b'=1) FROM a":           "1:10: unexpected \"'a b'\", expected the name of an argument (a name with blanks or signs stands in back-quotes: `my name`)",
		"SELECT count(DISTINCT x) FROM a":    `1:23: unexpected "x", expected = after the name of an argument (there is no DISTINCT: GROUP BY the column)`,
		"SELECT f(x=[[1]]) FROM a":           `1:13: unexpected "[", expected a value (brackets do not nest: write f(x=((1, 2), (3, 4))))`,
		"SELECT f(x=[1] + 2) FROM a":         `1:16: unexpected "+", expected a comma or ) (write a list in parentheses to compute with it: (1, 2))`,
		"SELECT f(x={SELECT 1 FROM a}.b)":    `1:29: unexpected ".", expected a comma or ) ({ SELECT … } stands alone; bind it with LET first to compute with it)`,
		"SELECT f(x={a: 1}) FROM a":          `1:13: unexpected "a", expected SELECT (braces hold a query: { SELECT … FROM … }; a dict is written dict(a=1))`,
		"SELECT f().g() FROM a":              `1:13: unexpected "(", expected an operator (only a name can be called; bind what stands before the dot with LET first)`,
		"SELECT f(x=y => y) FROM a":          `1:14: unexpected "=>", expected a comma or ) (a lambda is a string: 'x => x + 1')`,
		"SELECT f(x=(SELECT 1 FROM a))":      `1:13: unexpected "SELECT", expected a value (a query inside another is written { SELECT … }, as a column or an argument)`,
		"SELECT f(x==1) FROM a":              `1:12: unexpected "=", expected a value (equality is a single =)`,
		"SELECT a FROM range(end=5":          `1:26: unexpected end of text, expected a comma or )`,
		"SELECT a FROM range(end=5 SELECT b": `1:27: unexpected "SELECT", expected a comma or )`,

		// Expressions.
		"SELECT a FROM b WHERE a == 1":        `1:26: unexpected "=", expected a value (equality is a single =)`,
		"SELECT a FROM b WHERE a NOT IN c":    `1:25: unexpected "NOT", expected the end of the statement (write NOT a IN b)`,
		"SELECT a FROM b WHERE a !~ c":        `1:25: unexpected character "!~" (write NOT a =~ b)`,
		"SELECT a FROM b WHERE !a":            `1:23: unexpected character "!" (negation is written NOT)`,
		"SELECT a FROM b WHERE a = NOT c":     `1:27: unexpected "NOT", expected a value (put it in parentheses: a = (NOT b))`,
		"SELECT a FROM b WHERE a IS NULL":     `1:25: unexpected "IS", expected the end of the statement (write a = NULL, or a != NULL)`,
		"SELECT a FROM b WHERE a LIKE 'c%'":   `1:25: unexpected "LIKE", expected the end of the statement (match with a regular expression: a =~ 'text')`,
		"SELECT a FROM b WHERE a BETWEEN 1":   `1:25: unexpected "BETWEEN", expected the end of the statement (write a >= 1 AND a <= 9)`,
		"SELECT a FROM b WHERE 1 < a < 3":     `1:29: unexpected "<", expected AND, OR or the end of the comparison (comparisons do not chain: write a < b AND b < c, or use parentheses)`,
		"SELECT a % 2 FROM b":                 `1:10: unexpected character "%" (there is no remainder operator)`,
		"SELECT [1,2] FROM b":                 `1:8: unexpected "[", expected a value (a list is written (1, 2) here; brackets stand only after an argument's name: f(x=[1, 2]))`,
		"SELECT () FROM b":                    `1:9: unexpected ")", expected a value (an empty list is written as an argument only: f(x=[]))`,
		"SELECT (1,,2) FROM b":                `1:11: unexpected ",", expected a value (an item is missing between the commas)`,
		"SELECT a[] FROM b":                   `1:10: unexpected "]", expected a value (the index is missing: a[0])`,
		"SELECT a[i + 1] FROM b":              `1:12: unexpected "+", expected : or ] (an index is a single value; write more in parentheses: a[(i + 1)])`,
		"SELECT - 5 FROM b":                   `1:8: a blank after the minus (in front of a value the minus is glued to it: -5)`,
		"SELECT - x FROM b":                   `1:8: a blank after the minus (in front of a value the minus is glued to it: -x)`,
		"SELECT -(x) FROM b":                  `1:8: a minus that is not in front of a name or a number (write 0 - x, or NOT x)`,
		"SELECT -TRUE FROM b":                 `1:8: a minus that is not in front of a name or a number (write 0 - x, or NOT x)`,
		"SELECT 1e999 FROM b":                 `1:8: the number is too large`,
		"SELECT 'it''s' FROM b":               `1:12: unexpected "'s'", expected a comma or FROM (a doubled quote is no escape: write 'it\'s')`,
		"SELECT 'a' 'b' FROM b":               `1:12: unexpected "'b'", expected a comma or FROM (strings side by side are not joined: write a + b)`,
		"SELECT CASE WHEN a FROM b":           `1:13: unexpected "WHEN", expected a comma or FROM (use if(condition=a, then=b, else=c))`,
		"SELECT a FROM b WHERE (SELECT c)":    `1:24: unexpected "SELECT", expected a value (a query inside another is written { SELECT … }, as a column or an argument)`,
		"SELECT a FROM b WHERE c IN {SELECT}": `1:28: unexpected "{", expected a value ({ SELECT … } is a column or an argument of its own, not part of an expression)`,

		// Queries.
		"SELECT 1":                             `1:9: unexpected end of text, expected a comma or FROM (FROM is required: SELECT 1 FROM scope())`,
		"SELECT 1 WHERE a":                     `1:10: unexpected "WHERE", expected a comma or FROM (FROM is required: SELECT 1 FROM scope())`,
		"SELECT 1\nLET a = 1":                  `2:1: unexpected "LET", expected a comma or FROM (FROM is required: SELECT 1 FROM scope())`,
		"SELECT *":                             `1:9: unexpected end of text, expected a comma or FROM (FROM is required: SELECT 1 FROM scope())`,
		"SELECT a, FROM b":                     `1:11: unexpected "FROM", expected a value (there is a comma too many)`,
		"SELECT a b FROM c":                    `1:10: unexpected "b", expected a comma or FROM (a new name follows AS, and a comma separates columns)`,
		"SELECT DISTINCT a FROM b":             `1:17: unexpected "a", expected a comma or FROM (there is no DISTINCT: GROUP BY the column)`,
		"SELECT a AS limit FROM b":             "1:13: unexpected \"limit\", expected a name after AS (LIMIT is a keyword; as a name write it in back-quotes: `limit`)",
		"SELECT a AS 'b c' FROM b":             "1:13: unexpected \"'b c'\", expected a name after AS (a name with blanks or signs stands in back-quotes: `my name`)",
		"SELECT x.from FROM b":                 "1:10: unexpected \"from\", expected a name after the dot (FROM is a keyword; as a name write it in back-quotes: `from`)",
		"SELECT {SELECT 1 FROM a} + 1 FROM b":  `1:26: unexpected "+", expected a comma or FROM ({ SELECT … } stands alone; bind it with LET first to compute with it)`,
		"SELECT a FROM { SELECT b FROM c }":    `1:15: unexpected "{", expected a plugin or a variable after FROM (name the query first, LET q = SELECT …, then FROM q)`,
		"SELECT a FROM (SELECT b FROM c)":      `1:15: unexpected "(", expected a plugin or a variable after FROM (name the query first, LET q = SELECT …, then FROM q)`,
		"SELECT a FROM b AS c":                 `1:17: unexpected "AS", expected the end of the query (a source has no alias: LET b = SELECT * FROM a)`,
		"SELECT a FROM b c":                    `1:17: unexpected "c", expected the end of the query (a source has no alias: LET b = SELECT * FROM a)`,
		"SELECT a FROM b, c":                   `1:16: unexpected ",", expected the end of the query (FROM takes one source: use foreach() or chain() for several)`,
		"SELECT a FROM b JOIN c":               `1:17: unexpected "JOIN", expected the end of the query (there is no join: use foreach(row={ SELECT … }, query={ SELECT … }))`,
		"SELECT a FROM b GROUP BY c HAVING d":  `1:28: unexpected "HAVING", expected the end of the statement (LET q = SELECT … GROUP BY …, then SELECT * FROM q WHERE …)`,
		"SELECT a FROM b UNION SELECT c":       `1:17: unexpected "UNION", expected the end of the query (use chain(a={ SELECT … }, b={ SELECT … }))`,
		"SELECT a FROM b LIMIT 5 OFFSET 5":     `1:25: unexpected "OFFSET", expected the end of the statement (there is no OFFSET: number the rows with count() and compare in WHERE)`,
		"SELECT a FROM b ORDER BY c ASC":       `1:28: unexpected "ASC", expected the end of the statement (ascending is the default: leave ASC out)`,
		"SELECT a FROM b ORDER BY c, d":        `1:27: unexpected ",", expected the end of the query (ORDER BY takes the name of one column)`,
		"SELECT a FROM b ORDER BY c.d":         `1:27: unexpected ".", expected the end of the query (ORDER BY takes the name of one column)`,
		"SELECT a FROM b ORDER BY 1":           `1:26: unexpected "1", expected a column after ORDER BY (ORDER BY takes the name of one column)`,
		"SELECT a FROM b LIMIT 5 LIMIT 6":      `1:25: unexpected "LIMIT", expected the end of the query (LIMIT is given twice)`,
		"SELECT a FROM b WHERE c WHERE d":      `1:25: unexpected "WHERE", expected the end of the query (WHERE is given twice)`,
		"SELECT a FROM b LIMIT 5 WHERE c":      `1:25: unexpected "WHERE", expected the end of the query (the order is WHERE, GROUP BY, ORDER BY, LIMIT)`,
		"SELECT a FROM b LIMIT x":              `1:23: unexpected "x", expected a whole number after LIMIT (LIMIT takes one number as it is: LIMIT 10)`,
		"SELECT a FROM b LIMIT -1":             `1:23: unexpected "-", expected a whole number after LIMIT (LIMIT takes one number as it is: LIMIT 10)`,
		"SELECT a FROM b LIMIT 1.5":            `1:23: unexpected "1.5", expected a whole number after LIMIT (LIMIT takes one number as it is: LIMIT 10)`,
		"SELECT a FROM b GROUP /**/ BY c":      `1:17: unexpected "GROUP", expected the end of the query (GROUP BY and ORDER BY are two words with blanks between them, not a comment)`,
		"SELECT a FROM b DESC":                 `1:17: unexpected "DESC", expected the end of the query (DESC follows ORDER BY and its column)`,
		"SELECT f(x={SELECT 1 FROM b LIMIT 1)": `1:36: unexpected ")", expected the end of the statement`,
		"SELECT f(x={SELECT 1 FROM b":          `1:28: unexpected end of text, expected }`,

		// LET and the start of a statement.
		"LET limit = 1":               "1:5: unexpected \"limit\", expected a name after LET (LIMIT is a keyword; as a name write it in back-quotes: `limit`)",
		"LET x := 1":                  `1:7: unexpected ":", expected = or <=`,
		"LET x = { SELECT 1 FROM a }": `1:9: unexpected "{", expected a value (a query follows LET x = as it is, without braces or parentheses: LET x = SELECT …)`,
		"LET x = (SELECT 1 FROM a)":   `1:9: unexpected "(", expected a value (a query follows LET x = as it is, without braces or parentheses: LET x = SELECT …)`,
		"LET x = 1, 2":                `1:10: unexpected ",", expected the end of the statement (a list is written in parentheses: LET x = (1, 2))`,
		"LET x = [1, 2]":              `1:9: unexpected "[", expected a value (a list is written (1, 2) here; brackets stand only after an argument's name: f(x=[1, 2]))`,
		"WITH a AS (SELECT 1 FROM b)": `1:1: unexpected "WITH", expected LET or SELECT (write LET q = SELECT … in front of the query)`,
		"DELETE FROM a":               `1:1: unexpected "DELETE", expected LET or SELECT (VQL only reads: a statement is LET or SELECT)`,
		"FROM a":                      `1:1: unexpected "FROM", expected LET or SELECT`,
		"SELECT a FROM b }":           `1:17: unexpected "}", expected LET or SELECT`,

		// Tokens.
		"SELECT 'a FROM b":           `1:8: the string is not closed (it begins here and ends with the same quote)`,
		`SELECT 'c:\' FROM b`:        `1:8: the string is not closed (a backslash in front of a quote is part of the string; '''raw strings''' take it as it is)`,
		"LET x = '''a''":             `1:9: the string is not closed (a string that begins with ''' ends with ''')`,
		"SELECT a /* b\nFROM c":      `1:10: the comment is not closed (it ends with */)`,
		"SELECT `a FROM b":           "1:8: the back-quoted name is not closed",
		"SELECT `` FROM b":           "1:8: the back-quoted name is empty",
		"SELECT “a” FROM b":          "1:8: unexpected character \"“\" (strings stand in plain quotes: 'text' or \"text\")",
		"SELECT Größe FROM b":        `1:10: unexpected character "ö" (a name with letters beyond a to z stands in back-quotes)`,
		"SELECT\u00a0a FROM b":       `1:7: unexpected invisible character U+00A0 (it looks like a blank; delete it)`,
		"\ufeffSELECT a FROM b":      `1:1: unexpected invisible character U+FEFF (it looks like a blank; delete it)`,
		"SELECT a FROM b WHERE \xff": `1:23: unexpected character "\xff"`,
		"SELECT a & b FROM c":        `1:10: unexpected character "&"`,

		// Places.
		"SELECT a,\n\t b c FROM d":          `2:5: unexpected "c", expected a comma or FROM (a new name follows AS, and a comma separates columns)`,
		"SELECT 'x\ny', -- z\nFROM d":       `3:1: unexpected "FROM", expected a value (there is a comma too many)`,
		"SELECT /* x\ny\n */ * FROM d\r\n;": `4:1: unexpected character ";" (statements need no separator)`,
		"SELECT 'äö' b FROM c":              `1:15: unexpected "b", expected a comma or FROM (a new name follows AS, and a comma separates columns)`,
	} {
		_, err := Parse(src)
		if err == nil {
			t.Errorf("%q parses, want an error", src)
			continue
		}
		if got := err.Error(); got != want {
			t.Errorf("%q:\n got %s\nwant %s", src, got, want)
		}
	}
}

func TestErrorIsTyped(t *testing.T) {
	_, err := Parse("LET abc = 1\nSELECT count(*) FROM scope() -- x")
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error is a %T, want *Error", err)
	}
	if want := (Pos{Offset: 25, Line: 2, Column: 14}); e.Pos != want {
		t.Errorf("Pos = %+v, want %+v", e.Pos, want)
	}
	if want := "ECT count(*) FROM sc"; e.Near != want {
		t.Errorf("Near = %q, want %q", e.Near, want)
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("a + ", 100)
	for src, want := range map[string]string{
		"SELECT a b FROM c":               "SELECT a b FROM c\n         ^",
		"LET a = 1\r\nLET b : 2\r\n":      "LET b : 2\n      ^",
		"SELECT\n\ta\tb FROM c":           "\ta\tb FROM c\n\t \t^",
		"SELECT 'äöü' b FROM c":           "SELECT 'äöü' b FROM c\n             ^",
		"SELECT a":                        "SELECT a\n        ^",
		"LET x = " + long + ") + " + long: strings.Repeat("a + ", 15) + ") + " + long[:56] + "\n" + strings.Repeat(" ", 60) + "^",
	} {
		_, err := Parse(src)
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("Parse(%q): %v, want *Error", src, err)
		}
		if got := e.Excerpt(); got != want {
			t.Errorf("excerpt of %q:\n%s\nwant:\n%s", src, got, want)
		}
	}
}
