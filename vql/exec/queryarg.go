package exec

import (
	"context"
	"sync"

	"goshawk/row"
)

// Query is an argument that yields rows: a sub-query, a stored query, or any
// value, taken as rows.
type Query struct {
	t   *thread
	s   *scope
	v   row.Value
	set bool
}

// IsSet says whether the argument was given.
func (q Query) IsSet() bool { return q.set }

// Rows runs the query where the call is.
func (q Query) Rows(emit Emit) error { return q.t.rowsOfArgument(q.v, q.s, emit) }

// Dicts runs the query and hands out each row as a dict, until f returns false.
func (q Query) Dicts(f func(d *row.Dict) (more bool)) error {
	stop := &enough{}
	err := q.Rows(func(b *row.Batch) error {
		for i := range b.Len() {
			if !f(q.t.dictOf(b, i)) {
				return stop
			}
		}
		return nil
	})
	if err == error(stop) {
		return nil
	}
	return err
}

// Value returns what was given: a query becomes the list of its rows.
func (q Query) Value() row.Value { return q.t.settle(q.v, q.s) }

// Each runs the query once for each row of b, in a scope that has the row.
func (q Query) Each(b *row.Batch, emit Emit) error { return q.each(q.t, b, emit) }

func (q Query) each(t *thread, b *row.Batch, emit Emit) error {
	sh := t.session.rowShape(q.s.shape, b.Cols)
	sc := t.push(q.s, sh, 0)
	defer t.popRow(sc)
	var code *selectCode
	if isQuery(q.v) {
		if stored := q.v.Object().(*storedQuery); stored.aggs == nil {
			code = t.session.code(stored.sel, sh)
		}
	}
	for i := range b.Len() {
		if b.Cols == openColumns {
			sc.open = b.Row(i)[0]
		} else {
			sc.vals = b.Row(i)
		}
		var err error
		if code != nil {
			err = code.run(t, sc, emit)
		} else {
			err = t.rowsOfArgument(q.v, sc, emit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// popRow gives back a scope that borrowed its values from a batch.
func (t *thread) popRow(s *scope) {
	s.vals = nil
	t.pop(s)
}

// EachParallel runs the query once for each row of rows, up to workers at a
// time. The rows of one run come out together, in the order of rows.
func (q Query) EachParallel(ctx context.Context, rows Query, workers int, emit Emit) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q.s.share(q.t)
	jobs, done := make(chan *job, workers), make(chan *job, workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			t := q.t.fork(ctx)
			for j := range jobs {
				j.run(q, t)
			}
		})
	}
	var rowsErr error
	wg.Go(func() {
		rows.t = q.t.fork(ctx)
		rowsErr = rows.Rows(func(b *row.Batch) error { return submit(ctx, b, jobs, done) })
		close(jobs)
		close(done)
	})
	var err error
	for j := range done { // hands the jobs' rows on in their order
		<-j.ready
		if err == nil {
			if err = j.hand(emit); err != nil {
				cancel()
			}
		}
	}
	wg.Wait()
	if err == nil {
		err = rowsErr
	}
	return err
}

// share makes a scope fit for several goroutines: nothing in it is computed
// later, and its aggregates are locked.
func (s *scope) share(t *thread) {
	for ; s != nil; s = s.outer {
		for i := range s.done {
			s.thunk(t, i)
		}
		if s.aggs != nil {
			s.aggs.shared = true
		}
	}
}

// job is one row of EachParallel and what its run yields.
type job struct {
	row   *row.Batch
	out   []*row.Batch
	err   error
	ready chan struct{}
}

func submit(ctx context.Context, b *row.Batch, jobs, done chan<- *job) error {
	for i := range b.Len() {
		part := b.Part(i, i+1)
		j := &job{row: part.Clone(), ready: make(chan struct{})}
		for _, c := range []chan<- *job{jobs, done} {
			select {
			case c <- j:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return nil
}

func (j *job) run(q Query, t *thread) {
	defer close(j.ready)
	j.err = q.each(t, j.row, func(b *row.Batch) error {
		j.out = append(j.out, b.Clone())
		return nil
	})
	if j.err == nil {
		j.err = t.check()
	}
}

func (j *job) hand(emit Emit) error {
	for _, b := range j.out {
		if err := emit(b); err != nil {
			return err
		}
	}
	return j.err
}
