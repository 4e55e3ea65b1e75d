package exec

import (
	"encoding/binary"
	"sync"

	"goshawk/row"
)

// aggregates is the states of the aggregates of one context, by their places.
type aggregates struct {
	states []any
	shared bool       // several goroutines use it
	mu     sync.Mutex // guards states when shared
}

func (a *aggregates) at(place int) any {
	if place < len(a.states) {
		return a.states[place]
	}
	return nil
}

func (a *aggregates) set(place int, state any) {
	for len(a.states) <= place {
		a.states = append(a.states, nil)
	}
	a.states[place] = state
}

// groups is what GROUP BY keeps: for each key the last row and the aggregates.
type groups struct {
	byKey map[string]*group
	order []*group
	key   []byte // reused
}

type group struct {
	cols *row.Columns
	vals []row.Value // the columns as computed for the last row
	aggs aggregates
}

// of returns the group of a key, which is compared as text: 1, 1.0 and '1' are one.
func (g *groups) of(key row.Value) (found *group, isNew bool) {
	g.key = appendKey(g.key[:0], key)
	if have, ok := g.byKey[string(g.key)]; ok {
		return have, false
	}
	if g.byKey == nil {
		g.byKey = make(map[string]*group)
	}
	n := &group{}
	g.byKey[string(g.key)] = n
	g.order = append(g.order, n)
	return n, true
}

// appendKey writes the text of a key; the parts of a list are kept apart by their lengths.
func appendKey(dst []byte, key row.Value) []byte {
	if key.Kind() != row.KindList {
		return row.AppendText(dst, key)
	}
	for _, v := range key.List() {
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		dst = row.AppendText(dst, v)
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst
}

// grouped adds the row that r.row holds to its group.
func (r *selectRun) grouped() error {
	r.row.aggs = &r.loose
	key := r.t.settle(r.rc.key(r.t, &r.alias), &r.alias)
	if r.t.stopped != nil {
		return r.t.stopped
	}
	g, isNew := r.group.of(key)
	r.row.aggs = &g.aggs
	if r.open {
		d := r.openDict()
		g.cols, g.vals = r.t.names.Columns(d.Columns().Names()), d.Values()
	} else {
		g.cols = r.rc.Out
		if len(g.vals) != g.cols.Len() {
			g.vals = make([]row.Value, g.cols.Len())
		}
		r.fill(g.vals)
	}
	if isNew {
		return r.t.session.hold(int64(len(r.group.key)) + 200 + 24*int64(len(g.vals)))
	}
	return r.t.stopped
}

// emit hands out one row for each group, in order of first appearance.
func (g *groups) emit(emit Emit) error {
	var b *row.Batch
	for _, one := range g.order {
		if b != nil && (b.Cols != one.cols || b.Len() >= chunkRows) {
			if err := emit(b); err != nil {
				return err
			}
			b = nil
		}
		if b == nil {
			b = row.NewBatch(one.cols, chunkRows)
		}
		b.Append(one.vals...)
	}
	if b == nil {
		return nil
	}
	return emit(b)
}
