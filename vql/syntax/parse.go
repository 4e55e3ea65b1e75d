package syntax

import "fmt"

const (
	maxSource = 10 << 20 // bytes of a text; a program is typed, not data
	maxDepth  = 500      // how deep parentheses, calls and sub-queries nest

	// maxLinks is how many operators and suffixes in a row a statement may
	// have in all: a + b + c makes a tree that leans over, two deep. Readers
	// of the tree recurse, and this keeps their stacks small.
	maxLinks = 20_000

	// maxNames is how long the names of columns without alias may be in all,
	// in bytes. Such a name has the text of the queries inside it, so that
	// nesting multiplies them.
	maxNames = 4 * maxSource
)

// parser reads one text. Its first error ends the text: from then on the
// current token is tEOF, so that every loop ends and nothing more is reported.
type parser struct {
	lexer
	tok   token
	prev  token
	end   Pos // just after prev
	depth int
	links int
	named int      // bytes of column names so far
	names []string // room for the names of symbols, handed out in pieces
	err   *Error
}

// Parse reads a program: one statement or more, without separators.
func Parse(src string) (*Program, error) {
	p := newParser(src)
	prog := &Program{Source: src}
	if p.tok.kind == tEOF {
		p.fail(p.tok, "there is no statement", "")
	}
	for p.tok.kind != tEOF {
		prog.Statements = append(prog.Statements, p.statement())
	}
	if p.err != nil {
		return nil, p.err
	}
	return prog, nil
}

// ParseExpr reads one expression, which may be a list without parentheses.
func ParseExpr(src string) (Expr, error) {
	p := newParser(src)
	e := p.list()
	p.finish()
	if p.err != nil {
		return nil, p.err
	}
	return e, nil
}

// ParseLambda reads the text of a lambda: a, b => body.
func ParseLambda(src string) (*Lambda, error) {
	p := newParser(src)
	l := &Lambda{Source: src}
	const hint = "a lambda is written x => x + 1, or x, y => x + y"
	for {
		if p.tok.kind != tIdent {
			p.unexpected("a parameter", hint)
		}
		name, _ := p.name("a parameter")
		l.Params = append(l.Params, name)
		if p.tok.kind != tComma {
			break
		}
		p.next()
	}
	p.expect(tArrow, "=>", hint)
	l.Body = p.expr()
	p.finish()
	if p.err != nil {
		return nil, p.err
	}
	return l, nil
}

// Statements cuts a program into the texts of its statements, without the
// comments around them.
func Statements(src string) ([]string, error) {
	prog, err := Parse(src)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(prog.Statements))
	for i, s := range prog.Statements {
		texts[i] = src[s.Position().Offset:end(s)]
	}
	return texts, nil
}

func end(s Statement) int {
	if l, ok := s.(*Let); ok {
		return l.End.Offset
	}
	return s.(*Select).End.Offset
}

func newParser(src string) *parser {
	p := &parser{lexer: newLexer(src)}
	if len(src) > maxSource {
		p.fail(token{line: 1, col: 1}, fmt.Sprintf("the text is longer than %d bytes", maxSource), "")
		return p
	}
	p.tok = p.lexer.next()
	return p
}

// next passes the current token.
func (p *parser) next() {
	p.prev, p.end = p.tok, p.pos()
	p.tok = p.lexer.next()
}

// text is the source of a token.
func (p *parser) text(t token) string { return p.src[t.off:t.end] }

// fail reports an error at a token and ends the text. Only the first is kept.
func (p *parser) fail(at token, msg, hint string) {
	if p.err != nil {
		return
	}
	p.err = &Error{Pos: at.pos(), Msg: msg, Near: near(p.src, at.off), Hint: hint, src: p.src}
	p.off = len(p.src)
	p.tok = token{kind: tEOF, off: p.off, end: p.off, line: at.line, col: at.col}
}

// unexpected reports that the current token is not what is wanted.
func (p *parser) unexpected(want, hint string) {
	if p.tok.kind == tBad {
		p.fail(p.tok, p.bad.msg, p.bad.hint)
		return
	}
	if h := p.guess(); h != "" {
		hint = h
	}
	p.fail(p.tok, fmt.Sprintf("unexpected %s, expected %s", p.describe(p.tok), want), hint)
}

// expect passes a token of the given kind.
func (p *parser) expect(k kind, want, hint string) {
	if p.tok.kind != k {
		p.unexpected(want, hint)
		return
	}
	p.next()
}

// finish reports whatever is left of the text.
func (p *parser) finish() {
	if p.tok.kind != tEOF {
		p.unexpected("the end", "")
	}
}

// enter goes one level down; the caller leaves with p.depth--.
func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.tok, fmt.Sprintf("nested deeper than %d levels", maxDepth), "")
	}
}

// link counts an operator that makes the tree lean over.
func (p *parser) link() {
	if p.links++; p.links > maxLinks {
		p.fail(p.tok, fmt.Sprintf("more than %d operators in one statement", maxLinks), "")
	}
}

// name passes an identifier.
func (p *parser) name(want string) (string, Quotes) {
	t := p.tok
	if t.kind != tIdent {
		p.unexpected(want, p.keywordHint(t))
		return "", 0
	}
	p.next()
	if t.quoted(p.src) {
		return t.name(p.src), 1
	}
	return t.name(p.src), 0
}

// dotted passes identifiers with dots between them.
func (p *parser) dotted(want string) ([]string, Quotes) {
	if cap(p.names)-len(p.names) < 4 {
		p.names = make([]string, 0, 16)
	}
	start := len(p.names)
	name, quoted := p.name(want)
	p.names = append(p.names, name)
	for p.tok.kind == tDot {
		p.next()
		name, q := p.name("a name after the dot")
		quoted |= q << (len(p.names) - start)
		p.names = append(p.names, name)
	}
	return p.names[start:len(p.names):len(p.names)], quoted
}
