package syntax

import (
	"bytes"
	"strconv"
)

// Text is the canonical text of an expression: the name of a column that has
// no alias. It parses to the same tree; a list in brackets does so only after
// the name of an argument.
func Text(e Expr) string { return string(appendExpr(nil, e)) }

// String is the canonical text of the query, on one line unless a string has several.
func (s *Select) String() string { return string(appendSelect(nil, s)) }

// String is the canonical text of the statement.
func (l *Let) String() string {
	b := appendName(append([]byte(nil), "LET "...), l.Name, l.Quoted)
	if l.HasParams {
		b = appendParams(b, l.Params)
	}
	if l.Materialized {
		b = append(b, " <= "...)
	} else {
		b = append(b, " = "...)
	}
	if l.Query != nil {
		return string(appendSelect(b, l.Query))
	}
	return string(appendExpr(b, l.Value))
}

// columnName names a column without alias: by its text, but a plain name is
// never in back-quotes.
func columnName(e Expr) string {
	if s, ok := e.(*Symbol); ok && len(s.Name) == 1 && !s.Call && !s.Negated {
		return s.Name[0]
	}
	return Text(e)
}

// appendName appends a name, in back-quotes if it was so written or must be.
func appendName(b []byte, name string, quoted Quotes) []byte {
	if quoted&1 == 0 && isPlain(name) {
		return append(b, name...)
	}
	return append(append(append(b, '`'), name...), '`')
}

func appendDotted(b []byte, names []string, quoted Quotes) []byte {
	for i, name := range names {
		if i > 0 {
			b = append(b, '.')
		}
		b = appendName(b, name, quoted>>i)
	}
	return b
}

func appendArgs(b []byte, args []Arg) []byte {
	b = append(b, '(')
	for i, a := range args {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(appendName(b, a.Name, a.Quoted), '=')
		b = appendExpr(b, a.Value)
	}
	return append(b, ')')
}

func appendParams(b []byte, params []Param) []byte {
	b = append(b, '(')
	for i, p := range params {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendName(b, p.Name, p.Quoted)
		if p.Default != nil {
			b = appendExpr(append(b, '='), p.Default)
		}
	}
	return append(b, ')')
}

func appendSelect(b []byte, s *Select) []byte {
	if s.Explain {
		b = append(b, "EXPLAIN "...)
	}
	b = append(b, "SELECT "...)
	for i := range s.Columns {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendColumn(b, &s.Columns[i])
	}
	if len(s.Columns) > 0 {
		b = append(b, ' ')
	}
	b = append(b, "FROM "...)
	b = appendDotted(b, s.From.Name, s.From.Quoted)
	if s.From.Call {
		b = appendArgs(b, s.From.Args)
	}
	return appendClauses(b, s)
}

func appendColumn(b []byte, c *Column) []byte {
	if c.Star {
		b = append(b, '*')
	} else {
		b = appendExpr(b, c.Value)
	}
	if c.As != "" {
		b = appendName(append(b, " AS "...), c.As, c.Quoted)
	}
	return b
}

// appendClauses appends what follows the source. The blanks after DESC and
// after the limit belong to the canonical text.
func appendClauses(b []byte, s *Select) []byte {
	if s.Where != nil {
		b = appendExpr(append(b, " WHERE "...), s.Where)
	}
	if s.GroupBy != nil {
		b = appendExpr(append(b, " GROUP BY "...), s.GroupBy)
	}
	if s.OrderBy != "" {
		b = appendName(append(b, " ORDER BY "...), s.OrderBy, s.Quoted)
		if s.Desc {
			b = append(b, " DESC "...)
		}
	}
	if s.Limit >= 0 {
		b = strconv.AppendInt(append(b, " LIMIT "...), s.Limit, 10)
		b = append(b, ' ')
	}
	return b
}

func appendExpr(b []byte, e Expr) []byte {
	switch e := e.(type) {
	case *Null:
		return append(b, "NULL"...)
	case *Bool:
		return append(b, e.Text...)
	case *Int:
		return strconv.AppendInt(b, e.Value, 10)
	case *Float:
		return appendFloat(b, e.Value)
	case *String:
		return append(b, e.Text...)
	case *Symbol:
		return appendSymbol(b, e)
	case *List:
		return appendList(b, e)
	case *Paren:
		return append(appendExpr(append(b, '('), e.Value), ')')
	case *SubQuery:
		return append(appendSelect(append(b, "{ "...), e.Select), " }"...)
	case *Logic:
		return appendLogic(b, e)
	case *Not:
		return appendExpr(append(b, "NOT "...), e.Value)
	case *Binary:
		b = append(append(appendExpr(b, e.X), ' '), e.Op...)
		return appendExpr(append(b, ' '), e.Y)
	case *Member:
		return appendName(append(appendExpr(b, e.X), '.'), e.Name, e.Quoted)
	case *Index:
		b = append(appendExpr(b, e.X), '[')
		return append(appendExpr(b, e.At), ']')
	case *Slice:
		return appendSlice(b, e)
	}
	panic("bug: no text for this expression")
}

// appendFloat appends a float so that it reads as one: 1000.0 for 1e3.
func appendFloat(b []byte, f float64) []byte {
	start := len(b)
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	if bytes.IndexByte(b[start:], '.') < 0 {
		b = append(b, ".0"...)
	}
	return b
}

func appendSymbol(b []byte, s *Symbol) []byte {
	if s.Negated {
		b = append(b, '-')
	}
	b = appendDotted(b, s.Name, s.Quoted)
	if s.Call {
		b = appendArgs(b, s.Args)
	}
	return b
}

func appendList(b []byte, l *List) []byte {
	if l.Brackets {
		b = append(b, '[')
	}
	for i, e := range l.Items {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendExpr(b, e)
	}
	if l.Trailing {
		b = append(b, ", "...)
	}
	if l.Brackets {
		b = append(b, ']')
	}
	return b
}

// appendLogic appends a chain. Two blanks in front of AND are what existing
// result tables have in the names of their columns.
func appendLogic(b []byte, l *Logic) []byte {
	for i, e := range l.Operands {
		if i > 0 {
			b = append(b, ' ')
			if l.And {
				b = append(b, ' ')
			}
			b = append(append(b, l.Ops[i-1]...), ' ')
		}
		b = appendExpr(b, e)
	}
	return b
}

func appendSlice(b []byte, s *Slice) []byte {
	b = append(appendExpr(b, s.X), '[')
	if s.From != nil {
		b = appendExpr(b, s.From)
	}
	b = append(b, ':')
	if s.To != nil {
		b = appendExpr(b, s.To)
	}
	return append(b, ']')
}
