package disk

import (
	"io"
	"io/fs"
	"path"
	"slices"
	"time"
)

// memoryFile is an open file of a Memory.
type memoryFile struct {
	m      *Memory
	n      *node
	name   string
	life   int
	closed bool
}

func (f *memoryFile) Name() string { return f.name }

func (f *memoryFile) enter(op string) error {
	err := f.m.enter(op, f.name)
	if f.closed || f.life != f.m.life {
		return &fs.PathError{Op: op, Path: f.name, Err: fs.ErrClosed}
	}
	return err
}

func (f *memoryFile) ReadAt(p []byte, off int64) (int, error) {
	err := f.enter("read")
	defer f.m.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if off >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memoryFile) WriteAt(p []byte, off int64) (int, error) {
	err := f.enter("write")
	defer f.m.mu.Unlock()
	n := len(p)
	if err != nil {
		if f.closed || f.life != f.m.life {
			return 0, err
		}
		n /= 2
	}
	if n > 0 {
		f.n.write(write{off, slices.Clone(p[:n])})
	}
	return n, err
}

func (f *memoryFile) Truncate(size int64) error {
	err := f.enter("truncate")
	defer f.m.mu.Unlock()
	if err != nil {
		return err
	}
	if grow := size - int64(len(f.n.data)); grow > 0 {
		f.n.write(write{size - grow, make([]byte, grow)})
	} else {
		f.n.write(write{off: size})
	}
	return nil
}

func (f *memoryFile) Size() (int64, error) {
	err := f.enter("stat")
	defer f.m.mu.Unlock()
	return int64(len(f.n.data)), err
}

func (f *memoryFile) Sync() error {
	err := f.enter("sync")
	defer f.m.mu.Unlock()
	if f.closed || f.life != f.m.life {
		return err
	}
	if err == nil {
		for _, w := range f.n.writes {
			f.n.kept = w.apply(f.n.kept)
		}
	}
	f.n.writes = nil
	return err
}

func (f *memoryFile) Close() error {
	err := f.enter("close")
	defer f.m.mu.Unlock()
	f.closed = true
	return err
}

func (n *node) write(w write) {
	n.data = w.apply(n.data)
	n.writes = append(n.writes, w)
	n.mtime = time.Now()
}

func (n *node) info(name string) fs.FileInfo {
	return memoryInfo{path.Base(name), int64(len(n.data)), n.mode, n.mtime}
}

// memoryInfo is what Stat tells of a file at that moment.
type memoryInfo struct {
	name  string
	size  int64
	mode  fs.FileMode
	mtime time.Time
}

func (i memoryInfo) Name() string       { return i.name }
func (i memoryInfo) Size() int64        { return i.size }
func (i memoryInfo) Mode() fs.FileMode  { return i.mode }
func (i memoryInfo) ModTime() time.Time { return i.mtime }
func (i memoryInfo) IsDir() bool        { return i.mode.IsDir() }
func (i memoryInfo) Sys() any           { return nil }
