package syntax

import "strings"

// lexer cuts a text into tokens. White space and comments fall between them.
type lexer struct {
	src       string
	off       int
	line      int
	lineStart int // offset of the line's first byte
	bad       problem
}

// problem says why a token is tBad.
type problem struct{ msg, hint string }

func newLexer(src string) lexer { return lexer{src: src, line: 1} }

func (l *lexer) pos() Pos { return Pos{l.off, l.line, l.off - l.lineStart + 1} }

// next is the next token; at the end of the text it is tEOF, again and again.
func (l *lexer) next() token {
	l.skip()
	t := token{off: l.off, line: l.line, col: l.off - l.lineStart + 1}
	t.kind = l.scan()
	t.end = l.off
	return t
}

// skip passes white space and comments. A comment that is not closed is left to scan.
func (l *lexer) skip() {
	for l.off < len(l.src) {
		switch c := l.src[l.off]; {
		case c == '\n':
			l.off++
			l.line++
			l.lineStart = l.off
		case isSpace(c):
			l.off++
		default:
			n := commentLen(l.src[l.off:])
			if n == 0 {
				return
			}
			l.advance(n)
		}
	}
}

// commentLen is the length of the comment that s begins with, without its line end.
func commentLen(s string) int {
	switch {
	case strings.HasPrefix(s, "--"), strings.HasPrefix(s, "//"):
		if n := strings.IndexByte(s, '\n'); n >= 0 {
			return n
		}
		return len(s)
	case strings.HasPrefix(s, "/*"):
		if n := strings.Index(s[2:], "*/"); n >= 0 {
			return n + 4
		}
	}
	return 0
}

// advance passes n bytes and counts their lines.
func (l *lexer) advance(n int) {
	end := l.off + n
	for {
		i := strings.IndexByte(l.src[l.off:end], '\n')
		if i < 0 {
			l.off = end
			return
		}
		l.off += i + 1
		l.line++
		l.lineStart = l.off
	}
}

// scan passes the token at the current offset.
func (l *lexer) scan() kind {
	if l.off == len(l.src) {
		return tEOF
	}
	switch c := l.src[l.off]; {
	case isLetter(c):
		return l.word()
	case isDigit(c):
		return l.number()
	case c == '.' && isDigit(l.peek(1)):
		return l.number()
	case c == '\'' || c == '"':
		return l.text(c)
	case c == '`':
		return l.backQuoted()
	}
	return l.operator()
}

// peek is the byte n further on, or zero past the end.
func (l *lexer) peek(n int) byte {
	if l.off+n < len(l.src) {
		return l.src[l.off+n]
	}
	return 0
}

func (l *lexer) take(n int, k kind) kind {
	l.off += n
	return k
}

// fail passes n bytes that are no token.
func (l *lexer) fail(n int, msg, hint string) kind {
	l.bad = problem{msg, hint}
	l.off += n
	return tBad
}

// wordLen is the length of the letters and digits that s begins with.
func wordLen(s string) int {
	n := 0
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n])) {
		n++
	}
	return n
}

func (l *lexer) word() kind {
	n := wordLen(l.src[l.off:])
	word := l.src[l.off : l.off+n]
	k := keyword(word)
	if n == 5 && k == tIdent {
		switch {
		case strings.EqualFold(word, "GROUP") && l.by(n):
			return tGroupBy
		case strings.EqualFold(word, "ORDER") && l.by(n):
			return tOrderBy
		}
	}
	return l.take(n, k)
}

// by passes n bytes if blanks and the word BY come after them, and those too.
func (l *lexer) by(n int) bool {
	rest := l.src[l.off+n:]
	word := strings.TrimLeft(rest, " \n\t\r\f")
	if len(word) == len(rest) || wordLen(word) != 2 || !strings.EqualFold(word[:2], "BY") {
		return false
	}
	l.advance(n + len(rest) - len(word) + 2)
	return true
}

func (l *lexer) number() kind {
	s := l.src[l.off:]
	if strings.HasPrefix(s, "0x") && isHex(l.peek(2)) {
		n := 3
		for n < len(s) && isHex(s[n]) {
			n++
		}
		return l.take(n, tNumber)
	}
	n := digits(s, 0)
	if n < len(s) && s[n] == '.' {
		if m := digits(s, n+1); m > n+1 {
			n = m
		}
	}
	return l.take(exponent(s, n), tNumber)
}

// digits is the end of the digits that begin at n.
func digits(s string, n int) int {
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// exponent is the end of the exponent that begins at n, or n if there is none.
func exponent(s string, n int) int {
	if n == len(s) || s[n]|0x20 != 'e' {
		return n
	}
	m := n + 1
	if m < len(s) && (s[m] == '+' || s[m] == '-') {
		m++
	}
	if end := digits(s, m); end > m {
		return end
	}
	return n
}

// text passes a string in the given quotes, or in three of them if single.
func (l *lexer) text(quote byte) kind {
	s := l.src[l.off:]
	if strings.HasPrefix(s, "'''") {
		n := strings.Index(s[3:], "'''")
		if n < 0 {
			return l.fail(3, "the string is not closed", "a string that begins with ''' ends with '''")
		}
		l.advance(n + 6)
		return tString
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			l.advance(i + 1)
			return tString
		}
	}
	hint := "a backslash in front of a quote is part of the string; '''raw strings''' take it as it is"
	if !strings.Contains(s, `\`) {
		hint = "it begins here and ends with the same quote"
	}
	return l.fail(1, "the string is not closed", hint)
}

func (l *lexer) backQuoted() kind {
	n := strings.IndexByte(l.src[l.off+1:], '`')
	switch n {
	case -1:
		return l.fail(1, "the back-quoted name is not closed", "")
	case 0:
		return l.fail(2, "the back-quoted name is empty", "")
	}
	l.advance(n + 2)
	return tIdent
}

func (l *lexer) operator() kind {
	next := l.peek(1)
	switch l.src[l.off] {
	case '|':
		n := 1
		for l.peek(n) == '|' {
			n++
		}
		return l.take(n, tOr)
	case '&':
		if next == '&' {
			return l.take(2, tAnd)
		}
	case '<':
		switch next {
		case '>':
			return l.take(2, tNe)
		case '=':
			return l.take(2, tLe)
		}
		return l.take(1, tLt)
	case '>':
		if next == '=' {
			return l.take(2, tGe)
		}
		return l.take(1, tGt)
	case '=':
		switch next {
		case '>':
			return l.take(2, tArrow)
		case '~':
			return l.take(2, tMatch)
		}
		return l.take(1, tEq)
	case '!':
		if next == '=' {
			return l.take(2, tNe)
		}
	case '/':
		if next != '*' {
			return l.take(1, tSlash)
		}
	case '-':
		return l.take(1, tMinus)
	case '+':
		return l.take(1, tPlus)
	case ':':
		return l.take(1, tColon)
	case '*':
		return l.take(1, tStar)
	case ',':
		return l.take(1, tComma)
	case '.':
		return l.take(1, tDot)
	case '(':
		return l.take(1, tLeftParen)
	case ')':
		return l.take(1, tRightParen)
	case '{':
		return l.take(1, tLeftBrace)
	case '}':
		return l.take(1, tRightBrace)
	case '[':
		return l.take(1, tLeftBracket)
	case ']':
		return l.take(1, tRightBracket)
	}
	return l.stray()
}
