package store

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"

	"goshawk"
)

// Lines returns the JSON lines of the batch.
func (b RowBatch) Lines() ([]byte, error) {
	switch b.Coding {
	case Plain:
		return b.Data, nil
	case Zlib:
		z, err := zlib.NewReader(bytes.NewReader(b.Data))
		if err != nil {
			return nil, fmt.Errorf("%w: rows from %d: %w", goshawk.ErrCorrupt, b.First, err)
		}
		out := bytes.NewBuffer(make([]byte, 0, b.Raw+bytes.MinRead))
		if _, err := io.Copy(out, io.LimitReader(z, b.Raw+1)); err != nil {
			return nil, fmt.Errorf("%w: rows from %d: %w", goshawk.ErrCorrupt, b.First, err)
		}
		if int64(out.Len()) != b.Raw {
			return nil, fmt.Errorf("%w: rows from %d are %d bytes, not %d", goshawk.ErrCorrupt, b.First, out.Len(), b.Raw)
		}
		return out.Bytes(), nil
	}
	return nil, fmt.Errorf("%w: rows from %d have the unknown coding %d", goshawk.ErrCorrupt, b.First, b.Coding)
}
