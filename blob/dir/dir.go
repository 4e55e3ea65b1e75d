// Package dir keeps blobs as files of one folder, each under its SHA-256 in
// hex: ab/cd/abcd… One process at a time may open a folder.
//
// A blob is written to a temporary file in the folder tmp while it is hashed,
// synced, and renamed to its place, whose folder is synced: a file that stands
// under a hash is whole. What a crash left in tmp is removed by Open.
package dir

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"sync"

	"goshawk"
	"goshawk/blob"
	"goshawk/internal/disk"
)

const (
	tmp     = "tmp"
	bufSize = 256 << 10 // a read or write of this size costs little beside its system call
)

// Options say where blobs are kept.
type Options struct {
	Path string  // folder, made if it is missing
	FS   disk.FS // taken instead of Path if it is set; Close closes it
}

// Store keeps blobs in a folder.
type Store struct {
	fs   disk.FS
	bufs sync.Pool // *[]byte of bufSize

	mu   sync.Mutex      // guards made
	made map[string]bool // folders that are known to be durable
}

var _ blob.Store = (*Store)(nil)

// Open opens a folder of blobs and removes what a crash left unfinished in it.
func Open(o Options) (*Store, error) {
	if o.FS == nil {
		d, err := disk.Open(o.Path)
		if err != nil {
			return nil, wrap("open blobs", err)
		}
		o.FS = d
	}
	s := &Store{fs: o.FS, made: map[string]bool{}}
	s.bufs.New = func() any { b := make([]byte, bufSize); return &b }
	if err := s.sweep(); err != nil {
		return nil, errors.Join(wrap("open blobs", err), o.FS.Close())
	}
	return s, nil
}

// sweep removes temporary files and makes their folder.
func (s *Store) sweep() error {
	if err := s.folder(tmp); err != nil {
		return err
	}
	es, err := s.fs.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, e := range es {
		if err := s.fs.Remove(path.Join(tmp, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the folder. Blobs that are open stay so.
func (s *Store) Close() error { return s.fs.Close() }

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, r io.Reader) (h goshawk.Hash, size int64, err error) {
	f, err := disk.CreateTemp(s.fs, tmp, "")
	if err != nil {
		return h, 0, wrap("put blob", err)
	}
	h, size, err = s.fill(ctx, f, r)
	if err = errors.Join(err, f.Close()); err == nil {
		err = s.place(ctx, f.Name(), h)
	}
	if err != nil {
		s.fs.Remove(f.Name()) // is gone if it was placed; otherwise Open tries again
		return goshawk.Hash{}, 0, wrap("put blob", err)
	}
	return h, size, nil
}

// fill copies r to f, hashes and syncs it.
func (s *Store) fill(ctx context.Context, f disk.File, r io.Reader) (h goshawk.Hash, size int64, err error) {
	sum := sha256.New()
	w := io.MultiWriter(io.NewOffsetWriter(f, 0), sum)
	if size, err = s.copy(ctx, w, r); err != nil {
		return h, 0, err
	}
	sum.Sum(h[:0])
	return h, size, f.Sync()
}

// copy is io.Copy that heeds ctx and owns its buffer.
func (s *Store) copy(ctx context.Context, w io.Writer, r io.Reader) (size int64, err error) {
	buf := s.bufs.Get().(*[]byte)
	defer s.bufs.Put(buf)
	for {
		if err := ctx.Err(); err != nil {
			return size, err
		}
		n, err := io.ReadFull(r, *buf)
		if _, err := w.Write((*buf)[:n]); err != nil {
			return size, err
		}
		size += int64(n)
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return size, nil
		default:
			return size, err
		}
	}
}

// place gives a synced temporary file its final name. A blob that is there
// already is replaced by it, which heals one that was damaged.
func (s *Store) place(ctx context.Context, temp string, h goshawk.Hash) error {
	name := nameOf(h)
	if err := s.folder(path.Dir(name)); err != nil {
		return err
	}
	if err := s.fs.Rename(temp, name); err != nil {
		// Windows renames nothing onto a file that is open.
		if f, e := s.Open(ctx, h); e != nil || f.Close() != nil || s.fs.Remove(temp) != nil {
			return err
		}
	}
	return s.fs.SyncDir(path.Dir(name))
}

// folder makes a folder durable, once.
func (s *Store) folder(name string) error {
	s.mu.Lock()
	done := s.made[name]
	s.mu.Unlock()
	if done {
		return nil
	}
	if err := s.fs.MkdirAll(name, 0o700); err != nil {
		return err
	}
	for up := name; up != "."; {
		up = path.Dir(up)
		if err := s.fs.SyncDir(up); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.made[name] = true
	s.mu.Unlock()
	return nil
}

// Open implements blob.Store.
func (s *Store) Open(ctx context.Context, h goshawk.Hash) (blob.File, error) {
	f, err := s.fs.OpenFile(nameOf(h), os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open blob %s: %w", h, goshawk.ErrNotFound)
	}
	if err != nil {
		return nil, wrap("open blob "+h.String(), err)
	}
	size, err := f.Size()
	if err == nil {
		err = s.check(ctx, f, size, h)
	}
	if err != nil {
		return nil, errors.Join(wrap("open blob "+h.String(), err), f.Close())
	}
	return file{io.NewSectionReader(f, 0, size), f}, nil
}

func (s *Store) check(ctx context.Context, f disk.File, size int64, h goshawk.Hash) error {
	sum := sha256.New()
	if _, err := s.copy(ctx, sum, io.NewSectionReader(f, 0, size)); err != nil {
		return err
	}
	if got := goshawk.Hash(sum.Sum(nil)); got != h {
		return fmt.Errorf("%w: %d bytes have the hash %s", goshawk.ErrCorrupt, size, got)
	}
	return nil
}

// Delete implements blob.Store.
func (s *Store) Delete(_ context.Context, h goshawk.Hash) error {
	name := nameOf(h)
	err := s.fs.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.fs.SyncDir(path.Dir(name))
	}
	return wrap("delete blob "+h.String(), err)
}

// List implements blob.Store. Files that are not named by a hash are left out.
func (s *Store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) { s.list(ctx, ".", 0, yield) }
}

// list walks a folder of the given depth and says whether to go on.
func (s *Store) list(ctx context.Context, folder string, depth int, yield func(blob.Info, error) bool) bool {
	es, err := s.fs.ReadDir(folder)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		yield(blob.Info{}, wrap("list blobs", err))
		return false
	}
	for _, e := range es {
		name := path.Join(folder, e.Name())
		switch {
		case depth < 2 && e.IsDir() && name != tmp:
			if !s.list(ctx, name, depth+1, yield) {
				return false
			}
		case depth == 2:
			if !yieldFile(e, name, yield) {
				return false
			}
		}
	}
	return true
}

func yieldFile(e fs.DirEntry, name string, yield func(blob.Info, error) bool) bool {
	h, err := goshawk.ParseHash(e.Name())
	if err != nil || nameOf(h) != name {
		return true
	}
	st, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) { // deleted since
		return true
	}
	if err != nil {
		yield(blob.Info{}, wrap("list blobs", err))
		return false
	}
	return yield(blob.Info{Hash: h, Size: st.Size(), Stored: st.ModTime()}, nil)
}

// nameOf returns where a blob is kept.
func nameOf(h goshawk.Hash) string {
	s := h.String()
	return s[:2] + "/" + s[2:4] + "/" + s
}

// wrap adds what was done and, if the disk is the reason, the kind of err.
func wrap(what string, err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case err == nil:
		return nil
	case disk.IsFull(err):
		return fmt.Errorf("%s: %w: %w", what, goshawk.ErrFull, err)
	case errors.As(err, &pe) || errors.As(err, &le):
		return fmt.Errorf("%s: %w: %w", what, goshawk.ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// file is an open blob whose content was checked.
type file struct {
	*io.SectionReader
	f disk.File
}

func (f file) Close() error { return f.f.Close() }
