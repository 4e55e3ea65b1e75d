package syntax

// list passes a comma list, or an expression without commas.
func (p *parser) list() Expr {
	x := p.expr()
	if p.tok.kind != tComma {
		return x
	}
	l := &List{Pos: x.Position(), Items: append(make([]Expr, 0, 4), x)}
	p.items(l)
	return l
}

// items passes the rest of a list, from the comma after its first item.
func (p *parser) items(l *List) {
	for p.tok.kind == tComma {
		p.next()
		if p.endsList() {
			l.Trailing = true
			return
		}
		l.Items = append(l.Items, p.expr())
	}
}

// endsList says that a list may end at the current token, after a comma.
func (p *parser) endsList() bool {
	switch p.tok.kind {
	case tEOF, tRightParen, tRightBracket, tRightBrace, tLet, tSelect, tExplain:
		return true
	}
	return p.tok.kind.isClause()
}

// expr passes an expression without commas outside of brackets.
func (p *parser) expr() Expr {
	p.enter()
	x := p.and()
	p.depth--
	return x
}

func (p *parser) and() Expr {
	x := p.or()
	if p.tok.kind != tAnd {
		return x
	}
	l := &Logic{Pos: x.Position(), And: true, Operands: []Expr{x}}
	for p.tok.kind == tAnd {
		l.Ops = append(l.Ops, p.text(p.tok))
		p.next()
		l.Operands = append(l.Operands, p.or())
	}
	return l
}

func (p *parser) or() Expr {
	x := p.condition()
	if p.tok.kind != tOr {
		return x
	}
	l := &Logic{Pos: x.Position(), Operands: []Expr{x}}
	for p.tok.kind == tOr {
		l.Ops = append(l.Ops, p.text(p.tok))
		p.next()
		l.Operands = append(l.Operands, p.condition())
	}
	return l
}

func (p *parser) condition() Expr {
	if p.tok.kind == tNot {
		p.enter()
		n := &Not{Pos: p.tok.pos()}
		p.next()
		n.Value = p.condition()
		p.depth--
		return n
	}
	x := p.sum()
	if !p.tok.kind.isComparison() {
		return x
	}
	x = p.binary(x, (*parser).sum)
	if p.tok.kind.isComparison() {
		p.unexpected("AND, OR or the end of the comparison",
			"comparisons do not chain: write a < b AND b < c, or use parentheses")
	}
	return x
}

func (p *parser) sum() Expr {
	x := p.product()
	for p.tok.kind == tPlus || p.tok.kind == tMinus {
		p.link()
		x = p.binary(x, (*parser).product)
	}
	return x
}

func (p *parser) product() Expr {
	x := p.postfix()
	for p.tok.kind == tStar || p.tok.kind == tSlash {
		p.link()
		x = p.binary(x, (*parser).postfix)
	}
	return x
}

// binary passes an operator and its right operand.
func (p *parser) binary(x Expr, operand func(*parser) Expr) Expr {
	if p.err != nil {
		return x
	}
	b := &Binary{Pos: x.Position(), At: p.tok.pos(), Op: p.tok.kind.operator(), X: x}
	p.next()
	b.Y = operand(p)
	return b
}

// postfix passes a value and the members, indexes and slices taken of it.
func (p *parser) postfix() Expr {
	x := p.value()
	for {
		switch p.tok.kind {
		case tDot:
			x = p.member(x)
		case tLeftBracket:
			x = p.index(x)
		default:
			return x
		}
		p.link()
	}
}

func (p *parser) member(x Expr) Expr {
	m := &Member{Pos: x.Position(), X: x}
	p.next()
	m.Name, m.Quoted = p.name("a name after the dot")
	if p.tok.kind == tLeftParen {
		p.unexpected("an operator", "only a name can be called; bind what stands before the dot with LET first")
	}
	return m
}

func (p *parser) index(x Expr) Expr {
	const hint = "an index is a single value; write more in parentheses: a[(i + 1)]"
	p.next()
	var from, to Expr
	if p.tok.kind != tColon {
		from = p.value()
		if p.tok.kind == tRightBracket {
			p.next()
			return &Index{Pos: x.Position(), X: x, At: from}
		}
	}
	p.expect(tColon, ": or ]", hint)
	if p.tok.kind != tRightBracket {
		to = p.value()
	}
	p.expect(tRightBracket, "]", hint)
	return &Slice{Pos: x.Position(), X: x, From: from, To: to}
}

// value passes a value without operators or suffixes. It is never nil.
func (p *parser) value() Expr {
	t := p.tok
	switch t.kind {
	case tIdent:
		return p.symbol(t.pos(), false)
	case tNumber:
		p.next()
		return p.number(t, t.off)
	case tMinus:
		return p.negative()
	case tString:
		p.next()
		text := p.text(t)
		return &String{Pos: t.pos(), Value: unquote(text), Text: text}
	case tTrue, tFalse:
		p.next()
		return &Bool{Pos: t.pos(), Value: t.kind == tTrue, Text: p.text(t)}
	case tNull:
		p.next()
		return &Null{Pos: t.pos()}
	case tLeftParen:
		return p.paren()
	}
	p.unexpected("a value", p.valueHint())
	return &Null{Pos: t.pos()}
}

// number is the number whose digits are t and which begins, sign included, at off.
func (p *parser) number(t token, off int) Expr {
	pos := Pos{off, t.line, t.col - (t.off - off)}
	x, ok := number(pos, p.src[off:t.end])
	if !ok {
		p.fail(t, "the number is too large", "")
	}
	return x
}

// negative passes a minus in front of a value: it sticks to a number or a name.
func (p *parser) negative() Expr {
	minus := p.tok
	p.next()
	t := p.tok
	glued := t.off == minus.end
	switch {
	case glued && t.kind == tIdent:
		return p.symbol(minus.pos(), true)
	case glued && t.kind == tNumber:
		p.next()
		return p.number(t, minus.off)
	case t.kind == tIdent || t.kind == tNumber:
		p.fail(minus, "a blank after the minus", "in front of a value the minus is glued to it: -"+p.text(t))
	case t.kind == tBad:
		p.unexpected("a value", "")
	default:
		p.fail(minus, "a minus that is not in front of a name or a number", "write 0 - x, or NOT x")
	}
	return &Null{Pos: minus.pos()}
}

func (p *parser) symbol(pos Pos, negated bool) Expr {
	s := &Symbol{Pos: pos, Negated: negated}
	s.Name, s.Quoted = p.dotted("a name")
	if p.tok.kind == tLeftParen {
		s.Call = true
		s.Args = p.args()
	}
	return s
}

func (p *parser) paren() Expr {
	x := &Paren{Pos: p.tok.pos()}
	p.next()
	if p.tok.kind == tRightParen {
		p.unexpected("a value", "an empty list is written as an argument only: f(x=[])")
	}
	x.Value = p.list()
	p.expect(tRightParen, "an operator, a comma or )", "")
	return x
}

// args passes the arguments of a call with their parentheses.
func (p *parser) args() []Arg {
	p.next()
	if p.tok.kind == tRightParen {
		p.next()
		return nil
	}
	args := make([]Arg, 0, 4)
	for {
		args = append(args, p.arg())
		if p.tok.kind != tComma {
			break
		}
		p.next()
	}
	p.expect(tRightParen, "a comma or )", p.afterArgHint())
	return args
}

func (p *parser) arg() Arg {
	a := Arg{Pos: p.tok.pos()}
	if p.tok.kind != tIdent {
		p.unexpected("the name of an argument", p.argHint())
	}
	a.Name, a.Quoted = p.name("the name of an argument")
	p.expect(tEq, "= after the name of an argument", "arguments are named: f(x=1)")
	a.Value = p.argValue()
	return a
}

// argValue passes what stands after name=, where brackets and braces may be.
func (p *parser) argValue() Expr {
	switch p.tok.kind {
	case tLeftBrace:
		return p.subQuery()
	case tLeftBracket:
		return p.brackets()
	}
	return p.expr()
}

func (p *parser) brackets() Expr {
	l := &List{Pos: p.tok.pos(), Brackets: true}
	p.next()
	if p.tok.kind != tRightBracket {
		if p.tok.kind == tLeftBracket {
			p.unexpected("a value", "brackets do not nest: write f(x=((1, 2), (3, 4)))")
		}
		l.Items = append(make([]Expr, 0, 4), p.expr())
		p.items(l)
	}
	p.expect(tRightBracket, "a comma or ]", "")
	return l
}
