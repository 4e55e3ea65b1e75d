package exec

import (
	"time"

	"goshawk/row"
	"goshawk/vql/plan"
)

// test computes an expression of which only the truth matters.
type test func(t *thread, s *scope) bool

// predicate compiles e for its truth, without making a value of it where it
// can be avoided.
func (c compiler) predicate(e plan.Expr, sh *plan.Shape) test {
	switch e := e.(type) {
	case *plan.Not:
		x := c.predicate(e.X, sh)
		return func(t *thread, s *scope) bool { return !x(t, s) }
	case *plan.Logic:
		return c.logicTest(e, sh)
	case *plan.Binary:
		if p := c.comparison(e, sh); p != nil {
			return p
		}
	case *plan.Pattern:
		return c.patternTest(e, sh)
	case *plan.Match:
		x, y := c.compile(e.X, sh), c.compile(e.Y, sh)
		return func(t *thread, s *scope) bool { return t.match(x(t, s), y(t, s)) }
	case *plan.In:
		x, y := c.compile(e.X, sh), c.compile(e.Y, sh)
		return func(t *thread, s *scope) bool { return row.In(x(t, s), y(t, s)) }
	case *plan.InSet:
		return c.setTest(e, sh)
	}
	x := c.compile(e, sh)
	return func(t *thread, s *scope) bool { return t.truth(x(t, s), s) }
}

func (c compiler) logicTest(e *plan.Logic, sh *plan.Shape) test {
	xs := make([]test, len(e.Operands))
	for i, o := range e.Operands {
		xs[i] = c.predicate(o, sh)
	}
	and := e.And
	if len(xs) == 2 {
		x, y := xs[0], xs[1]
		if and {
			return func(t *thread, s *scope) bool { return x(t, s) && y(t, s) }
		}
		return func(t *thread, s *scope) bool { return x(t, s) || y(t, s) }
	}
	return func(t *thread, s *scope) bool {
		for _, x := range xs {
			if x(t, s) != and {
				return !and
			}
		}
		return and
	}
}

// compileLogic keeps VQL's rules for what a chain gives back: `AND` a bool,
// `&&` its last operand; `OR` the first operand if that is true, TRUE for a
// later one (`||`: the operand), and the last operand if none is true.
func (c compiler) compileLogic(e *plan.Logic, sh *plan.Shape) eval {
	xs := make([]eval, len(e.Operands))
	for i, o := range e.Operands {
		xs[i] = c.compile(o, sh)
	}
	last := len(xs) - 1
	if e.And {
		keep := e.Ops[last-1] == "&&"
		return func(t *thread, s *scope) row.Value {
			v := row.Null
			for _, x := range xs {
				if v = x(t, s); !t.truth(v, s) {
					return row.False
				}
			}
			if keep {
				return v
			}
			return row.True
		}
	}
	ops := e.Ops
	return func(t *thread, s *scope) row.Value {
		v := row.Null
		for i, x := range xs {
			if v = x(t, s); t.truth(v, s) {
				if i == 0 || ops[i-1] == "||" {
					return v
				}
				return row.True
			}
		}
		return v
	}
}

// comparison compiles = != < > <= >=, or returns nil for other operators. An
// integer or a string on the right that is known now has a path of its own.
func (c compiler) comparison(e *plan.Binary, sh *plan.Shape) test {
	switch e.Op {
	case "=", "!=", "<", ">", "<=", ">=":
	default:
		return nil
	}
	x, y := c.compile(e.X, sh), c.compile(e.Y, sh)
	general := generalComparison(e.Op)
	if k, ok := e.Y.(*plan.Const); ok {
		switch k.Value.Kind() {
		case row.KindInt:
			return compareWithInt(e.Op, x, k.Value, general)
		case row.KindString:
			return compareWithString(e.Op, x, k.Value, general)
		}
	}
	return func(t *thread, s *scope) bool { return general(x(t, s), y(t, s)) }
}

func compareWithInt(op string, x eval, c row.Value, general func(a, b row.Value) bool) test {
	n := c.Int()
	fast := map[string]func(int64) bool{
		"=": func(i int64) bool { return i == n }, "!=": func(i int64) bool { return i != n },
		"<": func(i int64) bool { return i < n }, ">": func(i int64) bool { return i > n },
		"<=": func(i int64) bool { return i <= n }, ">=": func(i int64) bool { return i >= n },
	}[op]
	return func(t *thread, s *scope) bool {
		v := x(t, s)
		if v.Kind() == row.KindInt {
			return fast(v.Int())
		}
		return general(v, c)
	}
}

func compareWithString(op string, x eval, c row.Value, general func(a, b row.Value) bool) test {
	text := c.Str()
	if op != "=" && op != "!=" {
		return func(t *thread, s *scope) bool { return general(x(t, s), c) }
	}
	equal := op == "="
	return func(t *thread, s *scope) bool {
		v := x(t, s)
		if v.Kind() == row.KindString {
			return (v.Str() == text) == equal
		}
		return general(v, c)
	}
}

func generalComparison(op string) func(a, b row.Value) bool {
	switch op {
	case "=":
		return row.Equal
	case "!=":
		return func(a, b row.Value) bool { return !row.Equal(a, b) }
	case "<":
		return less
	case ">":
		return func(a, b row.Value) bool { return less(b, a) }
	case "<=":
		return func(a, b row.Value) bool { return less(a, b) || row.Equal(a, b) }
	}
	return func(a, b row.Value) bool { return less(b, a) || row.Equal(a, b) }
}

// less is row.Less, with text beside a time read as a date.
func less(a, b row.Value) bool {
	a, b = a.Force(), b.Force()
	if a.Kind() == row.KindTime && b.Kind() == row.KindString {
		return lessDates(a, b)
	}
	if a.Kind() == row.KindString && b.Kind() == row.KindTime {
		return lessDates(a, b)
	}
	return row.Less(a, b)
}

func lessDates(a, b row.Value) bool {
	x, ok1 := dateOf(a)
	y, ok2 := dateOf(b)
	return ok1 && ok2 && x.Before(y)
}

func dateOf(v row.Value) (time.Time, bool) {
	if v.Kind() == row.KindTime {
		return v.Time(), true
	}
	return ParseDate(v.Str(), time.UTC)
}

func (c compiler) patternTest(e *plan.Pattern, sh *plan.Shape) test {
	x := c.compile(e.X, sh)
	switch {
	case e.All:
		return func(t *thread, s *scope) bool { x(t, s); return true }
	case e.Bad != nil:
		text := "Compile regexp: " + e.Bad.Error()
		return func(t *thread, s *scope) bool {
			t.session.logSeldom(Error, text)
			return false
		}
	}
	p := &pattern{re: e.Re}
	return func(t *thread, s *scope) bool {
		v := x(t, s)
		if v.Kind() == row.KindString {
			return p.re.MatchString(v.Str())
		}
		return matchValue(v, p, 0)
	}
}

// match is x =~ y for a pattern known only now.
func (t *thread) match(x, y row.Value) bool {
	y = y.Force()
	if y.Kind() != row.KindString {
		return false
	}
	p := t.session.pattern(y.Str())
	if p.all {
		return true
	}
	return p.bad == nil && matchValue(x, p, 0)
}

// matchValue searches a value's text; a list matches if one of its elements does.
func matchValue(v row.Value, p *pattern, depth int) bool {
	v = v.Force()
	switch v.Kind() {
	case row.KindString, row.KindBytes:
		return p.re.MatchString(v.Str())
	case row.KindInt, row.KindUint, row.KindFloat, row.KindTime, row.KindDict:
		return p.re.MatchString(row.Text(v))
	case row.KindList:
		for _, e := range v.List() {
			if depth < maxCalls && matchValue(e, p, depth+1) {
				return true
			}
		}
	case row.KindObject:
		if x, ok := v.Object().(row.Texter); ok {
			return p.re.MatchString(x.Text())
		}
		if !isQuery(v) && depth < maxCalls {
			return matchValue(v.Object().Plain(), p, depth+1)
		}
	}
	return false
}

func (c compiler) setTest(e *plan.InSet, sh *plan.Shape) test {
	x, strings, others := c.compile(e.X, sh), e.Strings, e.Others
	return func(t *thread, s *scope) bool {
		v := x(t, s).Force()
		if v.Kind() == row.KindString && strings[v.Str()] {
			return true
		}
		if v.Kind() != row.KindString {
			for text := range strings {
				if row.Equal(row.String(text), v) {
					return true
				}
			}
		}
		for _, o := range others {
			if row.Equal(o, v) {
				return true
			}
		}
		return false
	}
}
