package syntax

func (p *parser) statement() Statement {
	p.links = 0
	switch p.tok.kind {
	case tLet:
		return p.let()
	case tSelect, tExplain:
		return p.query()
	}
	p.unexpected("LET or SELECT", "")
	return &Select{}
}

func (p *parser) let() *Let {
	l := &Let{Pos: p.tok.pos()}
	p.next()
	l.Name, l.Quoted = p.name("a name after LET")
	if p.tok.kind == tLeftParen {
		l.HasParams = true
		l.Params = p.params()
	}
	l.Materialized = p.tok.kind == tLe
	if !l.Materialized && p.tok.kind != tEq {
		p.unexpected("= or <=", "")
	}
	p.next()
	p.letValue(l)
	l.End = p.end
	return l
}

func (p *parser) letValue(l *Let) {
	switch k := p.tok.kind; {
	case k == tSelect || k == tExplain:
		l.Query = p.query()
		return
	case k == tLeftBrace, k == tLeftParen && p.peekKind() == tSelect:
		p.unexpected("a value", "a query follows LET x = as it is, without braces or parentheses: LET x = SELECT …")
	}
	l.Value = p.expr()
	if p.tok.kind == tComma {
		p.unexpected("the end of the statement", "a list is written in parentheses: LET x = (1, 2)")
	}
	p.endStatement()
}

// endStatement checks that only another statement follows.
func (p *parser) endStatement() {
	switch p.tok.kind {
	case tEOF, tLet, tSelect, tExplain:
		return
	}
	p.unexpected("the end of the statement", "")
}

func (p *parser) params() []Param {
	var params []Param
	p.next()
	if p.tok.kind == tRightParen {
		p.next()
		return nil
	}
	for {
		prm := Param{Pos: p.tok.pos()}
		prm.Name, prm.Quoted = p.name("a parameter")
		if p.tok.kind == tEq {
			p.next()
			prm.Default = p.argValue()
		}
		params = append(params, prm)
		if p.tok.kind != tComma {
			break
		}
		p.next()
	}
	p.expect(tRightParen, "a comma or )", "")
	return params
}

// query passes a SELECT, wherever it stands.
func (p *parser) query() *Select {
	p.enter()
	s := &Select{Pos: p.tok.pos(), Limit: -1}
	if p.tok.kind == tExplain {
		s.Explain = true
		p.next()
	}
	p.expect(tSelect, "SELECT", "")
	s.Columns = p.columns()
	if p.tok.kind != tFrom {
		p.unexpected("a comma or FROM", p.fromHint())
	}
	p.next()
	s.From = p.source()
	p.clauses(s)
	s.End = p.end
	p.endQuery(s)
	p.depth--
	return s
}

func (p *parser) columns() []Column {
	if p.tok.kind == tFrom {
		return nil
	}
	columns := make([]Column, 0, 4)
	if p.tok.kind == tStar {
		// The comma after a star in front is optional, and so is what follows.
		columns = append(columns, p.column())
		if p.tok.kind == tComma {
			p.next()
		}
		if !p.startsColumn() {
			return columns
		}
	}
	for {
		columns = append(columns, p.column())
		if p.tok.kind != tComma {
			return columns
		}
		p.next()
	}
}

// startsColumn says that the current token can begin a column. What cannot
// begin anything is left to the caller, who knows what is missing.
func (p *parser) startsColumn() bool {
	switch p.tok.kind {
	case tEOF, tLet, tSelect, tExplain, tRightBrace:
		return false
	}
	return !p.tok.kind.isClause()
}

func (p *parser) column() Column {
	c := Column{Pos: p.tok.pos()}
	switch p.tok.kind {
	case tStar:
		c.Star = true
		p.next()
	case tLeftBrace:
		c.Value = p.subQuery()
	default:
		c.Value = p.expr()
	}
	if p.tok.kind == tAs {
		p.next()
		c.As, c.Quoted = p.name("a name after AS")
		c.Name = c.As
	} else if !c.Star && p.err == nil {
		c.Name = columnName(c.Value)
		if p.named += len(c.Name); p.named > maxNames {
			p.fail(p.tok, "the names of the columns are too long", "name them with AS")
		}
	}
	return c
}

func (p *parser) source() Source {
	s := Source{Pos: p.tok.pos()}
	if p.tok.kind != tIdent {
		p.unexpected("a plugin or a variable after FROM", p.sourceHint())
	}
	s.Name, s.Quoted = p.dotted("a plugin or a variable after FROM")
	if p.tok.kind == tLeftParen {
		s.Call = true
		s.Args = p.args()
	}
	return s
}

// clauses passes what follows the source of a SELECT.
func (p *parser) clauses(s *Select) {
	if p.tok.kind == tWhere {
		p.next()
		s.Where = p.list()
	}
	if p.tok.kind == tGroupBy {
		p.next()
		s.GroupBy = p.list()
	}
	if p.tok.kind == tOrderBy {
		p.next()
		s.OrderBy, s.Quoted = p.name("a column after ORDER BY")
		if p.tok.kind == tDesc {
			s.Desc = true
			p.next()
		}
	}
	if p.tok.kind == tLimit {
		p.next()
		s.Limit = p.limit()
	}
}

func (p *parser) limit() int64 {
	const want, hint = "a whole number after LIMIT", "LIMIT takes one number as it is: LIMIT 10"
	t := p.tok
	if t.kind != tNumber {
		p.unexpected(want, hint)
		return 0
	}
	e, _ := number(t.pos(), p.text(t))
	n, ok := e.(*Int)
	if !ok {
		p.unexpected(want, hint)
		return 0
	}
	p.next()
	return n.Value
}

// endQuery checks that nothing follows a SELECT but what may.
func (p *parser) endQuery(s *Select) {
	if p.tok.kind != tRightBrace {
		if hint := p.clauseHint(s); hint != "" {
			p.unexpected("the end of the query", hint)
		}
		p.endStatement()
	}
}

// subQuery passes { SELECT … }.
func (p *parser) subQuery() Expr {
	q := &SubQuery{Pos: p.tok.pos()}
	p.next()
	if p.tok.kind != tSelect && p.tok.kind != tExplain {
		p.unexpected("SELECT", "braces hold a query: { SELECT … FROM … }; a dict is written dict(a=1)")
	}
	q.Select = p.query()
	p.expect(tRightBrace, "}", "")
	return q
}
