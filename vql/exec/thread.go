package exec

import (
	"context"
	"errors"

	"goshawk/row"
	"goshawk/vql/plan"
)

// ErrLimit ends a session that passed one of its limits.
var ErrLimit = errors.New("limit reached")

// eval computes an expression in a scope.
type eval func(t *thread, s *scope) row.Value

// scope is one frame of values over others, as its shape describes it.
type scope struct {
	outer *scope
	vals  []row.Value // one per column of a closed frame
	shape *plan.Shape
	aggs  *aggregates
	own   aggregates // what aggs points to in a call

	open row.Value // the dict or object of an open frame
	code *rowCode  // of a frame of thunks: how to compute them
	done []bool    // of a frame of thunks: which are computed
}

// anew begins an aggregation context in s.
func (s *scope) anew() {
	clear(s.own.states)
	s.aggs = &s.own
}

// up returns the scope that many frames outwards.
func (s *scope) up(hops int) *scope {
	for ; hops > 0; hops-- {
		s = s.outer
	}
	return s
}

// thread is one goroutine's part in a session.
type thread struct {
	session *Session
	ctx     context.Context
	ticks   uint
	depth   int
	stopped error // why everything must end, once it is known
	folding bool  // computes constants before the query runs: what fails is left for later
	names   row.Interner
	frames  []*scope // unused ones
}

// tick is called once for each row; now and then it looks whether to go on.
func (t *thread) tick() error {
	if t.ticks++; t.ticks%tickEvery != 0 {
		return t.stopped
	}
	return t.check()
}

// tickEvery is the number of rows between two looks at the context.
const tickEvery = 64

func (t *thread) check() error {
	if t.stopped == nil && t.ctx.Err() != nil {
		t.stopped = context.Cause(t.ctx)
	}
	return t.stopped
}

// err is why everything must end, or nil.
func (t *thread) err() error { return t.check() }

// fail ends the session: a limit was passed in the middle of an expression,
// which has no other way to say so.
func (t *thread) fail(err error) {
	if t.stopped == nil {
		t.stopped = err
	}
}

// maxCalls is how deep calls of LETs and queries may be nested.
const maxCalls = 1000

// enter counts a nested call and says whether it may go ahead.
func (t *thread) enter(what func() string) bool {
	if t.depth >= maxCalls {
		t.session.logSeldom(Error, "Stack Overflow: "+what())
		return false
	}
	if t.stopped != nil {
		return false
	}
	t.depth++
	return true
}

func (t *thread) leave() { t.depth-- }

// push returns a scope below outer, to be given back by pop.
func (t *thread) push(outer *scope, sh *plan.Shape, n int) *scope {
	var s *scope
	if last := len(t.frames) - 1; last >= 0 {
		s, t.frames = t.frames[last], t.frames[:last]
	} else {
		s = &scope{}
	}
	s.outer, s.shape, s.aggs = outer, sh, outer.aggs
	if cap(s.vals) < n {
		s.vals = make([]row.Value, n)
	}
	s.vals = s.vals[:n]
	return s
}

func (t *thread) pop(s *scope) {
	clear(s.vals)
	s.outer, s.aggs, s.open = nil, nil, row.Null
	t.frames = append(t.frames, s)
}

// fork returns a thread of the same session for another goroutine.
func (t *thread) fork(ctx context.Context) *thread {
	return &thread{session: t.session, ctx: ctx, depth: t.depth}
}

func (t *thread) log(level Level, text string) { t.session.log(level, text) }
