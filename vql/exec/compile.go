package exec

import (
	"errors"
	"strings"
	"sync/atomic"

	"goshawk/row"
	"goshawk/vql/plan"
	"goshawk/vql/syntax"
)

// compiler turns plans into closures. Its methods are called with the planning
// lock held.
type compiler struct{ *Session }

// compile turns a plan made for scopes of shape sh into a closure.
func (c compiler) compile(e plan.Expr, sh *plan.Shape) eval {
	switch e := e.(type) {
	case *plan.Const:
		v := e.Value
		return func(*thread, *scope) row.Value { return v }
	case *plan.Slot:
		return compileSlot(e)
	case *plan.Thunk:
		return compileThunk(e)
	case *plan.Open:
		return c.compileOpen(e, sh)
	case *plan.Missing:
		return compileMissing(e.Name, sh)
	case *plan.Unknown:
		return compileMissing(e.Name, sh)
	case *plan.Stored:
		return c.compileStored(e, sh)
	case *plan.Query:
		v := row.FromObject(&storedQuery{sel: e.Select})
		return func(*thread, *scope) row.Value { return v }
	case *plan.SubQuery:
		return compileSubQuery(e.Select)
	case *plan.Invoke:
		return c.compileInvoke(e, sh)
	case *plan.Call:
		return c.compileCall(e, sh)
	case *plan.List:
		return c.compileList(e, sh)
	case *plan.Logic:
		return c.compileLogic(e, sh)
	case *plan.Neg:
		x := c.compile(e.X, sh)
		return func(t *thread, s *scope) row.Value { return row.Neg(x(t, s)) }
	case *plan.Binary:
		if p := c.comparison(e, sh); p != nil {
			return func(t *thread, s *scope) row.Value { return row.Bool(p(t, s)) }
		}
		return c.compileArithmetic(e, sh)
	case *plan.Not, *plan.Match, *plan.Pattern, *plan.In, *plan.InSet:
		p := c.predicate(e, sh)
		return func(t *thread, s *scope) row.Value { return row.Bool(p(t, s)) }
	case *plan.Member:
		x, name := c.compile(e.X, sh), e.Name
		return func(t *thread, s *scope) row.Value { return t.member(x(t, s), name, s) }
	case *plan.Index:
		return c.compileIndex(e, sh)
	case *plan.Slice:
		return c.compileSlice(e, sh)
	}
	panic("bug: a plan that the compiler does not know")
}

func compileSlot(e *plan.Slot) eval {
	i := e.Index
	switch e.Hops {
	case 0:
		return func(_ *thread, s *scope) row.Value { return s.vals[i] }
	case 1:
		return func(_ *thread, s *scope) row.Value { return s.outer.vals[i] }
	case 2:
		return func(_ *thread, s *scope) row.Value { return s.outer.outer.vals[i] }
	}
	hops := e.Hops
	return func(_ *thread, s *scope) row.Value { return s.up(hops).vals[i] }
}

func compileThunk(e *plan.Thunk) eval {
	hops, i := e.Hops, e.Index
	return func(t *thread, s *scope) row.Value { return s.up(hops).thunk(t, i) }
}

// thunk computes the i-th listed column, once for each row.
func (s *scope) thunk(t *thread, i int) row.Value {
	if !s.done[i] {
		s.done[i] = true // before computing: a column that mentions itself is NULL
		s.vals[i] = t.settle(s.code.listed[i](t, s.outer), s.outer)
	}
	return s.vals[i]
}

func (c compiler) compileOpen(e *plan.Open, sh *plan.Shape) eval {
	otherwise := c.compile(e.Else, sh)
	hops, name := e.Hops, e.Name
	return func(t *thread, s *scope) row.Value {
		if v, ok := s.up(hops).open.Member(name); ok {
			return v
		}
		return otherwise(t, s)
	}
}

func compileMissing(name string, sh *plan.Shape) eval {
	return func(t *thread, _ *scope) row.Value {
		t.session.logSeldom(Error, "Symbol "+name+" not found. Current Scope is ["+strings.Join(sh.Names(), ", ")+"]"+suggest(name, sh.Names()))
		return row.Null
	}
}

// compileStored evaluates the expression of a LET where it is mentioned. It is
// planned at its first use there, since it may mention itself.
func (c compiler) compileStored(e *plan.Stored, sh *plan.Shape) eval {
	let := e.Let
	if let.Query != nil {
		v := row.FromObject(&storedQuery{sel: let.Query})
		return func(*thread, *scope) row.Value { return v }
	}
	var body atomic.Pointer[eval]
	return func(t *thread, s *scope) row.Value {
		if !t.enter(func() string { return let.Name }) {
			return row.Null
		}
		defer t.leave()
		return onFirstUse(&body, func() eval { return t.session.expr(let, let.Value, sh) })(t, s)
	}
}

// onFirstUse returns the code in p, which make makes when it is first needed.
func onFirstUse(p *atomic.Pointer[eval], make func() eval) eval {
	if e := p.Load(); e != nil {
		return *e
	}
	e := make()
	p.Store(&e)
	return e
}

func (c compiler) compileList(e *plan.List, sh *plan.Shape) eval {
	items := make([]eval, len(e.Items))
	for i, item := range e.Items {
		items[i] = c.compile(item, sh)
	}
	return func(t *thread, s *scope) row.Value {
		vs := make([]row.Value, len(items))
		for i, item := range items {
			vs[i] = t.settle(item(t, s), s)
		}
		return row.List(vs)
	}
}

func (c compiler) compileArithmetic(e *plan.Binary, sh *plan.Shape) eval {
	x, y := c.compile(e.X, sh), c.compile(e.Y, sh)
	switch e.Op {
	case "+":
		return func(t *thread, s *scope) row.Value {
			a, b := x(t, s), y(t, s)
			if a.Kind() == row.KindInt && b.Kind() == row.KindInt {
				return row.Int(a.Int() + b.Int())
			}
			return t.large(row.Add(t.reduce(a, s), t.reduce(b, s)))
		}
	case "-":
		return func(t *thread, s *scope) row.Value { return row.Sub(x(t, s), y(t, s)) }
	case "*":
		return func(t *thread, s *scope) row.Value { return t.large(row.Mul(x(t, s), y(t, s))) }
	case "/":
		return func(t *thread, s *scope) row.Value { return row.Div(x(t, s), y(t, s)) }
	}
	panic("bug: an operator that the compiler does not know: " + e.Op)
}

func (t *thread) large(v row.Value, err error) row.Value {
	if errors.Is(err, row.ErrTooLarge) {
		t.session.logSeldom(Warn, "A string of more than 100 MB was not made")
	}
	return v
}

func (c compiler) compileIndex(e *plan.Index, sh *plan.Shape) eval {
	x, i := c.compile(e.X, sh), c.compile(e.I, sh)
	return func(t *thread, s *scope) row.Value {
		a, at := x(t, s), i(t, s)
		if isQuery(a) {
			return t.rowOfQuery(a, at, s)
		}
		return row.Index(a, at)
	}
}

func (c compiler) compileSlice(e *plan.Slice, sh *plan.Shape) eval {
	null := func(*thread, *scope) row.Value { return row.Null }
	x, from, to := c.compile(e.X, sh), eval(null), eval(null)
	if e.From != nil {
		from = c.compile(e.From, sh)
	}
	if e.To != nil {
		to = c.compile(e.To, sh)
	}
	hasFrom, hasTo := e.From != nil, e.To != nil
	return func(t *thread, s *scope) row.Value {
		return row.SliceOf(x(t, s), from(t, s), to(t, s), hasFrom, hasTo)
	}
}

// member is the dot operator; on a query it is the list of that column.
func (t *thread) member(v row.Value, name string, s *scope) row.Value {
	if isQuery(v) {
		return t.columnOfQuery(v, name, s)
	}
	m, _ := v.Member(name)
	return m.Force()
}

// settle makes a value fit for a row: lazy values are computed, queries run.
func (t *thread) settle(v row.Value, s *scope) row.Value {
	if v.Kind() != row.KindObject {
		return v
	}
	v = v.Force()
	if isQuery(v) {
		return t.listOfQuery(v, s)
	}
	return v
}

// reduce makes an operand of + fit: a query becomes the list of its rows.
func (t *thread) reduce(v row.Value, s *scope) row.Value {
	if v.Kind() == row.KindObject {
		v = t.settle(v, s)
		if tab, ok := tableOf(v); ok {
			return tab.Plain()
		}
	}
	return v
}

// truth is Truth for any value; a query is true if it yields a row.
func (t *thread) truth(v row.Value, s *scope) bool {
	if v.Kind() == row.KindObject && isQuery(v) {
		return t.anyRow(v, s)
	}
	return row.Truth(v)
}

func compileSubQuery(sel *syntax.Select) eval {
	v := row.FromObject(&storedQuery{sel: sel})
	return func(t *thread, s *scope) row.Value { return t.unwrapQuery(v, s) }
}
