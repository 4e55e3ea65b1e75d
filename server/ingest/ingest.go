// Package ingest turns what clients deliver into effects on the store. A
// packet is written once, to its final place: rows as they came, compressed,
// inflated only to be counted; the bytes of files into blobs before the
// transaction that names them.
package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"goshawk"
	"goshawk/blob"
	"goshawk/store"
	"goshawk/wire"
)

// Store is what ingest needs of the store.
type Store interface {
	store.Ingest
	Upload(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, number int64) (goshawk.Upload, error)
	Parts(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, number int64) ([]store.Part, error)
}

// Options of an Ingest.
type Options struct {
	Store Store
	Blobs blob.Store
	Now   func() time.Time
	Log   *slog.Logger
	// Changed is told of the flows that a commit changed, as they are now.
	Changed func(ctx context.Context, flows []goshawk.Flow)
}

// Ingest takes deliveries.
type Ingest struct {
	o    Options
	sums sums
}

// New returns an Ingest.
func New(o Options) *Ingest { return &Ingest{o: o} }

// Packet is a delivery to take.
type Packet struct {
	Client  goshawk.ClientID
	Lane    store.Lane
	Address string
	Packet  *wire.Packet
}

// maxPending bounds the bytes of effects that wait for one commit. A packet
// with more is committed in several steps; each list is whole in one of them.
const maxPending = 32 << 20

// Take makes everything in a packet durable before it returns nil.
func (in *Ingest) Take(ctx context.Context, p Packet) error {
	d := store.Delivery{Client: p.Client, Lane: p.Lane, At: in.o.Now(), Address: p.Address}
	pending := 0
	for list, err := range p.Packet.Lists {
		if err != nil {
			return err
		}
		one, size, err := in.list(ctx, p.Client, list)
		if err != nil {
			return err
		}
		if pending += size; pending > maxPending && len(d.Lists) > 0 {
			if err := in.commit(ctx, d); err != nil {
				return err
			}
			d.Lists, pending = nil, size
		}
		d.Lists = append(d.Lists, one)
	}
	return in.commit(ctx, d)
}

func (in *Ingest) commit(ctx context.Context, d store.Delivery) error {
	if !worthCommitting(d) {
		return nil
	}
	r, err := in.o.Store.Commit(ctx, d)
	if err != nil {
		return fmt.Errorf("commit delivery of %s: %w", d.Client, err)
	}
	if r.Strange > 0 {
		in.o.Log.Warn("delivery names flows that the client does not have, or pieces that do not fit: left out", "client", d.Client, "parts", r.Strange)
	}
	in.o.Changed(ctx, r.Changed)
	return in.complete(ctx, d)
}

// worthCommitting says whether a delivery changes anything: the check-ins of
// idle clients do not.
func worthCommitting(d store.Delivery) bool {
	for _, l := range d.Lists {
		if len(l.Effects) > 0 {
			return true
		}
	}
	return false
}

// list turns a list's messages into effects, and tells about how many bytes they hold.
func (in *Ingest) list(ctx context.Context, client goshawk.ClientID, l wire.List) (store.List, int, error) {
	out, size := store.List{Key: l.Key}, 0
	var files pieces
	for _, m := range l.Messages {
		if u, ok := m.Body.(*wire.UploadChunk); ok {
			if err := files.add(client, m.Session, u); err != nil {
				in.malformed(client, m, err)
			}
			continue
		}
		effects, err := in.message(m)
		if err != nil {
			in.malformed(client, m, err)
			continue
		}
		for _, e := range effects {
			size += sizeOf(e)
		}
		out.Effects = append(out.Effects, effects...)
	}
	effects, err := in.store(ctx, &files)
	if err != nil {
		return store.List{}, 0, err
	}
	// Files first: a flow that ends in this list must find them there.
	out.Effects = append(effects, out.Effects...)
	return out, size, nil
}

// malformed notes a message that nothing can be made of. Refusing the packet
// would not help: the client would send the same for ever.
func (in *Ingest) malformed(client goshawk.ClientID, m wire.Message, err error) {
	in.o.Log.Warn("message left out", "client", client, "session", clip(m.Session), "error", err)
}

func clip(s string) string { return s[:min(len(s), 80)] }

func sizeOf(e store.Effect) int {
	switch e := e.(type) {
	case store.RowBatch:
		return len(e.Data)
	case store.LogBatch:
		return len(e.JSONL)
	}
	return 0
}

// message turns a message into effects.
func (in *Ingest) message(m wire.Message) ([]store.Effect, error) {
	switch b := m.Body.(type) {
	case *wire.Rows:
		return in.rows(m.Session, b)
	case *wire.Logs:
		return logs(m.Session, b)
	case *wire.Stats:
		return stats(m.Session, b)
	case *wire.Accepted:
		id, err := goshawk.ParseFlowID(m.Session)
		return []store.Effect{store.TaskAccepted{Flow: id}}, err
	}
	return nil, nil // announcements of files, check-ins, and what we do not know
}
