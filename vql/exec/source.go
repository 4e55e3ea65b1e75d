package exec

import (
	"fmt"
	"strings"

	"goshawk/row"
	"goshawk/vql/plan"
	"goshawk/vql/syntax"
)

// source emits the rows that a SELECT begins with.
type source func(t *thread, s *scope, emit Emit) error

func (c compiler) compileSource(f plan.Source, sh *plan.Shape) source {
	switch f := f.(type) {
	case *plan.FromPlugin:
		return c.compilePlugin(f, sh)
	case *plan.FromLet:
		return c.compileFromLet(f, sh)
	case *plan.FromValue:
		return c.compileFromValue(f, sh)
	case *plan.FromNothing:
		return c.compileFromNothing(f, sh)
	}
	panic("bug: a source that the compiler does not know")
}

func (c compiler) compileFromNothing(f *plan.FromNothing, sh *plan.Shape) source {
	text := "Plugin " + f.Name + " not found. Current Scope is [" + strings.Join(sh.Names(), ", ") + "]" + suggest(f.Name, c.vocab.PluginNames())
	if f.Function {
		text = "Plugin " + f.Name + " not found. There is a function of that name: use it in an expression, such as SELECT " + f.Name + "() FROM scope()"
	}
	return func(t *thread, _ *scope, _ Emit) error {
		t.session.logSeldom(Error, text)
		return nil
	}
}

func (c compiler) compileFromLet(f *plan.FromLet, sh *plan.Shape) source {
	let := f.Let
	if let.Query == nil {
		return c.compileFromExpr(f, sh)
	}
	if !f.Called {
		return func(t *thread, s *scope, emit Emit) error {
			return t.session.code(let.Query, s.shape).run(t, s, emit)
		}
	}
	args := c.compileArguments(let, f.Args, sh)
	inner, complaints := sh.Row(args.cols), complaintsAbout(let, args.cols)
	return func(t *thread, s *scope, emit Emit) error {
		for _, text := range complaints {
			t.session.logSeldom(Error, text)
		}
		sc := t.push(s, inner, len(args.vals))
		defer t.pop(sc)
		sc.anew()
		args.evaluate(t, s, sc.vals)
		for i, v := range sc.vals {
			sc.vals[i] = t.settle(v, s) // queries are run before the body
		}
		return t.session.code(let.Query, inner).run(t, sc, emit)
	}
}

// complaintsAbout tells which arguments a parameterised query does not know or
// misses. It runs nevertheless.
func complaintsAbout(let *syntax.Let, given *row.Columns) (out []string) {
	if !let.HasParams {
		return nil
	}
	known := map[string]bool{}
	for _, p := range let.Params {
		known[p.Name] = true
		if given.Index(p.Name) < 0 {
			out = append(out, fmt.Sprintf("Missing arg %s when calling %s", p.Name, let.Name))
		}
	}
	for _, n := range given.Names() {
		if !known[n] {
			out = append(out, fmt.Sprintf("Extra unrecognized arg %s when calling %s", n, let.Name))
		}
	}
	return out
}

// compileFromExpr takes the rows of a LET's expression.
func (c compiler) compileFromExpr(f *plan.FromLet, sh *plan.Shape) source {
	var x eval
	if f.Called {
		x = c.compileInvoke(&plan.Invoke{Let: f.Let, Args: f.Args, At: f.At}, sh)
	} else {
		x = c.compileStored(&plan.Stored{Let: f.Let}, sh)
	}
	return func(t *thread, s *scope, emit Emit) error { return t.rowsOf(x(t, s), s, emit) }
}

func (c compiler) compileFromValue(f *plan.FromValue, sh *plan.Shape) source {
	x, args := c.compile(f.X, sh), c.compileArguments(nil, f.Args, sh)
	return func(t *thread, s *scope, emit Emit) error {
		v := x(t, s)
		if len(args.vals) == 0 || !isQuery(v) {
			return t.rowsOf(v, s, emit)
		}
		vals := make([]row.Value, len(args.vals))
		args.evaluate(t, s, vals)
		q := *v.Object().(*storedQuery)
		q.aggs, q.cols, q.vals = &aggregates{}, args.cols, vals
		return t.runQuery(row.FromObject(&q), s, emit)
	}
}

// rowsOf emits the rows of a value that stands after FROM: a list yields one
// for each element, a dict one, and what has no columns an empty one.
func (t *thread) rowsOf(v row.Value, s *scope, emit Emit) error {
	v = v.Force()
	if isQuery(v) {
		return t.runQuery(v, s, emit)
	}
	if tab, ok := tableOf(v); ok {
		return tab.rows(emit)
	}
	return t.emitElements(v, emit, func(row.Value) (row.Value, bool) { return emptyRow, true })
}

// rowsOfArgument emits the rows of a value given as a query: an element that
// is no dict becomes {_value: x}, NULL yields nothing.
func (t *thread) rowsOfArgument(v row.Value, s *scope, emit Emit) error {
	v = v.Force()
	if isQuery(v) {
		return t.runQuery(v, s, emit)
	}
	if tab, ok := tableOf(v); ok {
		return tab.rows(emit)
	}
	return t.emitElements(v, emit, func(e row.Value) (row.Value, bool) {
		if e.IsNull() {
			return e, false
		}
		return row.FromDict(row.NewDict(valueColumns, []row.Value{e})), true
	})
}

var (
	valueColumns = row.NewColumns("_value")
	emptyRow     = row.FromDict(row.NewDict(row.NoColumns, nil))
)

// emitElements emits a list's elements, or a single value, as rows. other
// makes a row of an element that is none, or leaves it out.
func (t *thread) emitElements(v row.Value, emit Emit, other func(row.Value) (row.Value, bool)) error {
	elements := []row.Value{v}
	if v.Kind() == row.KindList {
		elements = v.List()
	}
	var b row.Batch
	flush := func() error {
		if b.Cols == nil || b.Len() == 0 {
			return nil
		}
		err := emit(&b)
		b.Reset(b.Cols)
		return err
	}
	for _, e := range elements {
		if e = e.Force(); !isRow(e) {
			var ok bool
			if e, ok = other(e); !ok {
				continue
			}
		}
		cols, vals := openColumns, []row.Value{e}
		if e.Kind() == row.KindDict {
			cols, vals = t.columnsOf(e.Dict()), e.Dict().Values()
		}
		if b.Cols != cols || b.Len() >= chunkRows {
			if err := flush(); err != nil {
				return err
			}
			b.Reset(cols)
		}
		b.Append(vals...)
	}
	return flush()
}

// columnsOf shares the Columns of dicts with equal names, so that what was
// planned for one row serves the next.
func (t *thread) columnsOf(d *row.Dict) *row.Columns {
	return t.names.Share(d.Columns())
}

// isRow says whether a value has columns: a dict, or an object that shows itself as one.
func isRow(v row.Value) bool {
	if v.Kind() == row.KindDict {
		return true
	}
	return v.Kind() == row.KindObject && asDict(v) != nil
}
