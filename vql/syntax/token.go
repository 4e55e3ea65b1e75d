package syntax

import "strings"

// kind is the kind of a token.
type kind uint8

const (
	tEOF kind = iota
	tBad      // no token; lexer.bad says why
	tIdent
	tNumber // unsigned: a sign is a tMinus of its own
	tString

	tExplain // the keywords begin here
	tSelect
	tWhere
	tFrom
	tNot
	tAs
	tLimit
	tNull
	tDesc
	tGroupBy
	tOrderBy
	tTrue
	tFalse
	tLet
	tAnd // also &&
	tOr  // also a run of pipes
	tIn  // the keywords end here, the comparisons begin

	tEq
	tNe // != and <>
	tLe
	tGe
	tLt
	tGt
	tMatch

	tArrow
	tMinus
	tPlus
	tColon
	tStar
	tSlash
	tComma
	tDot
	tLeftParen
	tRightParen
	tLeftBrace
	tRightBrace
	tLeftBracket
	tRightBracket
)

// token is a piece of the source. It starts at a line and column.
type token struct {
	kind      kind
	off, end  int
	line, col int
}

func (t token) pos() Pos { return Pos{t.off, t.line, t.col} }

// quoted says that the token, an identifier of src, is in back-quotes.
func (t token) quoted(src string) bool { return src[t.off] == '`' }

// name is the name that t, an identifier of src, stands for.
func (t token) name(src string) string {
	if t.quoted(src) {
		return src[t.off+1 : t.end-1]
	}
	return src[t.off:t.end]
}

func (k kind) isComparison() bool { return k >= tIn && k <= tMatch }

func (k kind) isKeyword() bool { return k >= tExplain && k <= tIn }

// isClause says that k begins a part of a SELECT.
func (k kind) isClause() bool {
	return k == tFrom || k == tWhere || k == tGroupBy || k == tOrderBy || k == tLimit
}

// operator is the canonical text of a binary operator.
func (k kind) operator() string {
	switch k {
	case tIn:
		return "IN"
	case tEq:
		return "="
	case tNe:
		return "!="
	case tLe:
		return "<="
	case tGe:
		return ">="
	case tLt:
		return "<"
	case tGt:
		return ">"
	case tMatch:
		return "=~"
	case tMinus:
		return "-"
	case tPlus:
		return "+"
	case tStar:
		return "*"
	case tSlash:
		return "/"
	}
	panic("bug: no operator")
}

// keyword is the kind of a word: a keyword's, or tIdent. GROUP and ORDER are
// ordinary words; the lexer looks for the BY.
func keyword(word string) kind {
	switch len(word) {
	case 2:
		return oneOf(word, pair{"AS", tAs}, pair{"OR", tOr}, pair{"IN", tIn})
	case 3:
		return oneOf(word, pair{"AND", tAnd}, pair{"NOT", tNot}, pair{"LET", tLet})
	case 4:
		return oneOf(word, pair{"FROM", tFrom}, pair{"NULL", tNull}, pair{"TRUE", tTrue}, pair{"DESC", tDesc})
	case 5:
		return oneOf(word, pair{"WHERE", tWhere}, pair{"LIMIT", tLimit}, pair{"FALSE", tFalse})
	case 6:
		return oneOf(word, pair{"SELECT", tSelect})
	case 7:
		return oneOf(word, pair{"EXPLAIN", tExplain})
	}
	return tIdent
}

type pair struct {
	word string
	kind kind
}

func oneOf(word string, pairs ...pair) kind {
	for _, p := range pairs {
		if strings.EqualFold(word, p.word) {
			return p.kind
		}
	}
	return tIdent
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'
}

// isPlain says that a name can be written without back-quotes.
func isPlain(name string) bool {
	if name == "" || !isLetter(name[0]) {
		return false
	}
	for i := range len(name) {
		if !isLetter(name[i]) && !isDigit(name[i]) {
			return false
		}
	}
	return keyword(name) == tIdent
}
