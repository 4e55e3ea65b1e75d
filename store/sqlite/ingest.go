package sqlite

import (
	"context"
	"fmt"
	"time"

	"goshawk"
	"goshawk/store"
)

// Commit implements store.Ingest.
func (s *Store) Commit(ctx context.Context, d store.Delivery) (store.Receipt, error) {
	in := ingest{d: &d}
	if err := s.writer.write(ctx, in.run); err != nil {
		return store.Receipt{}, wrap(fmt.Sprintf("commit a delivery of client %.80q", d.Client), err)
	}
	return in.receipt, nil
}

// ingest is one delivery on its way into the database.
type ingest struct {
	d       *store.Delivery
	c       *conn
	client  int64 // row
	receipt store.Receipt

	flows   map[goshawk.FlowID]*delivered // nil for a flow that the client does not have
	touched []*delivered
}

// delivered is a flow of which the delivery brings something.
type delivered struct {
	*flow
	news bool // something was not a repetition
	also bool // something changed that does not count as a packet of the flow
}

func (in *ingest) run(c *conn) error {
	in.c, in.flows = c, map[goshawk.FlowID]*delivered{}
	seen, known, err := in.contact()
	if err != nil {
		return err
	}
	fresh := false
	for i := range in.d.Lists {
		l := &in.d.Lists[i]
		if in.keyed() && known.has(l.Key) {
			in.receipt.Repeated++
			continue
		}
		fresh = true
		for _, e := range l.Effects {
			if err := in.apply(e); err != nil {
				return err
			}
		}
	}
	for _, f := range in.touched {
		if !f.news && !f.also {
			continue
		}
		if f.news {
			f.Packets++
		}
		if err := f.settle(c, in.d.At); err != nil {
			return err
		}
		in.receipt.Changed = append(in.receipt.Changed, f.Flow)
	}
	return in.remember(seen, known, fresh)
}

// contact finds out who the client is, when it was last seen and what it last
// got through on the lane.
func (in *ingest) contact() (seen time.Time, known kept, err error) {
	var keys [2][]byte
	found, err := in.c.one(`SELECT c.id, k.seen, k.normal, k.urgent FROM clients c JOIN contacts k ON k.client = c.id WHERE c.name = ?`,
		func(r *record) { in.client, seen, keys = r.int(), r.time(), [2][]byte{r.blob(), r.blob()} }, string(in.d.Client))
	if err == nil && !found {
		err = goshawk.ErrNotFound
	}
	if err == nil && in.keyed() {
		known, err = decodeKept(keys[in.d.Lane])
	}
	return seen, known, err
}

// remember notes the contact, and the packet's keys if anything in it was new.
func (in *ingest) remember(seen time.Time, known kept, fresh bool) error {
	at, address := micros(seen), ""
	if in.d.Address != "" && in.d.At.After(seen) {
		at, address = micros(in.d.At), in.d.Address
	}
	switch {
	case fresh && in.keyed():
		sql := "UPDATE contacts SET seen = ?2, address = iif(?3 = '', address, ?3), normal = ?4 WHERE client = ?1"
		if in.d.Lane == store.LaneUrgent {
			sql = "UPDATE contacts SET seen = ?2, address = iif(?3 = '', address, ?3), urgent = ?4 WHERE client = ?1"
		}
		return in.c.exec(sql, in.client, at, address, known.with(in.d.Lists))
	case address != "":
		return in.c.exec("UPDATE contacts SET seen = ?, address = ? WHERE client = ?", at, address, in.client)
	}
	return nil
}

// keyed says whether the keys of the packet's lists tell what is repeated.
func (in *ingest) keyed() bool { return in.d.Lane < store.LaneReader }

// flow returns a flow of the client, nil if it has none of that id.
func (in *ingest) flow(id goshawk.FlowID) (*delivered, error) {
	if d, ok := in.flows[id]; ok {
		return d, nil
	}
	var d *delivered
	found, err := in.c.one(flowColumns+"WHERE f.client = ? AND f.name = ?",
		func(r *record) { d = &delivered{flow: scanFlow(r)} }, in.client, string(id))
	if err != nil {
		return nil, err
	}
	if found {
		in.touched = append(in.touched, d)
	}
	in.flows[id] = d
	return d, nil
}

// apply makes one effect come true.
func (in *ingest) apply(e store.Effect) error {
	switch e := e.(type) {
	case store.RowBatch:
		return in.of(e.Flow, func(f *delivered) error { return in.rows(f, e) })
	case store.LogBatch:
		return in.of(e.Flow, func(f *delivered) error { return in.logs(f, e) })
	case store.Progress:
		return in.of(e.Flow, func(f *delivered) error { return in.progress(f, e) })
	case store.UploadPart:
		return in.of(e.Upload.Flow, func(f *delivered) error { return in.part(f, e) })
	case store.UploadDone:
		return in.of(e.Flow, func(f *delivered) error { return in.uploadDone(f, e) })
	case store.TaskAccepted:
		return in.of(e.Flow, in.accepted)
	case store.ClientFacts:
		return learn(in.c, in.client, e.Client)
	}
	panic(fmt.Sprintf("bug: a delivery has an effect %T", e))
}

// of applies an effect to a flow, or counts it as strange.
func (in *ingest) of(id goshawk.FlowID, do func(*delivered) error) error {
	f, err := in.flow(id)
	if err != nil {
		return err
	}
	if f == nil {
		in.receipt.Strange++
		return nil
	}
	return do(f)
}

func (in *ingest) rows(f *delivered, b store.RowBatch) error {
	if b.First < 0 || b.Count < 0 || b.Raw < 0 || b.First > endOfTime-b.Count {
		in.receipt.Strange++
		return nil
	}
	var source, next int64
	known, err := in.c.one("SELECT id, next FROM sources WHERE flow = ? AND action = ? AND name = ?",
		func(r *record) { source, next = r.int(), r.int() }, f.row, int64(b.Action), b.Source)
	if err != nil {
		return err
	}
	if b.First < next {
		in.receipt.Repeated++
		return nil
	}
	f.news = true
	f.begin(in.d.At)
	if b.Count == 0 {
		return nil
	}
	if known {
		err = in.c.exec("UPDATE sources SET next = ?, rows = rows + ? WHERE id = ?", b.First+b.Count, b.Count, source)
	} else {
		source, err = in.c.insert("INSERT INTO sources (flow, action, name, next, rows) VALUES (?, ?, ?, ?, ?)",
			f.row, int64(b.Action), b.Source, b.First+b.Count, b.Count)
	}
	if err != nil {
		return err
	}
	f.Rows += b.Count
	f.Batches++
	return insertBatch(in.c, source, b, in.d.At)
}

func (in *ingest) logs(f *delivered, b store.LogBatch) error {
	if b.Count < 0 {
		in.receipt.Strange++
		return nil
	}
	f.news = true
	f.begin(in.d.At)
	f.blame(b.Error)
	if len(b.JSONL) == 0 {
		return nil
	}
	b.Seq = f.logBatches
	f.logBatches++
	f.Logs += b.Count
	return insertLogs(in.c, f.row, b, in.d.At)
}

// progress takes an agent's word. A flow that was complete stays so: what says
// otherwise was overtaken on its way.
func (in *ingest) progress(f *delivered, p store.Progress) error {
	f.news = true
	if p.Started.IsZero() {
		p.Started = in.d.At
	}
	f.begin(p.Started)
	f.blame(p.Error)
	if p.Complete || !f.claim.Complete {
		f.claim = store.Claim{Complete: p.Complete, Cancelled: p.Cancelled, Error: p.Error, Rows: p.Rows, Uploads: p.Uploads}
	}
	return nil
}

func (in *ingest) accepted(f *delivered) error {
	f.also = true
	return in.c.exec("DELETE FROM tasks WHERE flow = ? AND sent <> 0", f.row)
}
