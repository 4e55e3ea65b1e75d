package sqlite

import (
	"context"
	"fmt"

	lib "modernc.org/sqlite/lib"

	"goshawk"
	"goshawk/store"
)

// upload is a file with what the store keeps beside it.
type upload struct {
	goshawk.Upload
	row int64
}

const uploadColumns = `SELECT id, number, accessor, components, size, stored_size, received, last, done, sha256, sparse, mtime, finished FROM uploads `

func scanUpload(r *record, client goshawk.ClientID, flow goshawk.FlowID) *upload {
	u := &upload{row: r.int()}
	u.Upload = goshawk.Upload{Client: client, Flow: flow, Number: r.int(), Accessor: r.text(), Components: r.strings(),
		Size: r.int(), StoredSize: r.int(), Received: r.int()}
	u.Last, u.Done = r.bool(), r.bool()
	u.SHA256 = r.hash()
	sparse, err := decodeRanges(r.bytes(lib.SQLITE_BLOB))
	if err != nil {
		r.fail(err)
	}
	u.Sparse, u.Mtime, u.Finished = sparse, r.time(), r.time()
	return u
}

// Uploads implements store.Flows.
func (s *Store) Uploads(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID) (list []goshawk.Upload, err error) {
	err = s.withFlow(ctx, client, id, func(c *conn, f *flow) error {
		return c.each(uploadColumns+"WHERE flow = ? ORDER BY number", func(r *record) bool {
			list = append(list, scanUpload(r, client, id).Upload)
			return true
		}, f.row)
	})
	return list, err
}

// Upload implements store.Flows.
func (s *Store) Upload(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, number int64) (one goshawk.Upload, err error) {
	err = s.withFlow(ctx, client, id, func(c *conn, f *flow) error {
		u, err := findUpload(c, f, number)
		if err == nil && u == nil {
			err = fmt.Errorf("%w: no file %d", goshawk.ErrNotFound, number)
		}
		if err == nil {
			one = u.Upload
		}
		return err
	})
	return one, err
}

// Parts implements store.Flows.
func (s *Store) Parts(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, number int64) (list []store.Part, err error) {
	err = s.withFlow(ctx, client, id, func(c *conn, f *flow) error {
		u, err := findUpload(c, f, number)
		if err != nil {
			return err
		}
		if u == nil {
			return fmt.Errorf("%w: no file %d", goshawk.ErrNotFound, number)
		}
		return eachPart(c, u, 0, func(p store.Part) bool {
			list = append(list, p)
			return true
		})
	})
	return list, err
}

// findUpload returns a file, nil if there is none.
func findUpload(c *conn, f *flow, number int64) (u *upload, err error) {
	_, err = c.one(uploadColumns+"WHERE flow = ? AND number = ?", func(r *record) { u = scanUpload(r, f.Client, f.ID) }, f.row, number)
	return u, err
}

// eachPart hands over the parts that begin at from or later, in order.
func eachPart(c *conn, u *upload, from int64, each func(store.Part) bool) error {
	return c.each("SELECT offset, length, blob FROM parts WHERE upload = ? AND offset >= ? ORDER BY offset", func(r *record) bool {
		return each(store.Part{Offset: r.int(), Length: r.int(), Blob: r.hash()})
	}, u.row, from)
}

// part adds a piece of a file, or what is told of it.
func (in *ingest) part(f *delivered, p store.UploadPart) error {
	n := p.Upload
	if n.Number < 0 || n.Size < 0 || n.StoredSize < 0 || p.Part.Offset < 0 || p.Part.Length < 0 || p.Part.Offset > endOfTime-p.Part.Length {
		in.receipt.Strange++
		return nil
	}
	u, err := findUpload(in.c, f.flow, n.Number)
	if err != nil {
		return err
	}
	fresh := u == nil
	if fresh {
		u = &upload{Upload: goshawk.Upload{Number: n.Number}}
	}
	repeated, fits, err := in.fit(u, &p.Part)
	switch {
	case err != nil:
		return err
	case !fits, u.Last && p.Part.Offset+p.Part.Length > u.StoredSize:
		in.receipt.Strange++
		return nil
	case repeated:
		in.receipt.Repeated++
		if !p.Last || u.Last {
			return nil
		}
		p.Part.Length = 0
	}
	f.news = true
	f.begin(in.d.At)
	u.tell(n, p.Last)
	if fresh {
		if u.row, err = in.c.insert(`INSERT INTO uploads (flow, number, accessor, components, size, stored_size, received, last, done, sparse, mtime, finished)
			VALUES (?, ?, '', x'', 0, 0, 0, 0, 0, x'', 0, 0)`, f.row, u.Number); err != nil {
			return err
		}
	}
	return in.grow(f, u, p.Part)
}

// tell takes over what is known of a file. Before the last piece came, sizes
// only grow: pieces can overtake one another.
func (u *upload) tell(n goshawk.Upload, last bool) {
	if n.Accessor != "" {
		u.Accessor = n.Accessor
	}
	if len(n.Components) > 0 {
		u.Components = n.Components
	}
	if len(n.Sparse) > 0 {
		u.Sparse = n.Sparse
	}
	if !n.Mtime.IsZero() {
		u.Mtime = n.Mtime
	}
	switch {
	case u.Last:
	case last:
		u.Size, u.StoredSize, u.Last = n.Size, n.StoredSize, true
	default:
		u.Size, u.StoredSize = max(u.Size, n.Size), max(u.StoredSize, n.StoredSize)
	}
}

// fit finds out what of a part is new, and cuts it where it runs into parts
// that are there. It does not fit if what is new is not one run from its
// beginning, since a part's blob begins where the part does.
func (in *ingest) fit(u *upload, p *store.Part) (repeated, fits bool, err error) {
	end := p.Offset + p.Length
	if u.row == 0 || p.Length == 0 {
		return false, true, nil
	}
	start := p.Offset // of the first part that could touch p
	_, err = in.c.one("SELECT offset FROM parts WHERE upload = ? AND offset <= ? ORDER BY offset DESC LIMIT 1",
		func(r *record) { start = r.int() }, u.row, p.Offset)
	if err != nil {
		return false, false, err
	}
	cut, covered := end, p.Offset // p is new up to cut; from there it is there up to covered
	err = eachPart(in.c, u, start, func(old store.Part) bool {
		oldEnd := old.Offset + old.Length
		switch {
		case oldEnd <= p.Offset:
			return true
		case cut == end && old.Offset < end: // the first that overlaps
			cut = max(old.Offset, p.Offset)
			covered = oldEnd
		case old.Offset == covered:
			covered = oldEnd
		default:
			return false
		}
		return covered < end
	})
	p.Length = cut - p.Offset
	return cut == p.Offset, cut == end || covered >= end, err
}

// grow adds a part to a file and saves it.
func (in *ingest) grow(f *delivered, u *upload, p store.Part) error {
	if p.Length > 0 {
		err := in.c.exec("INSERT INTO parts (upload, offset, length, blob) VALUES (?, ?, ?, ?)", u.row, p.Offset, p.Length, p.Blob[:])
		if err != nil {
			return err
		}
		u.Received += p.Length
		f.UploadedBytes += p.Length
	}
	return u.save(in.c)
}

// save writes back everything of a file that can change.
func (u *upload) save(c *conn) error {
	return c.exec(`UPDATE uploads SET accessor = ?, components = ?, size = ?, stored_size = ?, received = ?, last = ?, done = ?,
		sha256 = ?, sparse = ?, mtime = ?, finished = ? WHERE id = ?`,
		u.Accessor, stringsOf(u.Components), u.Size, u.StoredSize, u.Received, u.Last, u.Done,
		u.SHA256[:], rangesOf(u.Sparse), micros(u.Mtime), micros(u.Finished), u.row)
}

// whole says whether all was sent and parts cover all of the StoredSize bytes.
func (u *upload) whole(c *conn) (whole bool, err error) {
	if !u.Last || u.Received < u.StoredSize {
		return false, nil
	}
	_, err = c.one("SELECT coalesce(sum(min(offset + length, ?2) - offset), 0) = ?2 FROM parts WHERE upload = ?1 AND offset < ?2",
		func(r *record) { whole = r.bool() }, u.row, u.StoredSize)
	return whole, err
}

// uploadDone notes the SHA-256 of a file that is whole.
func (in *ingest) uploadDone(f *delivered, h store.UploadDone) error {
	u, err := findUpload(in.c, f.flow, h.Number)
	whole := false
	if err == nil && u != nil {
		whole, err = u.whole(in.c)
	}
	switch {
	case err != nil:
		return err
	case !whole:
		in.receipt.Strange++
		return nil
	case u.Done:
		in.receipt.Repeated++
		return nil
	}
	u.SHA256, u.Done, u.Finished = h.SHA256, true, in.d.At
	f.Uploads++
	f.also = true
	return u.save(in.c)
}
