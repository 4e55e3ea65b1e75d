package exec

import (
	"goshawk/row"
)

// Table is the rows of a query that was run, kept in memory.
type Table struct {
	batches []*row.Batch
	n       int
}

// table runs a query and keeps its rows.
func (t *thread) table(run func(Emit) error) (row.Value, error) {
	tab := &Table{}
	err := run(func(b *row.Batch) error {
		if b.Cols == openColumns {
			return plainRows(t, b, tab.add(t))
		}
		return tab.add(t)(b)
	})
	return row.FromObject(tab), err
}

func (tab *Table) add(t *thread) Emit {
	return func(b *row.Batch) error {
		if err := t.session.hold(batchSize(b)); err != nil {
			return err
		}
		if last := len(tab.batches) - 1; last >= 0 && tab.batches[last].Cols == b.Cols && tab.batches[last].Len() < chunkRows {
			for i := range b.Len() {
				tab.batches[last].Append(b.Row(i)...)
			}
		} else {
			tab.batches = append(tab.batches, b.Clone())
		}
		tab.n += b.Len()
		return nil
	}
}

// batchSize is about how many bytes the values of a batch take.
func batchSize(b *row.Batch) (n int64) {
	for i := range b.Len() {
		for _, v := range b.Row(i) {
			n += row.Footprint(v)
		}
	}
	return n
}

func tableOf(v row.Value) (*Table, bool) {
	if v.Kind() != row.KindObject {
		return nil, false
	}
	tab, ok := v.Object().(*Table)
	return tab, ok
}

// rows hands out the table's rows. The batches are the table's own: receivers
// get copies of their headers, so that the table cannot be changed.
func (tab *Table) rows(emit Emit) error {
	for _, b := range tab.batches {
		part := b.Part(0, b.Len())
		if err := emit(&part); err != nil {
			return err
		}
	}
	return nil
}

// Len is the number of rows.
func (tab *Table) Len() int { return tab.n }

// Index returns row i as a dict.
func (tab *Table) Index(i int) row.Value {
	for _, b := range tab.batches {
		if i < b.Len() {
			return row.FromDict(b.Dict(i))
		}
		i -= b.Len()
	}
	return row.Null
}

// Slice returns some rows as a list of dicts.
func (tab *Table) Slice(from, to int) row.Value {
	out := make([]row.Value, 0, to-from)
	for i := from; i < to; i++ {
		out = append(out, tab.Index(i))
	}
	return row.List(out)
}

// Member returns a column as a list, NULL for rows that lack it.
func (tab *Table) Member(name string) (row.Value, bool) {
	out := make([]row.Value, 0, tab.n)
	for _, b := range tab.batches {
		at := b.Cols.Index(name)
		for i := range b.Len() {
			if at < 0 {
				out = append(out, row.Null)
			} else {
				out = append(out, b.Row(i)[at])
			}
		}
	}
	return row.List(out), true
}

// Plain returns all rows as a list of dicts.
func (tab *Table) Plain() row.Value { return tab.Slice(0, tab.n) }
