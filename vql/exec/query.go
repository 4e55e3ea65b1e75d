package exec

import (
	"fmt"

	"goshawk/row"
	"goshawk/vql/syntax"
)

// storedQuery is a query as a value: not run yet, and run in the scope where
// it is used.
type storedQuery struct {
	sel  *syntax.Select
	aggs *aggregates  // of a call that bound arguments; nil: none did
	cols *row.Columns // of the bound arguments
	vals []row.Value
}

// Member is never asked: the engine runs a query before it looks into it.
func (*storedQuery) Member(string) (row.Value, bool) { return row.Null, false }

// Plain is never shown: a query is run before it becomes part of a row.
func (*storedQuery) Plain() row.Value { return row.Null }

func isQuery(v row.Value) bool {
	if v.Kind() != row.KindObject {
		return false
	}
	_, ok := v.Object().(*storedQuery)
	return ok
}

// runQuery emits the rows of the query v, run in scope s.
func (t *thread) runQuery(v row.Value, s *scope, emit Emit) error {
	q := v.Object().(*storedQuery)
	if q.aggs == nil {
		return t.session.code(q.sel, s.shape).run(t, s, emit)
	}
	sc := t.push(s, t.session.rowShape(s.shape, q.cols), len(q.vals))
	defer t.pop(sc)
	copy(sc.vals, q.vals)
	sc.aggs = q.aggs
	return t.session.code(q.sel, sc.shape).run(t, sc, emit)
}

// enough ends a query of which no more rows are wanted. Its byte gives each
// one an address of its own, by which it is told from others.
type enough struct{ _ byte }

func (*enough) Error() string { return "no more rows are wanted" }

// takeRows runs a query until f wants no more, and turns each row into a dict.
// What f keeps counts as held until the query ends; whoever gets it counts on.
func (t *thread) takeRows(v row.Value, s *scope, f func(d *row.Dict) (more bool)) {
	stop, held := &enough{}, int64(0)
	err := t.runQuery(v, s, func(b *row.Batch) error {
		for i := range b.Len() {
			d := t.dictOf(b, i)
			n := row.Footprint(row.FromDict(d))
			if err := t.session.hold(n); err != nil {
				return err
			}
			if held += n; !f(d) {
				return stop
			}
		}
		return nil
	})
	t.session.release(held)
	if err != nil && err != error(stop) {
		t.fail(err)
	}
}

// dictOf returns row i of a batch as a dict; an open row is what it holds.
func (t *thread) dictOf(b *row.Batch, i int) *row.Dict {
	if b.Cols != openColumns {
		return b.Dict(i)
	}
	if d := asDict(b.Row(i)[0]); d != nil {
		return d
	}
	return &row.Dict{}
}

// asDict returns a dict, or an object that shows itself as one; else nil.
func asDict(v row.Value) *row.Dict {
	v = v.Force()
	if v.Kind() == row.KindObject && !isQuery(v) {
		v = v.Object().Plain()
	}
	if v.Kind() == row.KindDict {
		return v.Dict()
	}
	return nil
}

// warnRows is the number of rows from which on making a list of a query is logged.
const warnRows = 10000

func (t *thread) listOfQuery(v row.Value, s *scope) row.Value {
	out := []row.Value{}
	t.takeRows(v, s, func(d *row.Dict) bool {
		if len(out) == warnRows {
			t.session.logSeldom(Warn, fmt.Sprintf("A query with more than %d rows becomes a list in memory", warnRows))
		}
		out = append(out, row.FromDict(d))
		return true
	})
	return row.List(out)
}

func (t *thread) columnOfQuery(v row.Value, name string, s *scope) row.Value {
	out := []row.Value{}
	t.takeRows(v, s, func(d *row.Dict) bool {
		m, _ := d.Member(name)
		out = append(out, m)
		return true
	})
	return row.List(out)
}

// rowOfQuery is q[i]: the query runs up to that row.
func (t *thread) rowOfQuery(v, at row.Value, s *scope) row.Value {
	n, ok := at.Force().Number()
	i := int64(n)
	if !ok || i < 0 {
		return row.List(nil)
	}
	found := row.List(nil)
	t.takeRows(v, s, func(d *row.Dict) bool {
		if i == 0 {
			found = row.FromDict(d)
		}
		i--
		return i >= 0
	})
	return found
}

func (t *thread) anyRow(v row.Value, s *scope) bool {
	any := false
	t.takeRows(v, s, func(*row.Dict) bool { any = true; return false })
	return any
}

// unwrapQuery is the value of { SELECT … } as a column: rows of one column are
// that column's value, a single row stands for itself, no row is NULL.
func (t *thread) unwrapQuery(v row.Value, s *scope) row.Value {
	var out []row.Value
	t.takeRows(v, s, func(d *row.Dict) bool {
		e := row.FromDict(d)
		if d.Len() == 1 {
			e = d.At(0)
		}
		out = append(out, e)
		return true
	})
	switch len(out) {
	case 0:
		return row.Null
	case 1:
		return out[0]
	}
	return row.List(out)
}
