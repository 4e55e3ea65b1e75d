package exec

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"goshawk/row"
	"goshawk/vql/plan"
	"goshawk/vql/syntax"
)

// Call is the call of a plugin or function, and its way to the session.
type Call struct {
	t    *thread
	s    *scope
	site *callSite
}

// Name is the name under which it was called.
func (c *Call) Name() string { return c.site.name }

// Log writes a line to the query's log.
func (c *Call) Log(level Level, format string, args ...any) {
	c.t.log(level, fmt.Sprintf(format, args...))
}

// LogSeldom is Log for what may happen at every row: identical lines are held
// back for a minute.
func (c *Call) LogSeldom(level Level, format string, args ...any) {
	c.t.session.logSeldom(level, fmt.Sprintf(format, args...))
}

// Lookup returns the variable that a name stands for where the call is.
func (c *Call) Lookup(name string) (row.Value, bool) {
	s := c.t.session
	if !s.has(name, c.s.shape) {
		return row.Null, false
	}
	return c.t.settle(s.expr(nameKey(name), &syntax.Symbol{Name: []string{name}}, c.s.shape)(c.t, c.s), c.s), true
}

type nameKey string

func (s *Session) has(name string, sh *plan.Shape) bool {
	s.planning.Lock()
	defer s.planning.Unlock()
	return sh.Has(name)
}

// State returns what is kept in the session under key, and makes it at first.
func (c *Call) State(key any, make func() any) any {
	s := c.t.session
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.states[key]
	if !ok {
		v = make()
		s.states[key] = v
	}
	return v
}

// OnClose has f called when the session ends, the last given first.
func (c *Call) OnClose(f func()) {
	s := c.t.session
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cleanup = append(s.cleanup, f)
}

// Now is the session's clock.
func (c *Call) Now() time.Time { return c.t.session.opts.Now() }

// Vocabulary is what the session's queries can call.
func (c *Call) Vocabulary() *Vocabulary { return c.t.session.vocab }

// Scope returns the scope of the call as a value, whose members are the names
// visible there.
func (c *Call) Scope() row.Value { return row.FromObject(&scopeValue{t: c.t, s: c.s.snapshot()}) }

// Truth says whether a value is true; a query is if it yields a row.
func (c *Call) Truth(v row.Value) bool { return c.t.truth(v, c.s) }

// Member is the dot operator: a member of a dict, those of a list's elements,
// a column of a query.
func (c *Call) Member(v row.Value, name string) row.Value { return c.t.member(v, name, c.s) }

// Match says whether v matches a pattern as =~ does.
func (c *Call) Match(v row.Value, pattern string) bool { return c.t.match(v, row.String(pattern)) }

// Pattern compiles a pattern as =~ does, once for each text.
func (c *Call) Pattern(text string) (*regexp.Regexp, error) {
	p := c.t.session.pattern(text)
	if p.re == nil && p.bad == nil {
		return plan.CompilePattern(text) // one of those that match anything
	}
	return p.re, p.bad
}

// Run runs the statements of a text in a scope of its own that begins with env,
// and hands the rows of all of them to emit.
func (c *Call) Run(ctx context.Context, p *syntax.Program, env []Variable, emit Emit) error {
	s := c.t.session
	inner := NewSession(s.vocab, Options{Env: env, Log: s.log, Now: s.opts.Now})
	inner.main.depth = c.t.depth
	defer inner.Close()
	return inner.Run(ctx, p, func(_ int, b *row.Batch) error { return emit(b) })
}

// warning is an error that is logged as less than one.
type warning struct{ error }

func (w warning) Unwrap() error { return w.error }

// Warning marks an error of a plugin or function that is met in the normal
// course of things, such as a file that is missing: it is logged as WARN and
// does not make the query a failed one.
func Warning(err error) error { return warning{err} }

func levelOf(err error) Level {
	var w warning
	if errors.As(err, &w) {
		return Warn
	}
	return Error
}

// Lazy is an argument that was not evaluated.
type Lazy struct {
	t *thread
	s *scope
	e eval
}

// IsSet says whether the argument was given.
func (l Lazy) IsSet() bool { return l.e != nil }

// Value evaluates the argument, each time anew. A query is not run.
func (l Lazy) Value() row.Value {
	if l.e == nil {
		return row.Null
	}
	return l.e(l.t, l.s).Force()
}

// Truth evaluates the argument for its truth.
func (l Lazy) Truth() bool { return l.e != nil && l.t.truth(l.e(l.t, l.s), l.s) }

// Lambda is an argument that is called with values.
type Lambda struct {
	t    *thread
	s    *scope
	l    *syntax.Lambda
	cols *row.Columns
}

// Call evaluates the lambda; another number of arguments than it has is NULL and a log line.
func (l *Lambda) Call(args ...row.Value) row.Value {
	t := l.t
	if len(args) != len(l.l.Params) {
		t.session.logSeldom(Error, fmt.Sprintf("Lambda %s takes %d arguments, not %d", l.l.Source, len(l.l.Params), len(args)))
		return row.Null
	}
	if !t.enter(func() string { return l.l.Source }) {
		return row.Null
	}
	defer t.leave()
	sh := t.session.rowShape(l.s.shape, l.cols)
	sc := t.push(l.s, sh, len(args))
	defer t.pop(sc)
	copy(sc.vals, args)
	return t.settle(t.session.expr(l.l, l.l.Body, sh)(t, sc), sc)
}

func (s *Session) rowShape(sh *plan.Shape, cols *row.Columns) *plan.Shape {
	s.planning.Lock()
	defer s.planning.Unlock()
	if cols == openColumns {
		return sh.Open()
	}
	return sh.Row(cols)
}

// scopeValue is the value of scope(): a snapshot of what is visible.
type scopeValue struct {
	t *thread
	s *scope
}

// snapshot copies the frames, whose storage is used again for the next row.
func (s *scope) snapshot() *scope {
	if s == nil {
		return nil
	}
	return &scope{
		outer: s.outer.snapshot(), shape: s.shape, aggs: s.aggs, open: s.open, code: s.code,
		vals: append([]row.Value(nil), s.vals...), done: append([]bool(nil), s.done...),
	}
}

// Member returns the variable called name.
func (v *scopeValue) Member(name string) (row.Value, bool) {
	return (&Call{t: v.t, s: v.s}).Lookup(name)
}

// Plain shows nothing: a scope is looked into, not printed.
func (v *scopeValue) Plain() row.Value { return emptyRow }

// Truth is always true: there is a scope.
func (v *scopeValue) Truth() bool { return true }
