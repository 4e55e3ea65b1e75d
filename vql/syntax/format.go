package syntax

import "strings"

// Format lays a program out for people: a query that is longer than 80 columns
// has a line per clause, and what does not fit there is broken further and
// indented. It changes only white space and the case of keywords, keeps every
// comment, if need be behind a comma instead of before it, and leaves alone
// what it has formatted before.
func Format(src string) (string, error) {
	if _, err := Parse(src); err != nil {
		return "", err
	}
	f := formatter{pieces: pieces(src)}
	return render(f.program()), nil
}

// formatter goes over the tokens of a text that parses and makes docs of them.
// Each token is one bare, and in front of each stands a space or a line, which
// sees to the comments there.
type formatter struct {
	pieces []piece
	at     int
}

func (f *formatter) cur() *piece { return &f.pieces[f.at] }

func (f *formatter) is(k kind) bool { return f.cur().kind == k }

func (f *formatter) isQuery() bool { return f.is(tSelect) || f.is(tExplain) }

// bare passes the current token with the comments behind it.
func (f *formatter) bare() doc {
	c := f.cur()
	f.at++
	docs := []doc{text(c.spelled())}
	for _, comment := range c.trail {
		docs = append(docs, text(" "+comment))
	}
	return cat(docs...)
}

// spelled is the text of the token, a keyword in upper case. The spelling of
// AND, OR, TRUE and FALSE shows in the names of columns, hence it stays.
func (p *piece) spelled() string {
	switch p.kind {
	case tAnd, tOr, tTrue, tFalse:
		return p.text
	case tGroupBy:
		return "GROUP BY"
	case tOrderBy:
		return "ORDER BY"
	}
	if p.kind.isKeyword() {
		return strings.ToUpper(p.text)
	}
	return p.text
}

// space is what stands between the token before and the current one: the given
// text, unless there are comments.
func (f *formatter) space(s string) doc { return f.gap(text, s) }

// line is a space that becomes a line end where the group is broken.
func (f *formatter) line(s string) doc { return f.gap(line, s) }

func (f *formatter) gap(kind func(string) doc, s string) doc {
	if lead := f.cur().lead; len(lead) > 0 {
		return cat(append(ownLines(lead), lineEnd)...)
	}
	if trail := f.pieces[f.at-1].trail; len(trail) > 0 {
		if isLineComment(trail[len(trail)-1]) {
			return lineEnd
		}
		if !f.is(tComma) {
			s = " "
		}
	}
	return kind(s)
}

func ownLines(comments []comment) []doc {
	var docs []doc
	for _, c := range comments {
		docs = append(docs, lineEnd, text(c.text))
	}
	return docs
}

// token passes the current token with a space in front.
func (f *formatter) token(space string) doc { return cat(f.space(space), f.bare()) }

// program has each statement on a line of its own. Blank lines between
// statements stay, one at a time.
func (f *formatter) program() doc {
	var docs []doc
	add := func(blank bool, d doc) {
		if blank && len(docs) > 0 {
			docs = append(docs, lineEnd)
		}
		docs = append(docs, d, lineEnd)
	}
	for {
		for _, c := range f.cur().lead {
			add(c.after, text(c.text))
		}
		if f.is(tEOF) {
			return cat(docs...)
		}
		blank := f.cur().blank
		add(blank, f.statement())
	}
}

func (f *formatter) statement() doc {
	if !f.is(tLet) {
		return f.query()
	}
	let := []doc{f.bare(), f.token(" ")}
	if f.is(tLeftParen) {
		let = append(let, f.space(""), f.args())
	}
	let = append(let, f.token(" ")) // = or <=
	if f.isQuery() {
		return group(append(let, nest(f.line(" "), f.query()))...)
	}
	return group(append(let, f.space(" "), f.expr())...)
}

// query is a SELECT: a line for each clause if it does not fit on one.
func (f *formatter) query() doc {
	head := []doc{f.bare()}
	if f.is(tSelect) {
		head = append(head, f.token(" ")) // it was EXPLAIN before
	}
	docs := []doc{group(append(head, nest(f.columns()...))...)}
	for f.cur().kind.isClause() {
		docs = append(docs, f.line(" "), f.clause())
	}
	return group(docs...)
}

// clause is FROM, WHERE, GROUP BY, ORDER BY or LIMIT with what follows it.
func (f *formatter) clause() doc {
	head := cat(f.bare(), f.space(" "))
	list := f.list(f.expr)
	docs := []doc{head, list[0], nest(list[1:]...)}
	if f.is(tDesc) {
		docs = append(docs, f.token(" "))
	}
	return group(docs...)
}

// columns is what stands between SELECT and FROM.
func (f *formatter) columns() []doc {
	if f.is(tFrom) {
		return nil
	}
	return append([]doc{f.line(" ")}, f.list(f.column)...)
}

func (f *formatter) column() doc {
	d := f.expr()
	if f.is(tAs) {
		d = cat(d, f.token(" "), f.token(" "))
	}
	return d
}

// list is a comma list of items with lines between them.
func (f *formatter) list(item func() doc) []doc {
	docs := []doc{item()}
	for f.is(tComma) {
		docs = append(docs, f.token(""))
		if f.endsRun() {
			break
		}
		docs = append(docs, f.line(" "), item())
	}
	return docs
}

// expr is an expression, with lines in front of AND, OR and plus.
func (f *formatter) expr() doc { return f.chain(tAnd, f.or) }
func (f *formatter) or() doc   { return f.chain(tOr, f.sum) }
func (f *formatter) sum() doc  { return f.chain(tPlus, f.run) }

func (f *formatter) chain(op kind, operand func() doc) doc {
	docs := []doc{operand()}
	for f.is(op) {
		docs = append(docs, nest(f.line(" "), f.bare(), f.space(" "), operand()))
	}
	return group(docs...)
}

// run is a sequence of other tokens and brackets, without lines between them.
func (f *formatter) run() doc {
	var docs []doc
	prefix := false // the token before is a minus in front of a value
	for first := true; !f.endsRun(); first = false {
		switch {
		case first:
		case prefix || f.sticks():
			docs = append(docs, f.space(""))
		default:
			docs = append(docs, f.space(" "))
		}
		prefix = f.is(tMinus) && (first || !f.afterValue())
		docs = append(docs, f.item(first))
	}
	return cat(docs...)
}

// endsRun says that the current token belongs to what is around a run.
func (f *formatter) endsRun() bool {
	switch k := f.cur().kind; k {
	case tEOF, tComma, tRightParen, tRightBracket, tRightBrace, tAnd, tOr, tPlus,
		tAs, tDesc, tLet, tSelect, tExplain:
		return true
	default:
		return k.isClause()
	}
}

// afterValue says that the token before the current one ends a value.
func (f *formatter) afterValue() bool {
	switch f.pieces[f.at-1].kind {
	case tIdent, tNumber, tString, tTrue, tFalse, tNull, tRightParen, tRightBracket:
		return true
	}
	return false
}

// sticks says that no blank stands in front of the current token.
func (f *formatter) sticks() bool {
	before := f.pieces[f.at-1].kind
	switch f.cur().kind {
	case tDot, tColon:
		return true
	case tLeftBracket:
		return f.afterValue()
	case tLeftParen:
		return before == tIdent || before == tColon
	}
	return before == tDot || before == tColon
}

// item is a token, or brackets with what they hold. Brackets that come first
// in a run are no call and no index.
func (f *formatter) item(first bool) doc {
	switch f.cur().kind {
	case tLeftBrace:
		return f.pair(" ", func() []doc { return []doc{f.query()} })
	case tLeftParen:
		if !first && f.pieces[f.at-1].kind == tIdent {
			return f.args()
		}
		return f.pair("", func() []doc { return f.list(f.expr) })
	case tLeftBracket:
		return f.pair("", func() []doc { return f.list(f.expr) })
	}
	return f.bare()
}

// args is the arguments of a call or the parameters of a LET.
func (f *formatter) args() doc {
	return f.pair("", func() []doc { return f.list(f.arg) })
}

func (f *formatter) arg() doc {
	name := f.bare()
	if !f.is(tEq) {
		return name
	}
	return cat(name, f.token(""), f.space(""), f.expr())
}

// pair is brackets around what inside gives. Comments in front of the closing
// one are indented like what is inside.
func (f *formatter) pair(blank string, inside func() []doc) doc {
	docs := []doc{f.bare()}
	var inner []doc
	switch {
	case !f.is(tRightParen) && !f.is(tRightBracket):
		inner = append([]doc{f.line(blank)}, inside()...)
	case len(f.cur().lead) == 0:
		return cat(append(docs, f.token(""))...)
	}
	closing := f.line(blank)
	if lead := f.cur().lead; len(lead) > 0 {
		inner = append(inner, ownLines(lead)...)
		closing = lineEnd
	}
	return group(append(docs, nest(inner...), closing, f.bare())...)
}
