package exec

import (
	"errors"
	"sync"
	"sync/atomic"

	"goshawk/row"
	"goshawk/vql/plan"
	"goshawk/vql/syntax"
)

// openColumns marks batches whose single value per row is a dict or an object
// with names of its own.
var openColumns = row.NewColumns("")

// maxShapes is the number of different sets of columns for which one SELECT is
// planned; rows with yet others are handled by name.
const maxShapes = 64

// chunkRows is the number of rows that an operator passes on at once.
const chunkRows = 256

// selectCode is a SELECT compiled for a scope of one shape.
type selectCode struct {
	session *Session
	sel     *syntax.Select
	shape   *plan.Shape
	from    source
	spare   atomic.Pointer[selectRun]

	mu    sync.Mutex // guards the fields below
	codes map[*row.Columns]*rowCode
	open  *rowCode
}

// rowCode is what a SELECT does with rows of one set of columns.
type rowCode struct {
	*plan.Rows
	listed []eval
	where  test
	key    eval
}

// newSelectCode is called with the session's planning lock held.
func newSelectCode(s *Session, sel *syntax.Select, sh *plan.Shape) *selectCode {
	at := &syntax.Symbol{Pos: sel.From.Pos, Name: sel.From.Name, Call: sel.From.Call}
	c := &selectCode{session: s, sel: sel, shape: sh, codes: map[*row.Columns]*rowCode{}}
	c.from = compiler{s}.compileSource(s.planner.Source(&sel.From, at, sh), sh)
	return c
}

// rows returns the code for source rows with the given columns.
func (c *selectCode) rows(cols *row.Columns) (code *rowCode, open bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if code, ok := c.codes[cols]; ok {
		return code, false
	}
	if cols != openColumns && len(c.codes) < maxShapes {
		code = c.plan(cols)
		c.codes[cols] = code
		return code, false
	}
	if c.open == nil {
		c.open = c.plan(nil)
	}
	return c.open, true
}

func (c *selectCode) plan(cols *row.Columns) *rowCode {
	s := c.session
	s.planning.Lock()
	defer s.planning.Unlock()
	p := s.planner.Rows(c.sel, c.shape, cols)
	rc := &rowCode{Rows: p, listed: make([]eval, len(p.Listed))}
	for i, l := range p.Listed {
		rc.listed[i] = compiler{s}.compile(l.Value, p.Row)
	}
	if p.Where != nil {
		rc.where = compiler{s}.predicate(p.Where, p.Alias)
	}
	if p.Key != nil {
		rc.key = compiler{s}.compile(p.Key, p.Alias)
	}
	return rc
}

// selectRun is one execution of a SELECT.
type selectRun struct {
	code  *selectCode
	t     *thread
	emit  Emit
	push  Emit // consume, bound once
	rc    *rowCode
	cols  *row.Columns // that rc is for
	open  bool
	row   scope // the source's row
	alias scope // the listed columns above it
	loose aggregates
	out   row.Batch
	left  int64 // rows that LIMIT still allows; -1: any number
	group *groups
	sort  *sorter
	stop  enough // returned to the source when LIMIT is reached
}

// run emits the rows of the SELECT in scope s.
func (c *selectCode) run(t *thread, s *scope, emit Emit) error {
	if !t.enter(c.sel.String) {
		return t.stopped
	}
	defer t.leave()
	r := c.spare.Swap(nil)
	if r == nil {
		r = &selectRun{code: c}
		r.push = r.consume
	}
	r.begin(t, s, emit)
	err := c.from(t, s, r.push)
	if err == nil || errors.Is(err, &r.stop) {
		err = r.finish()
	}
	if err == nil {
		err = t.stopped
	}
	r.end()
	c.spare.Store(r)
	return err
}

func (r *selectRun) begin(t *thread, s *scope, emit Emit) {
	sel := r.code.sel
	r.t, r.emit, r.left = t, emit, sel.Limit
	r.row.outer, r.row.aggs = s, s.aggs
	r.alias.outer, r.alias.aggs = &r.row, s.aggs
	if sel.GroupBy != nil {
		r.group = &groups{}
		r.row.aggs = &r.loose
	}
	if sel.OrderBy != "" {
		r.sort = newSorter(sel, t)
	}
}

func (r *selectRun) end() {
	r.t, r.emit, r.group, r.sort = nil, nil, nil, nil
	r.row = scope{shape: r.row.shape}
	r.alias.outer, r.alias.aggs = nil, nil
	clear(r.alias.vals)
	r.loose.states = nil
	if r.out.Cols != nil {
		r.out.Reset(r.out.Cols)
	}
}

// consume takes rows of the source.
func (r *selectRun) consume(b *row.Batch) error {
	if r.left == 0 && r.group == nil && r.sort == nil {
		return &r.stop
	}
	if b.Cols != r.cols {
		if err := r.change(b.Cols); err != nil {
			return err
		}
	}
	for i := range b.Len() {
		if err := r.t.tick(); err != nil {
			return err
		}
		if r.open {
			r.row.open = openRow(b, i)
		} else {
			r.row.vals = b.Row(i)
		}
		if err := r.one(); err != nil {
			return err
		}
	}
	return r.flush()
}

// openRow is row i as one value.
func openRow(b *row.Batch, i int) row.Value {
	if b.Cols == openColumns {
		return b.Row(i)[0]
	}
	return row.FromDict(b.Dict(i))
}

// change prepares for rows with other columns than those before.
func (r *selectRun) change(cols *row.Columns) error {
	if err := r.flush(); err != nil {
		return err
	}
	r.cols = cols
	r.rc, r.open = r.code.rows(cols)
	r.row.shape, r.alias.shape = r.rc.Row, r.rc.Alias
	n := len(r.rc.listed)
	r.alias.vals, r.alias.done, r.alias.code = make([]row.Value, n), make([]bool, n), r.rc
	if !r.open {
		r.out.Reset(r.rc.Out)
	}
	return nil
}

// one takes the row that r.row holds.
func (r *selectRun) one() error {
	rc := r.rc
	if rc.Thunked {
		clear(r.alias.done)
	}
	if rc.where != nil && !rc.where(r.t, &r.alias) {
		return r.t.stopped
	}
	if rc.key != nil {
		return r.grouped()
	}
	if r.open {
		return r.named()
	}
	r.fill(r.out.Extend())
	if err := r.fit(); err != nil {
		return err
	}
	return r.added()
}

// fit says whether a row that was just computed may be shown. What takes long
// may have ended because everything must end, with half a result.
func (r *selectRun) fit() error {
	if r.rc.Cheap {
		return r.t.stopped
	}
	return r.t.check()
}

// added passes the output on when there is enough of it.
func (r *selectRun) added() error {
	if r.sort == nil && r.left > 0 {
		if r.left--; r.left == 0 {
			if err := r.flush(); err != nil {
				return err
			}
			return &r.stop
		}
	}
	if r.out.Len() >= chunkRows || !r.rc.Cheap {
		return r.flush()
	}
	return nil
}

// fill computes the columns of a row whose columns are known.
func (r *selectRun) fill(vals []row.Value) {
	for _, c := range r.rc.Copies {
		vals[c.To] = r.t.settle(r.row.vals[c.From], &r.row)
	}
	for i := range r.rc.listed {
		vals[r.rc.Listed[i].Out] = r.listed(i)
	}
}

func (r *selectRun) listed(i int) row.Value {
	if r.rc.Thunked {
		return r.alias.thunk(r.t, i)
	}
	return r.t.settle(r.rc.listed[i](r.t, &r.row), &r.row)
}

// named computes a row whose columns are known only now.
func (r *selectRun) named() error {
	d := r.openDict()
	cols := r.t.names.Columns(d.Columns().Names())
	if r.out.Cols != cols {
		if err := r.flush(); err != nil {
			return err
		}
		r.out.Reset(cols)
	}
	r.out.Append(d.Values()...)
	if err := r.fit(); err != nil {
		return err
	}
	return r.added()
}

func (r *selectRun) openDict() *row.Dict {
	d := &row.Dict{}
	for _, e := range r.rc.Entries {
		if !e.Star {
			d.Set(r.rc.Listed[e.Listed].Name, r.listed(e.Listed))
			continue
		}
		src := asDict(r.row.open)
		if src == nil {
			continue
		}
		for i := range src.Len() {
			if _, ok := d.Get(src.Key(i)); !ok {
				d.Set(src.Key(i), r.t.settle(src.At(i), &r.row))
			}
		}
	}
	return d
}

// flush passes on what is ready.
func (r *selectRun) flush() error {
	if r.out.Len() == 0 {
		return nil
	}
	var err error
	if r.sort != nil {
		err = r.sort.add(&r.out)
	} else {
		err = r.emit(&r.out)
	}
	r.out.Reset(r.out.Cols)
	return err
}

// finish emits what could only be known at the end of the source.
func (r *selectRun) finish() error {
	if r.t.stopped != nil {
		return r.t.stopped
	}
	emit := r.emit
	if r.left >= 0 && (r.group != nil || r.sort != nil) {
		emit = r.limited(r.emit)
	}
	if err := r.flush(); err != nil {
		return err
	}
	var err error
	switch {
	case r.group != nil && r.sort != nil:
		if err = r.group.emit(r.sort.add); err == nil {
			err = r.sort.emit(emit)
		}
	case r.group != nil:
		err = r.group.emit(emit)
	case r.sort != nil:
		err = r.sort.emit(emit)
	}
	if errors.Is(err, &r.stop) {
		return nil
	}
	return err
}

// limited lets LIMIT's number of rows through.
func (r *selectRun) limited(emit Emit) Emit {
	left := int(r.code.sel.Limit)
	return func(b *row.Batch) error {
		if left == 0 {
			return &r.stop
		}
		part := b.Part(0, min(left, b.Len()))
		left -= part.Len()
		if err := emit(&part); err != nil {
			return err
		}
		if left == 0 {
			return &r.stop
		}
		return nil
	}
}

// plainRows emits open rows under the columns that each has.
func plainRows(t *thread, b *row.Batch, emit Emit) error {
	for i := range b.Len() {
		d := t.dictOf(b, i)
		one := row.NewBatch(t.names.Columns(d.Columns().Names()), 1)
		one.Append(d.Values()...)
		if err := emit(one); err != nil {
			return err
		}
	}
	return nil
}
