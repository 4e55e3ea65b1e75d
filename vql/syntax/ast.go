// Package syntax is the grammar of VQL: lexer, parser, syntax tree, canonical
// text and formatter. It knows nothing of values or plugins.
//
// Parse reads a program, ParseExpr an expression, ParseLambda the text of a
// lambda. Every error is an *Error that knows its place and, for the usual
// slips, says what to write instead. Text and the String methods give the
// canonical text, which names the columns without an alias; Format lays a
// program out for people and keeps its comments.
package syntax

// Pos is a place in the source: byte offset from 0, line and column (in bytes) from 1.
type Pos struct{ Offset, Line, Column int }

// Node is any part of the tree that has a place: what Walk visits.
type Node interface{ Position() Pos }

// Quotes tells which parts of a dotted name were written in back-quotes, the
// first in the lowest bit. The canonical text shows these, and the ones that a
// part needs in any case, so that a tree made by hand may leave it zero.
type Quotes uint64

// Program is a parsed text: statements in order.
type Program struct {
	Source     string
	Statements []Statement
}

// Statement is a *Let or a *Select.
type Statement interface {
	Node
	String() string
	statement()
}

// Let is LET name(params) = value. Exactly one of Query and Value is set.
type Let struct {
	Pos          Pos
	End          Pos // just after its last token
	Name         string
	Quoted       Quotes // of Name
	HasParams    bool   // written with parentheses, even empty ones
	Params       []Param
	Materialized bool // written <=
	Query        *Select
	Value        Expr
}

// Param is a parameter of a LET; Default is nil if there is none.
type Param struct {
	Pos     Pos
	Name    string
	Quoted  Quotes // of Name
	Default Expr
}

// Select is a SELECT statement or sub-query.
type Select struct {
	Pos     Pos
	End     Pos // just after its last token
	Explain bool
	Columns []Column
	From    Source
	Where   Expr   // nil if absent; a *List if it was written with commas
	GroupBy Expr   // nil if absent; a *List if it was written with commas
	OrderBy string // empty if absent
	Quoted  Quotes // of OrderBy
	Desc    bool
	Limit   int64 // -1 if absent, never negative otherwise
}

// Column is one entry of a select list: a star, or a value with its name.
type Column struct {
	Pos    Pos
	Star   bool
	Value  Expr
	As     string // the given alias, or empty
	Quoted Quotes // of As
	Name   string // the alias, or the canonical text of Value; empty for a star
}

// Source is what stands after FROM: a dotted name, called or not.
type Source struct {
	Pos    Pos
	Name   []string
	Quoted Quotes // of Name
	Call   bool
	Args   []Arg
}

// Arg is name=value.
type Arg struct {
	Pos    Pos
	Name   string
	Quoted Quotes // of Name
	Value  Expr
}

// Expr is an expression; its types are those below. Position is where it begins.
type Expr interface {
	Node
	expr()
}

// The expressions.
type (
	// Null is NULL.
	Null struct{ Pos Pos }

	// Bool is TRUE or FALSE; Text keeps its spelling.
	Bool struct {
		Pos   Pos
		Value bool
		Text  string
	}

	// Int is an integer literal.
	Int struct {
		Pos   Pos
		Value int64
	}

	// Float is a number with a fraction, an exponent, or too large for an Int.
	Float struct {
		Pos   Pos
		Value float64
	}

	// String is a text; Text is its source, with quotes and escapes.
	String struct {
		Pos   Pos
		Value string
		Text  string
	}

	// Symbol is a dotted name, called or not, possibly with a minus glued to it.
	Symbol struct {
		Pos     Pos
		Negated bool
		Name    []string
		Quoted  Quotes // of Name
		Call    bool
		Args    []Arg
	}

	// List is a comma list; parentheses around it are a Paren of their own.
	// Without brackets there are several items, or one and a trailing comma.
	// In brackets there may be any number, and one item without a trailing
	// comma is no list but that item: f(x=[1]) passes 1, f(x=[1,]) a list.
	List struct {
		Pos      Pos
		Items    []Expr
		Trailing bool // a comma after the last item
		Brackets bool // written [ ], directly after name=
	}

	// Paren is an expression in parentheses, which are part of its canonical text.
	Paren struct {
		Pos   Pos
		Value Expr
	}

	// SubQuery is { SELECT … }.
	SubQuery struct {
		Pos    Pos
		Select *Select
	}

	// Logic is a chain of AND or of OR operators: Ops has one entry less than
	// Operands, each as spelled (and, &&, or, |, ||, |||).
	Logic struct {
		Pos      Pos
		And      bool
		Operands []Expr
		Ops      []string
	}

	// Not is NOT x.
	Not struct {
		Pos   Pos
		Value Expr
	}

	// Binary is x Op y, Op one of + - * / = != < > <= >= =~ IN (`<>` is read as !=).
	Binary struct {
		Pos  Pos // of the left operand
		At   Pos // of the operator
		Op   string
		X, Y Expr
	}

	// Member is x.Name.
	Member struct {
		Pos    Pos
		X      Expr
		Name   string
		Quoted Quotes // of Name
	}

	// Index is x[At].
	Index struct {
		Pos Pos
		X   Expr
		At  Expr
	}

	// Slice is x[From:To]; either bound may be nil.
	Slice struct {
		Pos      Pos
		X        Expr
		From, To Expr
	}
)

// IsItem says that e is written as a list of one in brackets, which is that one.
func (e *List) IsItem() bool { return e.Brackets && len(e.Items) == 1 && !e.Trailing }

// Lambda is the text of a lambda, parsed: a, b => body.
type Lambda struct {
	Source string
	Params []string
	Body   Expr
}

func (l *Let) statement()    {}
func (s *Select) statement() {}

// Position is where the statement begins.
func (l *Let) Position() Pos { return l.Pos }

// Position is where the statement begins.
func (s *Select) Position() Pos { return s.Pos }

// Position is the start of the text.
func (*Program) Position() Pos { return Pos{Line: 1, Column: 1} }

// Position is the start of the text.
func (*Lambda) Position() Pos { return Pos{Line: 1, Column: 1} }

// Position is where the parameter begins.
func (p *Param) Position() Pos { return p.Pos }

// Position is where the column begins.
func (c *Column) Position() Pos { return c.Pos }

// Position is where the name begins.
func (s *Source) Position() Pos { return s.Pos }

// Position is where the argument's name begins.
func (a *Arg) Position() Pos { return a.Pos }

func (*Null) expr()     {}
func (*Bool) expr()     {}
func (*Int) expr()      {}
func (*Float) expr()    {}
func (*String) expr()   {}
func (*Symbol) expr()   {}
func (*List) expr()     {}
func (*Paren) expr()    {}
func (*SubQuery) expr() {}
func (*Logic) expr()    {}
func (*Not) expr()      {}
func (*Binary) expr()   {}
func (*Member) expr()   {}
func (*Index) expr()    {}
func (*Slice) expr()    {}

// Position is where the expression begins; so for all that follow.
func (e *Null) Position() Pos     { return e.Pos }
func (e *Bool) Position() Pos     { return e.Pos }
func (e *Int) Position() Pos      { return e.Pos }
func (e *Float) Position() Pos    { return e.Pos }
func (e *String) Position() Pos   { return e.Pos }
func (e *Symbol) Position() Pos   { return e.Pos }
func (e *List) Position() Pos     { return e.Pos }
func (e *Paren) Position() Pos    { return e.Pos }
func (e *SubQuery) Position() Pos { return e.Pos }
func (e *Logic) Position() Pos    { return e.Pos }
func (e *Not) Position() Pos      { return e.Pos }
func (e *Binary) Position() Pos   { return e.Pos }
func (e *Member) Position() Pos   { return e.Pos }
func (e *Index) Position() Pos    { return e.Pos }
func (e *Slice) Position() Pos    { return e.Pos }
