package syntax

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// describe names a token in a message.
func (p *parser) describe(t token) string {
	if t.kind == tEOF {
		return "end of text"
	}
	text := p.text(t)
	if len(text) > 30 {
		_, to := around(text, 0, 0, 27)
		text = text[:to] + "…"
	}
	return strconv.Quote(text)
}

// guess is what the writer meant, judged by the token that does not fit and
// the one before it, or empty: habits from other languages, mostly.
func (p *parser) guess() string {
	if p.tok.kind == tIdent {
		if h := foreignWord(p.text(p.tok)); h != "" {
			return h
		}
	}
	if p.prev.kind == tIdent {
		if h := foreignPrefix(p.text(p.prev)); h != "" {
			return h
		}
	}
	glued := p.prev.end == p.tok.off
	switch k := p.tok.kind; {
	case k == tEq && p.prev.kind == tEq && glued:
		return "equality is a single ="
	case k == tNot && p.peekKind() == tIn:
		return "write NOT a IN b"
	case k == tNot && p.prev.kind.isComparison():
		return "put it in parentheses: a = (NOT b)"
	case k == tString && p.prev.kind == tString && glued:
		return `a doubled quote is no escape: write 'it\'s'`
	case k == tString && p.prev.kind == tString:
		return "strings side by side are not joined: write a + b"
	case k == tArrow:
		return "a lambda is a string: 'x => x + 1'"
	}
	return ""
}

// peekKind is the kind of the token after the current one.
func (p *parser) peekKind() kind {
	l := p.lexer
	return l.next().kind
}

// foreignWord is the advice for a word that other dialects of SQL know.
func foreignWord(word string) string {
	switch strings.ToUpper(word) {
	case "ASC":
		return "ascending is the default: leave ASC out"
	case "IS":
		return "write a = NULL, or a != NULL"
	case "LIKE", "ILIKE", "RLIKE", "REGEXP", "GLOB":
		return "match with a regular expression: a =~ 'text'"
	case "BETWEEN":
		return "write a >= 1 AND a <= 9"
	case "JOIN", "INNER", "OUTER", "LEFT", "RIGHT", "CROSS":
		return "there is no join: use foreach(row={ SELECT … }, query={ SELECT … })"
	case "HAVING":
		return "LET q = SELECT … GROUP BY …, then SELECT * FROM q WHERE …"
	case "UNION":
		return "use chain(a={ SELECT … }, b={ SELECT … })"
	case "OFFSET":
		return "there is no OFFSET: number the rows with count() and compare in WHERE"
	case "GROUP", "ORDER":
		return "GROUP BY and ORDER BY are two words with blanks between them, not a comment"
	case "WITH":
		return "write LET q = SELECT … in front of the query"
	case "INSERT", "UPDATE", "DELETE", "CREATE", "DROP":
		return "VQL only reads: a statement is LET or SELECT"
	}
	return ""
}

// foreignPrefix is the advice for a word that was taken for a name until the
// next token did not fit.
func foreignPrefix(word string) string {
	switch strings.ToUpper(word) {
	case "DISTINCT":
		return "there is no DISTINCT: GROUP BY the column"
	case "CASE":
		return "use if(condition=a, then=b, else=c)"
	case "EXISTS":
		return "a query is true if it has rows: LET q = SELECT …, then WHERE q"
	}
	return ""
}

// keywordHint is for a keyword where a name is wanted.
func (p *parser) keywordHint(t token) string {
	word := p.text(t)
	switch {
	case t.kind.isKeyword() && isLetter(word[0]):
		return fmt.Sprintf("%s is a keyword; as a name write it in back-quotes: `%s`", strings.ToUpper(word), word)
	case t.kind == tString:
		return "a name with blanks or signs stands in back-quotes: `my name`"
	case p.prev.kind == tOrderBy:
		return "ORDER BY takes the name of one column"
	}
	return ""
}

// fromHint is for a SELECT that has no FROM after its columns.
func (p *parser) fromHint() string {
	switch p.tok.kind {
	case tIdent:
		return "a new name follows AS, and a comma separates columns"
	case tEOF, tLet, tSelect, tExplain, tRightBrace, tWhere, tGroupBy, tOrderBy, tLimit:
		return "FROM is required: SELECT 1 FROM scope()"
	}
	return p.afterValueHint()
}

// sourceHint is for what cannot be a source.
func (p *parser) sourceHint() string {
	switch p.tok.kind {
	case tLeftBrace, tLeftParen, tSelect:
		return "name the query first, LET q = SELECT …, then FROM q"
	}
	return p.keywordHint(p.tok)
}

// valueHint is for what cannot begin a value.
func (p *parser) valueHint() string {
	switch k := p.tok.kind; {
	case k == tLeftBracket:
		return "a list is written (1, 2) here; brackets stand only after an argument's name: f(x=[1, 2])"
	case k == tLeftBrace:
		return "{ SELECT … } is a column or an argument of its own, not part of an expression"
	case k == tSelect || k == tExplain:
		return "a query inside another is written { SELECT … }, as a column or an argument"
	case k == tRightBracket && p.prev.kind == tLeftBracket:
		return "the index is missing: a[0]"
	case p.prev.kind == tComma && (k == tFrom || k == tRightParen):
		return "there is a comma too many"
	case k == tComma && p.prev.kind == tComma:
		return "an item is missing between the commas"
	case k.isKeyword():
		return p.keywordHint(p.tok)
	}
	return ""
}

// afterValueHint is for what cannot follow a value.
func (p *parser) afterValueHint() string {
	switch p.prev.kind {
	case tRightBrace:
		if p.tok.kind != tAs {
			return "{ SELECT … } stands alone; bind it with LET first to compute with it"
		}
	case tRightBracket:
		return "write a list in parentheses to compute with it: (1, 2)"
	}
	return ""
}

// argHint is for what cannot begin an argument.
func (p *parser) argHint() string {
	switch k := p.tok.kind; {
	case k == tStar:
		return "arguments are named, and count() needs none"
	case k == tRightParen:
		return "there is a comma too many"
	case k.isKeyword() && p.peekKind() == tEq:
		return p.keywordHint(p.tok)
	case k == tString && p.peekKind() == tEq:
		return p.keywordHint(p.tok)
	}
	return "arguments are named: f(x=1)"
}

// afterArgHint is for what cannot follow an argument.
func (p *parser) afterArgHint() string {
	if p.tok.kind == tIdent && p.peekKind() == tEq {
		return "a comma separates arguments"
	}
	return p.afterValueHint()
}

// clauseHint is for what cannot follow a SELECT, or empty if it may.
func (p *parser) clauseHint(s *Select) string {
	given := func(b bool, name string) string {
		if b {
			return name + " is given twice"
		}
		return "the order is WHERE, GROUP BY, ORDER BY, LIMIT"
	}
	switch p.tok.kind {
	case tWhere:
		return given(s.Where != nil, "WHERE")
	case tGroupBy:
		return given(s.GroupBy != nil, "GROUP BY")
	case tOrderBy:
		return given(s.OrderBy != "", "ORDER BY")
	case tLimit:
		return given(s.Limit >= 0, "LIMIT")
	case tDesc:
		return "DESC follows ORDER BY and its column"
	case tAs:
		return "a source has no alias: LET b = SELECT * FROM a"
	case tComma:
		if s.OrderBy != "" {
			return "ORDER BY takes the name of one column"
		}
		return "FROM takes one source: use foreach() or chain() for several"
	case tIdent:
		if s.Where == nil && s.GroupBy == nil && s.OrderBy == "" && s.Limit < 0 {
			return "a source has no alias: LET b = SELECT * FROM a"
		}
	case tDot, tLeftParen:
		if s.OrderBy != "" {
			return "ORDER BY takes the name of one column"
		}
	}
	return ""
}

// stray reports a byte that begins no token.
func (l *lexer) stray() kind {
	s := l.src[l.off:]
	r, n := utf8.DecodeRuneInString(s)
	hint := ""
	switch {
	case r == ';':
		hint = "statements need no separator"
	case r == '%':
		hint = "there is no remainder operator"
	case strings.HasPrefix(s, "!~"):
		n, hint = 2, "write NOT a =~ b"
	case r == '!':
		hint = "negation is written NOT"
	case strings.HasPrefix(s, "/*"):
		return l.fail(2, "the comment is not closed", "it ends with */")
	case strings.ContainsRune("‘’“”´«»", r):
		hint = "strings stand in plain quotes: 'text' or \"text\""
	case r == '\u00a0' || r == '\ufeff' || r == '\u200b':
		return l.fail(n, fmt.Sprintf("unexpected invisible character %U", r), "it looks like a blank; delete it")
	case r >= utf8.RuneSelf && r != utf8.RuneError:
		hint = "a name with letters beyond a to z stands in back-quotes"
	}
	return l.fail(n, fmt.Sprintf("unexpected character %q", s[:n]), hint)
}
