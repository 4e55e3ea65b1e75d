package exec

import (
	"strings"
	"sync/atomic"

	"goshawk/row"
	"goshawk/vql/plan"
	"goshawk/vql/syntax"
)

// arguments binds the arguments of a call to a LET: those given, then the
// defaults of those that are not. Both are evaluated in the caller's scope.
type arguments struct {
	cols *row.Columns
	vals []eval
}

func (c compiler) compileArguments(let *syntax.Let, args []plan.Arg, sh *plan.Shape) arguments {
	var names []string
	var vals []eval
	given := map[string]bool{}
	for _, a := range args {
		given[a.Name] = true
		names, vals = append(names, a.Name), append(vals, c.compile(a.Value, sh))
	}
	if let != nil {
		for _, p := range let.Params {
			if p.Default != nil && !given[p.Name] {
				names, vals = append(names, p.Name), append(vals, c.compile(c.planner.Default(p.Default, sh), sh))
			}
		}
	}
	return arguments{row.NewColumns(names...), vals}
}

// evaluate fills dst with the arguments' values. Queries are bound as they are.
func (a *arguments) evaluate(t *thread, s *scope, dst []row.Value) {
	for i, v := range a.vals {
		dst[i] = v(t, s).Force()
	}
}

// compileInvoke calls a LET in an expression, or whatever value is called.
func (c compiler) compileInvoke(e *plan.Invoke, sh *plan.Shape) eval {
	if e.Let == nil {
		return c.compileInvokeValue(e, sh)
	}
	let := e.Let
	args := c.compileArguments(let, e.Args, sh)
	if let.Query != nil {
		return func(t *thread, s *scope) row.Value {
			q := &storedQuery{sel: let.Query, aggs: &aggregates{}, cols: args.cols, vals: make([]row.Value, len(args.vals))}
			args.evaluate(t, s, q.vals)
			return row.FromObject(q)
		}
	}
	inner := sh.Row(args.cols)
	var body atomic.Pointer[eval]
	return func(t *thread, s *scope) row.Value {
		if !t.enter(func() string { return let.Name }) {
			return row.Null
		}
		defer t.leave()
		sc := t.push(s, inner, len(args.vals))
		defer t.pop(sc)
		args.evaluate(t, s, sc.vals)
		sc.anew()
		return onFirstUse(&body, func() eval { return t.session.expr(let, let.Value, inner) })(t, sc)
	}
}

// compileInvokeValue calls a variable: a query takes the arguments, nothing
// else can be called.
func (c compiler) compileInvokeValue(e *plan.Invoke, sh *plan.Shape) eval {
	x, args, at := c.compile(e.X, sh), c.compileArguments(nil, e.Args, sh), e.At
	return func(t *thread, s *scope) row.Value {
		v := x(t, s)
		if !isQuery(v) {
			t.session.logSeldom(Error, "Symbol "+strings.Join(at.Name, ".")+" is not a function but it is being called")
			return row.Null
		}
		q := *v.Object().(*storedQuery)
		q.aggs, q.cols, q.vals = &aggregates{}, args.cols, make([]row.Value, len(args.vals))
		args.evaluate(t, s, q.vals)
		return row.FromObject(&q)
	}
}
