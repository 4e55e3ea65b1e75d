package sqlite

import (
	"context"
	"fmt"
	"iter"
	"time"

	"goshawk"
	"goshawk/store"
)

// pageBytes is how many bytes of batches are read before the connection is
// given back; one batch is read in any case.
const pageBytes = 256 << 10

func rowSum(source int64, b *store.RowBatch) int64 {
	return checksum(b.Data, source, b.First, b.Count, b.Raw, int64(b.Coding))
}

func insertBatch(c *conn, source int64, b store.RowBatch, at time.Time) error {
	return c.exec(`INSERT INTO batches (source, first, count, coding, raw, checksum, received, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		source, b.First, b.Count, int64(b.Coding), b.Raw, rowSum(source, &b), micros(at), b.Data)
}

func logSum(flow int64, b *store.LogBatch) int64 { return checksum(b.JSONL, flow, b.Seq, b.Count) }

func insertLogs(c *conn, flow int64, b store.LogBatch, at time.Time) error {
	return c.exec(`INSERT INTO logs (flow, seq, count, error, checksum, received, data) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		flow, b.Seq, b.Count, b.Error, logSum(flow, &b), micros(at), b.JSONL)
}

// Sources implements store.Flows.
func (s *Store) Sources(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID) (list []store.Source, err error) {
	err = s.withFlow(ctx, client, id, func(c *conn, f *flow) error {
		return c.each("SELECT action, name, rows FROM sources WHERE flow = ? ORDER BY action, name", func(r *record) bool {
			list = append(list, store.Source{Action: int(r.int()), Name: r.text(), Rows: r.int()})
			return true
		}, f.row)
	})
	return list, err
}

// Rows implements store.Flows.
func (s *Store) Rows(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, of store.Source, from int64) iter.Seq2[store.RowBatch, error] {
	return pages(max(0, from), func(from int64) (page []store.RowBatch, next int64, err error) {
		err = s.withFlow(ctx, client, id, func(c *conn, f *flow) error {
			page, err = rowsPage(c, f, of, from)
			return err
		})
		if n := len(page); n > 0 {
			next = page[n-1].First + page[n-1].Count
		}
		return page, next, err
	})
}

// pages yields what read returns, from one page to the next, until a page is
// empty. No connection is held while it yields.
func pages[T any](first int64, read func(from int64) (page []T, next int64, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for from := first; ; {
			page, next, err := read(from)
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			if len(page) == 0 {
				return
			}
			from = next
		}
	}
}

// rowsPage returns some batches that hold row from or later ones; with an
// error it returns those before the one that it is about.
func rowsPage(c *conn, f *flow, of store.Source, from int64) (page []store.RowBatch, err error) {
	var source int64
	_, err = c.one("SELECT id FROM sources WHERE flow = ? AND action = ? AND name = ?",
		func(r *record) { source = r.int() }, f.row, int64(of.Action), of.Name)
	if err != nil {
		return nil, err
	}
	var damage error
	size := 0
	err = c.each(`SELECT first, count, coding, raw, checksum, data FROM batches
		WHERE source = ?1 AND first + count > ?2
		AND first >= coalesce((SELECT max(first) FROM batches WHERE source = ?1 AND first <= ?2), 0) ORDER BY first`,
		func(r *record) bool {
			b := store.RowBatch{Flow: f.ID, Action: of.Action, Source: of.Name, First: r.int(), Count: r.int(),
				Coding: store.Coding(r.small()), Raw: r.int()}
			sum := r.int()
			b.Data = r.blob()
			if rowSum(source, &b) != sum {
				damage = fmt.Errorf("%w: batch of rows %d to %d", goshawk.ErrCorrupt, b.First, b.First+b.Count)
				return false
			}
			page = append(page, b)
			size += len(b.Data)
			return size < pageBytes
		}, source, from)
	if err == nil {
		err = damage
	}
	return page, err
}

// Logs implements store.Flows.
func (s *Store) Logs(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, from int64) iter.Seq2[store.LogBatch, error] {
	return pages(from, func(from int64) (page []store.LogBatch, next int64, err error) {
		err = s.withFlow(ctx, client, id, func(c *conn, f *flow) error {
			page, err = logsPage(c, f, from)
			return err
		})
		if n := len(page); n > 0 {
			next = page[n-1].Seq + 1
		}
		return page, next, err
	})
}

func logsPage(c *conn, f *flow, from int64) (page []store.LogBatch, err error) {
	var damage error
	size := 0
	err = c.each("SELECT seq, count, error, checksum, data FROM logs WHERE flow = ? AND seq >= ? ORDER BY seq", func(r *record) bool {
		b := store.LogBatch{Flow: f.ID, Seq: r.int(), Count: r.int(), Error: r.text()}
		sum := r.int()
		b.JSONL = r.blob()
		if logSum(f.row, &b) != sum {
			damage = fmt.Errorf("%w: batch %d of log lines", goshawk.ErrCorrupt, b.Seq)
			return false
		}
		page = append(page, b)
		size += len(b.JSONL)
		return size < pageBytes
	}, f.row, from)
	if err == nil {
		err = damage
	}
	return page, err
}
