package goshawk

import (
	"encoding/hex"
	"fmt"
	"time"
)

// Hash is the SHA-256 of some bytes, and the name under which a blob is stored.
type Hash [32]byte

// String returns the hash in lower-case hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero says whether the hash is unset.
func (h Hash) IsZero() bool { return h == Hash{} }

// ParseHash reads 64 hex digits.
func ParseHash(s string) (h Hash, err error) {
	if b, err := hex.DecodeString(s); err == nil && len(b) == len(h) {
		return Hash(b), nil
	}
	return h, fmt.Errorf("%w: %q is no SHA-256", ErrInvalid, clip(s))
}

// Upload is a file brought in by a flow. Its name is data from the client: it
// is shown and never used as a path on the server.
type Upload struct {
	Client     ClientID
	Flow       FlowID
	Number     int64 // counts the flow's uploads from 0
	Accessor   string
	Components []string
	Size       int64 // of the file on the client
	StoredSize int64 // bytes sent: less than Size if the file has holes
	Received   int64 // bytes of them that are durable
	Last       bool  // the client has sent everything
	SHA256     Hash  // of the stored bytes, set when Done
	Done       bool
	Sparse     []Range // where stored bytes belong in the file; nil: all in one piece
	Mtime      time.Time
	Finished   time.Time
}

// Range is a run of bytes of a sparse file. Stored is 0 for a hole.
type Range struct {
	Offset       int64 // in the file on the client
	Length       int64
	StoredOffset int64
	Stored       int64
}
