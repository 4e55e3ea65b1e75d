package plan

import (
	"goshawk/row"
	"goshawk/vql/syntax"
)

// Planner plans expressions and statements.
type Planner struct {
	Names Names
	// Fold works out a pure call whose arguments are all constants; ok is
	// false where it cannot be done now. Nil folds no calls.
	Fold func(c *Call) (v row.Value, ok bool)
}

// Expr plans e for a scope of the given shape.
func (p *Planner) Expr(e syntax.Expr, sh *Shape) Expr { return p.rewrite(p.plain(e, sh)) }

func (p *Planner) plain(e syntax.Expr, sh *Shape) Expr {
	switch e := e.(type) {
	case *syntax.Null:
		return &Const{}
	case *syntax.Bool:
		return &Const{row.Bool(e.Value)}
	case *syntax.Int:
		return &Const{row.Int(e.Value)}
	case *syntax.Float:
		return &Const{row.Float(e.Value)}
	case *syntax.String:
		return &Const{row.String(e.Value)}
	case *syntax.Symbol:
		return p.symbol(e, sh)
	case *syntax.List:
		return p.list(e, sh)
	case *syntax.Paren:
		return p.Expr(e.Value, sh)
	case *syntax.SubQuery:
		return &SubQuery{e.Select}
	case *syntax.Logic:
		return &Logic{And: e.And, Operands: p.exprs(e.Operands, sh), Ops: e.Ops}
	case *syntax.Not:
		return &Not{p.Expr(e.Value, sh)}
	case *syntax.Binary:
		return binary(e.Op, p.Expr(e.X, sh), p.Expr(e.Y, sh))
	case *syntax.Member:
		return &Member{p.Expr(e.X, sh), e.Name}
	case *syntax.Index:
		return &Index{p.Expr(e.X, sh), p.Expr(e.At, sh)}
	case *syntax.Slice:
		return &Slice{X: p.Expr(e.X, sh), From: p.optional(e.From, sh), To: p.optional(e.To, sh)}
	}
	panic("bug: an expression that the planner does not know")
}

func binary(op string, x, y Expr) Expr {
	switch op {
	case "=~":
		return &Match{x, y}
	case "IN":
		return &In{x, y}
	}
	return &Binary{Op: op, X: x, Y: y}
}

func (p *Planner) optional(e syntax.Expr, sh *Shape) Expr {
	if e == nil {
		return nil
	}
	return p.Expr(e, sh)
}

func (p *Planner) exprs(es []syntax.Expr, sh *Shape) []Expr {
	out := make([]Expr, len(es))
	for i, e := range es {
		out[i] = p.Expr(e, sh)
	}
	return out
}

// list plans a comma list. In brackets, which stand only after name=, a single
// item without a trailing comma is the item itself.
func (p *Planner) list(e *syntax.List, sh *Shape) Expr {
	if e.IsItem() {
		return p.Expr(e.Items[0], sh)
	}
	return &List{p.exprs(e.Items, sh)}
}

func (p *Planner) symbol(s *syntax.Symbol, sh *Shape) Expr {
	e := p.named(s, sh)
	if s.Negated {
		return &Neg{e}
	}
	return e
}

func (p *Planner) named(s *syntax.Symbol, sh *Shape) Expr {
	if s.Call && len(s.Name) == 1 {
		if sig := p.Names.Function(s.Name[0]); sig != nil {
			return p.call(sig, s, sh)
		}
	}
	e, found := sh.lookup(s.Name[0], s)
	if !found {
		if s.Call && len(s.Name) == 1 {
			return &Unknown{Name: s.Name[0], At: s}
		}
		return &Missing{Name: s.Name[0], At: s}
	}
	for _, n := range s.Name[1:] {
		e = &Member{e, n}
	}
	if !s.Call {
		return e
	}
	inv := &Invoke{X: e, Args: p.args(s.Args, sh), At: s}
	if stored, ok := e.(*Stored); ok {
		inv.Let = stored.Let
	}
	return inv
}

func (p *Planner) call(sig *Signature, s *syntax.Symbol, sh *Shape) Expr {
	c := &Call{Sig: sig, Args: p.args(s.Args, sh), At: s}
	if sig.Counts {
		c.Place = sh.aggs.Place(s)
	}
	return c
}

func (p *Planner) args(as []syntax.Arg, sh *Shape) []Arg {
	out := make([]Arg, 0, len(as))
	for _, a := range as {
		v := p.arg(a.Value, sh)
		if i := argIndex(out, a.Name); i >= 0 { // the last one wins
			out[i].Value = v
		} else {
			out = append(out, Arg{a.Name, v})
		}
	}
	return out
}

func argIndex(as []Arg, name string) int {
	for i := range as {
		if as[i].Name == name {
			return i
		}
	}
	return -1
}

// arg plans an argument, in which a sub-query is a query and not its rows.
func (p *Planner) arg(e syntax.Expr, sh *Shape) Expr {
	if q, ok := e.(*syntax.SubQuery); ok {
		return &Query{q.Select}
	}
	return p.Expr(e, sh)
}

// Args plans the arguments of a call in FROM.
func (p *Planner) Args(as []syntax.Arg, sh *Shape) []Arg { return p.args(as, sh) }

// Default plans the default of a LET's parameter, in the caller's scope.
func (p *Planner) Default(e syntax.Expr, sh *Shape) Expr { return p.arg(e, sh) }
