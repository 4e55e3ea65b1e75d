package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"goshawk"
	"goshawk/store"
	"goshawk/wire"
)

// pieces gathers the chunks of files in a list: neighbours become one piece,
// and so one blob.
type pieces struct{ list []*piece }

type piece struct {
	upload goshawk.Upload
	offset int64
	data   bytes.Buffer
	last   bool
}

// maxPiece is about the largest blob that chunks are gathered into.
const maxPiece = 8 << 20

// add takes a chunk.
func (p *pieces) add(client goshawk.ClientID, session string, u *wire.UploadChunk) error {
	id, err := flowOf(session)
	if err != nil {
		return err
	}
	if u.Offset < 0 || u.Number < 0 || u.Size < 0 {
		return fmt.Errorf("%w: a chunk of file %d at offset %d", goshawk.ErrInvalid, u.Number, u.Offset)
	}
	one := p.tail(id, u)
	if one == nil {
		one = &piece{upload: uploadOf(client, id, u), offset: u.Offset}
		p.list = append(p.list, one)
	}
	before := one.data.Len()
	if u.Encoding == wire.Zlib {
		if _, err := inflate(&one.data, u.Data); err != nil {
			return err
		}
	} else {
		one.data.Write(u.Data)
	}
	if u.EOF {
		one.last, one.upload = true, uploadOf(client, id, u)
		if !u.Sparse {
			one.upload.StoredSize = u.Offset + int64(one.data.Len()-before)
		}
	}
	return nil
}

// tail returns the piece that a chunk continues, or nil.
func (p *pieces) tail(id goshawk.FlowID, u *wire.UploadChunk) *piece {
	if len(p.list) == 0 {
		return nil
	}
	t := p.list[len(p.list)-1]
	same := t.upload.Flow == id && t.upload.Number == u.Number && !t.last
	if same && t.offset+int64(t.data.Len()) == u.Offset && (t.data.Len() < maxPiece || u.EOF && len(u.Data) == 0) {
		return t
	}
	return nil
}

func uploadOf(client goshawk.ClientID, id goshawk.FlowID, u *wire.UploadChunk) goshawk.Upload {
	up := goshawk.Upload{
		Client: client, Flow: id, Number: u.Number, Accessor: u.Accessor, Components: u.Components,
		Size: u.Size, StoredSize: u.StoredSize, Mtime: sane(u.Times.Modified),
	}
	if len(up.Components) == 0 && u.Path != "" {
		up.Components = []string{u.Path}
	}
	for _, r := range u.Index {
		up.Sparse = append(up.Sparse, goshawk.Range{Offset: r.Offset, Length: r.Length, StoredOffset: r.StoredOffset, Stored: r.Stored})
	}
	return up
}

// store puts the pieces' bytes into blobs and returns the effects that name
// them. A file that came in one piece is done with it: a blob's name is its hash.
func (in *Ingest) store(ctx context.Context, p *pieces) ([]store.Effect, error) {
	var out []store.Effect
	for _, one := range p.list {
		e := store.UploadPart{Upload: one.upload, Last: one.last, Part: store.Part{Offset: one.offset, Length: int64(one.data.Len())}}
		sum := goshawk.Hash(sha256.Sum256(nil))
		if e.Part.Length > 0 {
			h, _, err := in.o.Blobs.Put(ctx, bytes.NewReader(one.data.Bytes()))
			if err != nil {
				return nil, fmt.Errorf("store piece of file %d of %s: %w", one.upload.Number, one.upload.Flow, err)
			}
			e.Part.Blob, sum = h, h
			if !whole(e) {
				in.sums.feed(fileOf(one.upload), e.Part, one.data.Bytes())
			}
		}
		out = append(out, e)
		if whole(e) {
			out = append(out, store.UploadDone{Flow: one.upload.Flow, Number: one.upload.Number, SHA256: sum})
		}
	}
	return out, nil
}

// whole says whether a piece is all of its file.
func whole(e store.UploadPart) bool {
	return e.Last && e.Part.Offset == 0 && e.Part.Length == e.Upload.StoredSize
}

// complete works out the SHA-256 of files that came in several pieces, of
// which a delivery may have brought the last, and so lets their flows end. It
// is done again when the delivery is repeated: the server may have died here.
func (in *Ingest) complete(ctx context.Context, d store.Delivery) error {
	done := store.Delivery{Client: d.Client, Lane: store.LaneReader, At: d.At, Lists: []store.List{{}}}
	for _, l := range d.Lists {
		for _, e := range l.Effects {
			part, ok := e.(store.UploadPart)
			if !ok || whole(part) {
				continue
			}
			effect, err := in.finish(ctx, d.Client, part.Upload)
			if err != nil {
				return err
			}
			if effect != nil {
				done.Lists[0].Effects = append(done.Lists[0].Effects, effect)
			}
		}
	}
	if !worthCommitting(done) {
		return nil
	}
	r, err := in.o.Store.Commit(ctx, done)
	if err != nil {
		return fmt.Errorf("commit files of %s: %w", d.Client, err)
	}
	in.o.Changed(ctx, r.Changed)
	return nil
}

// finish returns the effect that ends a file, or nil if it is not whole yet or
// is done already.
func (in *Ingest) finish(ctx context.Context, client goshawk.ClientID, u goshawk.Upload) (store.Effect, error) {
	u, err := in.o.Store.Upload(ctx, client, u.Flow, u.Number)
	if errors.Is(err, goshawk.ErrNotFound) {
		return nil, nil
	}
	if err != nil || u.Done || !u.Last || u.Received != u.StoredSize {
		return nil, err
	}
	sum, err := in.sum(ctx, u)
	if err != nil {
		return nil, err
	}
	return store.UploadDone{Flow: u.Flow, Number: u.Number, SHA256: sum}, nil
}

// sum returns the SHA-256 of a file's pieces in order: as it was worked out
// while they came, or by reading them.
func (in *Ingest) sum(ctx context.Context, u goshawk.Upload) (goshawk.Hash, error) {
	parts, err := in.o.Store.Parts(ctx, u.Client, u.Flow, u.Number)
	if err != nil {
		return goshawk.Hash{}, err
	}
	if sum, ok := in.sums.take(fileOf(u), parts); ok {
		return sum, nil
	}
	h := sha256.New()
	for _, p := range parts {
		if err := in.read(ctx, h, p); err != nil {
			return goshawk.Hash{}, fmt.Errorf("file %d of %s: %w", u.Number, u.Flow, err)
		}
	}
	return goshawk.Hash(h.Sum(nil)), nil
}

// read writes the bytes of a piece to w.
func (in *Ingest) read(ctx context.Context, w io.Writer, p store.Part) error {
	f, err := in.o.Blobs.Open(ctx, p.Blob)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyN(w, f, p.Length)
	return err
}
