package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// smallBody is the size up to which a post is read at once: its bytes are at
// most those that the kernel holds already. A larger one waits unread for its
// share of the budget, and TCP holds the sender back.
const smallBody = 64 << 10

// stalled is how long a sender may pause in the middle of a body.
const stalled = time.Minute

var errTooLarge = errors.New("post is larger than the limit")

// body reads a post. release gives its bytes back to the budget. If ok is
// false the request is answered, or cut so that the client keeps its data.
func (f *Frontend) body(w http.ResponseWriter, r *http.Request, limit int64) (body []byte, release func(), ok bool) {
	rc := http.NewResponseController(w)
	// Without it an unread body is destroyed when the answer begins.
	_ = rc.EnableFullDuplex() // HTTP/1.0 has no such thing and needs none
	size := r.ContentLength
	if size < 0 {
		size = limit
	}
	release = func() {}
	if size > limit {
		f.cutBody(r, fmt.Errorf("%w: %d bytes, limit %d", errTooLarge, size, limit))
	}
	if size > smallBody {
		if f.budget.Acquire(r.Context(), size) != nil {
			abort()
		}
		release = func() { f.budget.Release(size) }
	}
	body, err := readAll(r.Context(), rc, r.Body, size)
	if err != nil {
		release()
		f.cutBody(r, err)
	}
	return body, release, true
}

// cutBody ends a request whose body cannot be had. Any status would make a
// stock client free the data, or send it again for ever without a word here.
func (f *Frontend) cutBody(r *http.Request, err error) {
	f.o.Log.Warn("post not read", "address", f.address(r), "path", r.URL.Path, "error", err)
	abort()
}

// readAll reads at most limit bytes, with a deadline that moves on with them.
func readAll(ctx context.Context, rc *http.ResponseController, r io.Reader, limit int64) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(int(min(limit, 1<<20)) + bytes.MinRead)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := rc.SetReadDeadline(time.Now().Add(stalled)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return nil, err
		}
		n, err := io.CopyN(&buf, r, 256<<10)
		if int64(buf.Len()) > limit {
			return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
		}
		if errors.Is(err, io.EOF) {
			_ = rc.SetReadDeadline(time.Time{}) // the connection goes on without it
			return buf.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, io.ErrNoProgress
		}
	}
}
