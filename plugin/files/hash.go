package files

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"strconv"
	"strings"

	"goshawk/accessor"
	"goshawk/row"
	"goshawk/vql"
)

type hashArgs struct {
	Path       row.Value `vql:"path,required" doc:"the file"`
	Accessor   string    `vql:"accessor" doc:"which accessor to use, auto if it is not given"`
	HashSelect []string  `vql:"hashselect" doc:"which of MD5, SHA1 and SHA256 to compute; without it all"`
	MaxSize    uint64    `vql:"max_size" doc:"bytes that are read at most; without it the variable HASH_MAX_SIZE, else all"`
}

var hashColumns = row.NewColumns("MD5", "SHA1", "SHA256")

// hashBlock is the unit in which a size limit counts: a block that would pass
// it is not hashed, nor is what follows.
const hashBlock = 64 << 10

func (t *topic) hashFunction() vql.Function {
	return vql.NewFunction(vql.Spec{
		Name: "hash", Doc: "the MD5, SHA-1 and SHA-256 of a file, NULL if it cannot be read", Version: 3,
	}, func(ctx context.Context, c *vql.Call, a *hashArgs) (row.Value, error) {
		fsys, p, err := t.target(a.Accessor, a.Path)
		if err != nil {
			return row.Null, err
		}
		d, err := newDigest(a.HashSelect)
		if err != nil {
			return row.Null, err
		}
		d.limit = hashLimit(c, a.MaxSize)
		if err := t.digest(ctx, fsys, p, d); err != nil {
			return row.Null, unreadable(p, err)
		}
		if d.cut {
			c.Log(vql.Warn, "hash: %s is larger than %d bytes: the hash covers only its first %d", p, d.limit, d.done)
		}
		return d.value(), nil
	})
}

// digest reads a file. A folder hashes like an empty one.
func (t *topic) digest(ctx context.Context, fsys accessor.FileSystem, p accessor.Path, d *digest) error {
	f, err := fsys.Open(ctx, p)
	if errors.Is(err, accessor.ErrFolder) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	buf := t.buffer()
	defer t.buffers.Put(buf)
	return d.read(ctx, f, buf[:])
}

// hashLimit is how much is read of a file. Without a limit that somebody chose
// it is all: a hash of a part would be taken for that of the file.
func hashLimit(c *vql.Call, given uint64) uint64 {
	if given > 0 {
		return given
	}
	if v, ok := c.Lookup("HASH_MAX_SIZE"); ok {
		if n, err := strconv.ParseUint(row.Text(v), 0, 64); err == nil && n > 0 {
			return n
		}
	}
	return math.MaxUint64
}

// digest computes the selected hashes of one content.
type digest struct {
	hashes [3]hash.Hash // as in hashColumns, nil if not selected
	limit  uint64
	done   uint64 // bytes hashed
	cut    bool   // there are more than limit
}

func newDigest(selected []string) (*digest, error) {
	d := &digest{}
	if len(selected) == 0 {
		selected = hashColumns.Names()
	}
	for _, name := range selected {
		switch strings.ToUpper(name) {
		case "MD5":
			d.hashes[0] = md5.New()
		case "SHA1":
			d.hashes[1] = sha1.New()
		case "SHA256":
			d.hashes[2] = sha256.New()
		default:
			return nil, fmt.Errorf("hashselect: unknown hash %s (one of MD5, SHA1, SHA256)", name)
		}
	}
	return d, nil
}

// read hashes what r has up to the limit. The length of buf is a multiple of hashBlock.
func (d *digest) read(ctx context.Context, r io.Reader, buf []byte) error {
	for !d.cut {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		n, err := io.ReadFull(r, buf)
		d.write(buf[:n])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *digest) write(b []byte) {
	if d.done+uint64(len(b)) > d.limit {
		fits := (d.limit - d.done) / hashBlock * hashBlock
		d.cut, b = true, b[:fits]
	}
	d.done += uint64(len(b))
	for _, h := range d.hashes {
		if h != nil {
			h.Write(b)
		}
	}
}

// value is the dict of hashes in lower-case hex, empty where not selected.
func (d *digest) value() row.Value {
	vals := make([]row.Value, len(d.hashes))
	for i, h := range d.hashes {
		vals[i] = row.String("")
		if h != nil {
			vals[i] = row.String(hex.EncodeToString(h.Sum(nil)))
		}
	}
	return row.FromDict(row.NewDict(hashColumns, vals))
}
