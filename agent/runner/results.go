package runner

import (
	"bytes"
	"time"

	"github.com/klauspost/compress/zlib"

	"goshawk/row"
	"goshawk/wire"
)

// results gathers the rows of a collection into batches.
type results struct {
	maxRows  int64
	maxBytes int
	maxWait  time.Duration
	open     []*batch // one for each statement that has rows waiting
	sets     map[string]*set
}

// set is what was sent under one name so far.
type set struct {
	rows  int64
	bytes int64
	parts map[int]int // of each statement
	wait  time.Duration
}

// batch is rows of one statement that were not sent.
type batch struct {
	statement int
	name      string
	columns   []string
	data      []byte
	count     int64
	since     time.Time // of the first row
}

func newResults(req *wire.Collection) results {
	r := results{maxRows: req.MaxRows, maxBytes: int(req.MaxBatchBytes), maxWait: req.MaxWait, sets: map[string]*set{}}
	r.maxRows = orDefault(r.maxRows, defaultBatchRows)
	if r.maxBytes == 0 {
		r.maxBytes = defaultBatchBytes
	}
	r.maxWait = orDefault(r.maxWait, defaultMaxWait)
	return r
}

// add takes rows and returns the batches that became full.
func (r *results) add(statement int, name string, b *row.Batch, now time.Time) (full []*wire.Rows) {
	for i := range b.Len() {
		w := r.batch(statement, name, now)
		if w.columns == nil {
			w.columns = b.Cols.Names()
		}
		w.data = append(b.AppendRowJSON(w.data, i, nil), '\n')
		if w.count++; w.count >= r.maxRows || len(w.data) >= r.maxBytes {
			full = append(full, r.close(w))
		}
	}
	return full
}

func (r *results) batch(statement int, name string, now time.Time) *batch {
	for _, w := range r.open {
		if w.statement == statement {
			return w
		}
	}
	w := &batch{statement: statement, name: name, since: now}
	r.open = append(r.open, w)
	return w
}

// close turns a batch into a message and makes room for the next.
func (r *results) close(w *batch) *wire.Rows {
	s := r.set(w.name)
	m := &wire.Rows{
		Name: w.name, Statement: w.statement, Part: s.parts[w.statement], First: s.rows, Count: w.count,
		Columns: w.columns, Data: w.data, RawOffset: s.bytes, At: w.since,
	}
	s.rows += w.count
	s.bytes += int64(len(w.data))
	s.parts[w.statement]++
	for i, o := range r.open {
		if o == w {
			r.open = append(r.open[:i], r.open[i+1:]...)
			break
		}
	}
	return m
}

func (r *results) set(name string) *set {
	s := r.sets[name]
	if s == nil {
		s = &set{parts: map[int]int{}, wait: firstFlush}
		r.sets[name] = s
	}
	return s
}

// firstFlush is how long the first rows of a result set wait for company. The
// wait doubles up to the request's limit, so that first rows are seen soon and
// a slow query does not make many small batches.
const firstFlush = time.Second

func (r *results) due(now time.Time) (out []*wire.Rows) {
	for _, w := range append([]*batch(nil), r.open...) {
		s := r.set(w.name)
		if now.Sub(w.since) >= min(s.wait, r.maxWait) {
			s.wait *= 2
			out = append(out, r.close(w))
		}
	}
	return out
}

func (r *results) rest() (out []*wire.Rows) {
	for len(r.open) > 0 {
		out = append(out, r.close(r.open[0]))
	}
	return out
}

// compress packs a batch's rows with zlib, as the server asked for.
func compress(m *wire.Rows) {
	var buf bytes.Buffer
	w, err := zlib.NewWriterLevel(&buf, zlib.BestSpeed)
	if err != nil {
		panic("bug: " + err.Error()) // the level is a constant
	}
	_, _ = w.Write(m.Data) // a buffer takes everything
	_ = w.Close()
	m.RawSize, m.Encoding, m.Data = int64(len(m.Data)), wire.Zlib, buf.Bytes()
}
