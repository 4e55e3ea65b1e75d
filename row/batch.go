package row

import "time"

// Batch is rows under shared columns, stored row after row. A Batch that is
// handed to a function belongs to the caller again when the function returns:
// who wants to keep rows copies them (values themselves may be kept).
type Batch struct {
	Cols *Columns
	vals []Value
	n    int
}

// NewBatch returns an empty batch with room for n rows.
func NewBatch(cols *Columns, n int) *Batch {
	return &Batch{Cols: cols, vals: make([]Value, 0, n*cols.Len())}
}

// Len returns the number of rows.
func (b *Batch) Len() int { return b.n }

// Row returns row i, one value per column. It may be written to by whoever
// owns the batch.
func (b *Batch) Row(i int) []Value {
	w := b.Cols.Len()
	return b.vals[i*w : (i+1)*w : (i+1)*w]
}

// Append adds one row; len(vals) is the number of columns.
func (b *Batch) Append(vals ...Value) {
	if len(vals) != b.Cols.Len() {
		panic("bug: a row needs as many values as columns")
	}
	b.vals = append(b.vals, vals...)
	b.n++
}

// Extend adds one row of NULLs and returns it for filling.
func (b *Batch) Extend() []Value {
	w, at := b.Cols.Len(), len(b.vals)
	if cap(b.vals)-at >= w {
		b.vals = b.vals[:at+w]
		clear(b.vals[at:])
	} else {
		b.vals = append(b.vals, make([]Value, w)...)
	}
	b.n++
	return b.vals[at : at+w : at+w]
}

// Shrink drops all rows from n on.
func (b *Batch) Shrink(n int) {
	b.vals, b.n = b.vals[:n*b.Cols.Len()], n
}

// Reset empties the batch and keeps its storage, under the given columns.
func (b *Batch) Reset(cols *Columns) {
	b.Cols, b.vals, b.n = cols, b.vals[:0], 0
}

// Part returns rows from up to and excluding to, sharing b's storage.
func (b *Batch) Part(from, to int) Batch {
	w := b.Cols.Len()
	return Batch{Cols: b.Cols, vals: b.vals[from*w : to*w : to*w], n: to - from}
}

// Clone returns a copy with storage of its own.
func (b *Batch) Clone() *Batch {
	return &Batch{Cols: b.Cols, vals: append([]Value(nil), b.vals...), n: b.n}
}

// Dict returns the visible columns of row i as a dict with storage of its own.
func (b *Batch) Dict(i int) *Dict {
	vals := append([]Value(nil), b.Row(i)[:b.Cols.shown]...)
	if b.Cols.shown < len(b.Cols.names) {
		return NewDict(NewColumns(b.Cols.Names()...), vals)
	}
	return NewDict(b.Cols, vals)
}

// AppendJSONL appends each row as one JSON object and a newline. Times are
// written in loc, or in UTC if it is nil.
func (b *Batch) AppendJSONL(dst []byte, loc *time.Location) []byte {
	for i := range b.n {
		dst = b.AppendRowJSON(dst, i, loc)
		dst = append(dst, '\n')
	}
	return dst
}

// AppendRowJSON appends row i as a JSON object.
func (b *Batch) AppendRowJSON(dst []byte, i int, loc *time.Location) []byte {
	dst = append(dst, '{')
	for j, v := range b.Row(i)[:b.Cols.shown] {
		if j > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, b.Cols.keys[j]...)
		dst = appendJSON(dst, v, loc, 1)
	}
	return append(dst, '}')
}
