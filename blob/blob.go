// Package blob is the contract for large bytes: pieces of uploaded files and
// sealed results, each named by its SHA-256. blob/dir keeps them in a
// directory; blob/blobtest is the suite that each implementation passes.
package blob

import (
	"context"
	"io"
	"iter"
	"time"

	"goshawk"
)

// Store keeps blobs. All methods are safe for concurrent use. Errors wrap the
// kinds of package goshawk.
type Store interface {
	// Put reads r to its end and keeps what it read. It returns nil only when
	// the bytes survive a crash and a loss of power. Putting the same bytes
	// again is not an error. goshawk.ErrFull: no space is left, nothing is kept.
	Put(ctx context.Context, r io.Reader) (h goshawk.Hash, size int64, err error)
	// Open returns the blob's content for reading, after checking it against
	// its name: goshawk.ErrCorrupt if it differs, goshawk.ErrNotFound if there
	// is no such blob.
	Open(ctx context.Context, h goshawk.Hash) (File, error)
	// Delete removes a blob; one that is not there is no error.
	Delete(ctx context.Context, h goshawk.Hash) error
	// List yields all blobs, in no order.
	List(ctx context.Context) iter.Seq2[Info, error]
	io.Closer
}

// File is an open blob.
type File interface {
	io.Reader
	io.ReaderAt
	io.Seeker
	io.Closer
	Size() int64
}

// Info tells of a blob without opening it.
type Info struct {
	Hash   goshawk.Hash
	Size   int64
	Stored time.Time
}
