package exec

import (
	"fmt"
	"slices"

	"goshawk/row"
	"goshawk/vql/syntax"
)

// sorter keeps the rows of a statement until all are there, and of them only
// as many as LIMIT lets through.
type sorter struct {
	t     *thread
	by    string
	desc  bool
	limit int64 // -1: none
	rows  []sortRow
	seq   int
	held  int64
}

type sortRow struct {
	key  row.Value
	seq  int // place in the input, so that equal keys keep their order
	cols *row.Columns
	vals []row.Value
}

func newSorter(sel *syntax.Select, t *thread) *sorter {
	return &sorter{t: t, by: sel.OrderBy, desc: sel.Desc, limit: sel.Limit}
}

// add keeps copies of the rows of a batch.
func (s *sorter) add(b *row.Batch) error {
	at := b.Cols.Index(s.by)
	if at < 0 {
		s.t.session.logSeldom(Warn, fmt.Sprintf("Order by column %s not present in row", s.by))
	}
	size := batchSize(b)
	if err := s.t.session.hold(size); err != nil {
		return err
	}
	s.held += size
	block := b.Clone()
	for i := range block.Len() {
		r := sortRow{seq: s.seq, cols: block.Cols, vals: block.Row(i)}
		if at >= 0 {
			r.key = r.vals[at]
		}
		s.seq++
		s.rows = append(s.rows, r)
	}
	if s.limit >= 0 && int64(len(s.rows)) > 2*s.limit+4*chunkRows {
		s.sort()
		clear(s.rows[s.limit:])
		s.rows = s.rows[:s.limit]
	}
	return nil
}

func (s *sorter) sort() {
	compare := func(a, b sortRow) int {
		if c := row.Compare(a.key, b.key); c != 0 {
			return c
		}
		return a.seq - b.seq
	}
	if s.desc {
		compare = func(a, b sortRow) int {
			if c := row.Compare(b.key, a.key); c != 0 {
				return c
			}
			return a.seq - b.seq
		}
	}
	slices.SortFunc(s.rows, compare)
}

// emit hands the rows out in order.
func (s *sorter) emit(emit Emit) error {
	s.sort()
	defer s.t.session.release(s.held)
	var b *row.Batch
	for i := range s.rows {
		r := &s.rows[i]
		if b != nil && (b.Cols != r.cols || b.Len() >= chunkRows) {
			if err := emit(b); err != nil {
				return err
			}
			b.Reset(r.cols)
		}
		if b == nil {
			b = row.NewBatch(r.cols, chunkRows)
		}
		b.Append(r.vals...)
	}
	if b == nil || b.Len() == 0 {
		return nil
	}
	return emit(b)
}
