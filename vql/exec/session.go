// Package exec runs plans: expressions become closures, statements become
// operators that pass batches of rows on. What is planned and compiled belongs
// to a Session, the run of one list of statements in one scope.
//
// A source pushes batches into the statement's operator, which pushes its own
// to whoever asked; nothing is queued, and a receiver that wants no more says
// so by an error that unwinds to the statement which set the limit. Rows of
// statements whose columns have side effects or take long are passed on one by
// one, so that none is computed that nobody asked for.
package exec

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"time"

	"goshawk/row"
	"goshawk/vql/plan"
	"goshawk/vql/syntax"
)

// Emit takes a batch of rows, which is the caller's again when it returns. An
// error tells the sender to stop and to return that error.
type Emit func(b *row.Batch) error

// Level says how much a log line matters.
type Level string

// The levels.
const (
	Default Level = "DEFAULT"
	Debug   Level = "DEBUG"
	Info    Level = "INFO"
	Warn    Level = "WARN"
	Error   Level = "ERROR"
	Alert   Level = "ALERT"
)

// Variable is a name that a session's scope begins with.
type Variable struct {
	Name  string
	Value row.Value
}

// Options of a session. The zero value works.
type Options struct {
	Env    []Variable
	Log    func(level Level, text string) // called from one goroutine at a time
	Limits Limits
	Now    func() time.Time
}

// Limits end a session with ErrLimit when they are passed. Zero is none.
type Limits struct {
	Rows  int64         // emitted by all statements together
	Bytes int64         // held at once by sorts, groups and materialised queries
	Time  time.Duration // of each Run
}

// Session runs statements one after another in one scope: what a LET defines
// is there for the statements after it. Its methods must not be called from two
// goroutines at a time.
type Session struct {
	vocab   *Vocabulary
	planner plan.Planner
	opts    Options
	shape   *plan.Shape // of the scope as it is now
	globals []row.Value // values of the root frame
	aggs    *aggregates
	main    *thread
	rows    int64 // emitted so far

	planning sync.Mutex // guards shapes, the planner and the field below
	codes    map[codeKey]any

	mu       sync.Mutex // guards the fields below, which several workers may use; never held while planning begins
	lambdas  map[string]*syntax.Lambda
	patterns map[string]*pattern
	cleanup  []func()
	states   map[any]any
	said     map[string]time.Time
	held     int64
}

type codeKey struct {
	node  any // *syntax.Select, *syntax.Let, *syntax.Lambda
	shape *plan.Shape
}

type pattern struct {
	re  *regexp.Regexp
	all bool
	bad error
}

// NewSession begins a session with the given vocabulary.
func NewSession(v *Vocabulary, o Options) *Session {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = func(Level, string) {}
	}
	s := &Session{
		vocab: v, opts: o, aggs: &aggregates{},
		codes: map[codeKey]any{}, lambdas: map[string]*syntax.Lambda{}, patterns: map[string]*pattern{},
		states: map[any]any{}, said: map[string]time.Time{},
	}
	names := make([]string, 0, len(o.Env))
	for _, e := range o.Env {
		names = append(names, e.Name)
		s.globals = append(s.globals, e.Value)
	}
	s.shape = plan.NewRoot(names)
	s.main = &thread{session: s}
	s.planner = plan.Planner{Names: v, Fold: s.fold}
	return s
}

// Run runs the statements in order and hands the rows of the i-th one to emit.
// It returns nil when every statement ran to its end, whatever was logged on
// the way; otherwise emit's error, ErrLimit, or ctx's error.
func (s *Session) Run(ctx context.Context, p *syntax.Program, emit func(statement int, b *row.Batch) error) error {
	if s.opts.Limits.Time > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.opts.Limits.Time, fmt.Errorf("%w: query timed out after %v", ErrLimit, s.opts.Limits.Time))
		defer cancel()
	}
	s.main.ctx, s.main.stopped = ctx, nil
	for i, st := range p.Statements {
		err := s.statement(st, func(b *row.Batch) error { return s.deliver(i, b, emit) })
		if err != nil {
			return s.reason(ctx, err)
		}
	}
	return nil
}

// reason prefers the cause of a cancelled context to the bare fact.
func (s *Session) reason(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (s *Session) statement(st syntax.Statement, emit Emit) error {
	if let, ok := st.(*syntax.Let); ok {
		return s.let(let)
	}
	sel := st.(*syntax.Select)
	if sel.Explain {
		s.log(Debug, sel.String())
	}
	sc := s.scope()
	return s.code(sel, s.shape).run(s.main, sc, emit)
}

// scope returns the root scope as it is now.
func (s *Session) scope() *scope {
	return &scope{vals: s.globals, shape: s.shape, aggs: s.aggs}
}

// deliver hands finished rows on and enforces the limit on their number.
func (s *Session) deliver(i int, b *row.Batch, emit func(int, *row.Batch) error) error {
	if b.Cols == openColumns {
		return plainRows(s.main, b, func(b *row.Batch) error { return s.deliver(i, b, emit) })
	}
	if max := s.opts.Limits.Rows; max > 0 && s.rows+int64(b.Len()) > max {
		part := b.Part(0, int(max-s.rows))
		s.rows = max
		if part.Len() > 0 {
			if err := emit(i, &part); err != nil {
				return err
			}
		}
		return fmt.Errorf("%w: more than %d rows", ErrLimit, max)
	}
	s.rows += int64(b.Len())
	return emit(i, b)
}

func (s *Session) let(l *syntax.Let) error {
	if s.vocab.Function(l.Name) != nil {
		s.log(Warn, fmt.Sprintf("LET %s masks the function of that name wherever it is not called", l.Name))
	}
	if !l.Materialized {
		s.shape = s.shape.Define(l)
		return nil
	}
	if l.HasParams {
		s.log(Warn, fmt.Sprintf("LET %s has parameters but is evaluated now: they are unbound", l.Name))
	}
	v, err := s.materialize(l)
	if err != nil {
		return err
	}
	s.globals = append(s.globals[:len(s.globals):len(s.globals)], v)
	s.shape = s.shape.Value(l.Name, len(s.globals)-1)
	return nil
}

func (s *Session) materialize(l *syntax.Let) (row.Value, error) {
	t, sc := s.main, s.scope()
	if l.Query != nil {
		return t.table(func(emit Emit) error { return s.code(l.Query, s.shape).run(t, sc, emit) })
	}
	v := s.expr(l, l.Value, s.shape)(t, sc)
	if isQuery(v) {
		return t.table(func(emit Emit) error { return t.runQuery(v, sc, emit) })
	}
	return v, t.err()
}

// Close releases what functions and plugins kept for the session, the newest first.
func (s *Session) Close() {
	s.mu.Lock()
	fs := s.cleanup
	s.cleanup = nil
	s.mu.Unlock()
	for i := len(fs) - 1; i >= 0; i-- {
		fs[i]()
	}
}

// sayAgain is how long an identical log line is held back.
const sayAgain = time.Minute

func (s *Session) log(level Level, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.Log(level, text)
}

// logSeldom logs a line that may come once per row: identical ones are held
// back for a minute, and their number is bounded.
func (s *Session) logSeldom(level Level, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	if at, ok := s.said[text]; ok && now.Sub(at) < sayAgain {
		return
	}
	if len(s.said) >= 10000 {
		s.said = map[string]time.Time{}
	}
	s.said[text] = now
	s.opts.Log(level, text)
}

// hold accounts for bytes that an operator keeps.
func (s *Session) hold(n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held += n; s.opts.Limits.Bytes > 0 && s.held > s.opts.Limits.Bytes {
		return fmt.Errorf("%w: more than %d bytes held by sorting, grouping or materialised queries", ErrLimit, s.opts.Limits.Bytes)
	}
	return nil
}

// release takes back what hold accounted for.
func (s *Session) release(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held -= n
}

// code returns the compiled form of a SELECT for a scope of the given shape.
func (s *Session) code(sel *syntax.Select, sh *plan.Shape) *selectCode {
	s.planning.Lock()
	defer s.planning.Unlock()
	key := codeKey{sel, sh}
	if c, ok := s.codes[key]; ok {
		return c.(*selectCode)
	}
	c := newSelectCode(s, sel, sh)
	s.codes[key] = c
	return c
}

// expr returns the compiled value of a LET, or the body of a lambda, for a
// scope of the given shape.
func (s *Session) expr(node any, body syntax.Expr, sh *plan.Shape) eval {
	s.planning.Lock()
	defer s.planning.Unlock()
	key := codeKey{node, sh}
	if c, ok := s.codes[key]; ok {
		return c.(eval)
	}
	e := compiler{s}.compile(s.planner.Expr(body, sh), sh)
	s.codes[key] = e
	return e
}

// pattern returns a compiled pattern of =~ that is known only now.
func (s *Session) pattern(text string) *pattern {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.patterns[text]; ok {
		return p
	}
	if len(s.patterns) >= 1000 {
		s.patterns = map[string]*pattern{}
	}
	pl := plan.NewPattern(nil, text)
	p := &pattern{re: pl.Re, all: pl.All, bad: pl.Bad}
	s.patterns[text] = p
	if p.bad != nil {
		s.opts.Log(Error, "Compile regexp: "+p.bad.Error())
	}
	return p
}
