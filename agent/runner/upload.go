package runner

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"goshawk"
	"goshawk/plugin/files"
	"goshawk/wire"
)

// uploaderKey is where a query's context holds its collection.
type uploaderKey struct{}

// Uploader sends the files of the collection whose context it is given.
type Uploader struct{}

var errNoCollection = errors.New("there is no collection to send files for")

// Upload sends a file in pieces: see files.Uploader.
func (Uploader) Upload(ctx context.Context, r files.UploadRequest) (files.UploadResult, error) {
	c, ok := ctx.Value(uploaderKey{}).(*collection)
	if !ok {
		return files.UploadResult{}, errNoCollection
	}
	return c.upload(ctx, r)
}

// uploadKey is what makes two uploads of a flow the same.
type uploadKey struct{ accessor, name string }

// uploadSlot is an upload that is under way or over.
type uploadSlot struct {
	done   chan struct{} // closed when result and err are set
	result files.UploadResult
	err    error
}

// upload sends a file once; who asks for the same again gets the same result.
func (c *collection) upload(ctx context.Context, r files.UploadRequest) (files.UploadResult, error) {
	f, key := c.f, uploadKey{r.Accessor, r.StoreAs.String()}
	f.mu.Lock()
	slot, again := f.uploads[key]
	if !again {
		slot = &uploadSlot{done: make(chan struct{})}
		f.uploads[key] = slot
		slot.result.UploadID = f.nextUpload
		f.nextUpload++
	}
	f.mu.Unlock()
	if again {
		select {
		case <-slot.done:
			return slot.result, slot.err
		case <-ctx.Done():
			return files.UploadResult{}, context.Cause(ctx)
		}
	}
	defer close(slot.done)
	s := &sending{c: c, r: r, number: slot.result.UploadID, sha: sha256.New(), md5: md5.New()}
	slot.err = s.send(ctx)
	slot.result = s.result()
	return slot.result, slot.err
}

// sending is one file on its way.
type sending struct {
	c      *collection
	r      files.UploadRequest
	number int64
	sent   int64
	sha    hash.Hash
	md5    hash.Hash
}

// pieceSize is how much of a file travels in one message, as the protocol has it.
const pieceSize = 1 << 20

// send announces the file, sends its pieces and its end. A file that cannot be
// read to its end is ended where it broke off: what was sent is whole.
func (s *sending) send(ctx context.Context) error {
	begin := wire.UploadBegin{
		Number: s.number, Path: s.r.StoreAs.String(), Accessor: s.r.Accessor, StoreAs: s.r.StoreAs.String(),
		Components: s.r.StoreAs.Components(), Size: s.r.Size, Mode: int64(s.r.Mode), Times: s.times(),
	}
	s.c.update(func(q *wire.QueryStats) { q.Uploads++; q.ExpectedBytes += s.r.Size })
	first := []wire.Message{{Session: s.c.f.id, Body: &begin}}
	buf := make([]byte, pieceSize)
	for {
		n, err := io.ReadFull(s.r.Reader, buf)
		last := err != nil
		if n > 0 {
			if limit := s.take(buf[:n]); limit != nil {
				return errors.Join(limit, s.put(ctx, append(first, s.end())))
			}
			piece := s.chunk(buf[:n])
			if last {
				return errors.Join(readError(err), s.put(ctx, append(first, piece, s.end())))
			}
			if err := s.put(ctx, append(first, piece)); err != nil {
				return err
			}
			first = nil
			continue
		}
		return errors.Join(readError(err), s.put(ctx, append(first, s.end())))
	}
}

// readError is what went wrong with reading, if anything: the end of the file did not.
func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// take counts a piece, and says why it may not be sent.
func (s *sending) take(p []byte) error {
	if !s.c.f.countUpload(int64(len(p))) {
		err := reason(fmt.Sprintf("%s: %d bytes", goshawk.UploadLimit, s.c.f.limits.uploadBytes))
		s.c.log("ERROR", err.Error())
		s.c.f.cancel(err)
		return err
	}
	s.sha.Write(p)
	s.md5.Write(p)
	s.c.update(func(q *wire.QueryStats) { q.UploadedBytes += int64(len(p)); q.LastActive = s.c.f.r.o.Now() })
	return nil
}

// chunk is the message with the next piece, which s counts as sent.
func (s *sending) chunk(p []byte) wire.Message {
	offset := s.sent
	s.sent += int64(len(p))
	return s.message(&wire.UploadChunk{Offset: offset, Data: p, StoredSize: s.sent})
}

// end is the message that the file has no more bytes.
func (s *sending) end() wire.Message {
	return s.message(&wire.UploadChunk{Offset: s.sent, EOF: true, StoredSize: s.sent})
}

func (s *sending) message(m *wire.UploadChunk) wire.Message {
	m.Number, m.Path, m.Accessor, m.Components = s.number, s.r.StoreAs.String(), s.r.Accessor, s.r.StoreAs.Components()
	m.Size, m.Times = max(s.r.Size, s.sent), s.times()
	return wire.Message{Session: s.c.f.id, Body: m}
}

func (s *sending) times() wire.FileTimes {
	t := s.r.Times
	return wire.FileTimes{Modified: t.Modified, Accessed: t.Accessed, Changed: t.Changed, Born: t.Born}
}

// put spools messages; pieces of a flow that is cancelled are thrown away.
func (s *sending) put(ctx context.Context, ms []wire.Message) error {
	if err := s.c.f.spool(ctx, ms, nil); err != nil {
		return fmt.Errorf("send %s: %w", s.r.Path, err)
	}
	return nil
}

func (s *sending) result() files.UploadResult {
	return files.UploadResult{
		Path: s.r.Path.String(), Size: uint64(max(s.r.Size, s.sent, 0)), UploadID: s.number, StoredSize: uint64(s.sent),
		SHA256: hex.EncodeToString(s.sha.Sum(nil)), MD5: hex.EncodeToString(s.md5.Sum(nil)),
		StoredName: s.r.StoreAs.String(), Components: s.r.StoreAs.Components(), Accessor: s.r.Accessor,
	}
}
