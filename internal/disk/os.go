package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// OS is a folder of the real file system.
type OS struct{ root *os.Root }

// Open returns the folder at path. It is made, for its owner alone, if it is
// missing.
func Open(path string) (*OS, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := makeFolder(filepath.Clean(path)); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &OS{root}, nil
}

func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	f, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return syncAndClose(f)
}

// OpenFile implements FS.
func (o *OS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := o.root.OpenFile(filepath.FromSlash(name), flag, perm)
	if err != nil {
		return nil, err
	}
	return osFile{f, name}, nil
}

// Rename implements FS.
func (o *OS) Rename(from, to string) error {
	return o.root.Rename(filepath.FromSlash(from), filepath.FromSlash(to))
}

// Remove implements FS.
func (o *OS) Remove(name string) error { return o.root.Remove(filepath.FromSlash(name)) }

// MkdirAll implements FS.
func (o *OS) MkdirAll(name string, perm fs.FileMode) error {
	return o.root.MkdirAll(filepath.FromSlash(name), perm)
}

// ReadDir implements FS.
func (o *OS) ReadDir(name string) ([]fs.DirEntry, error) {
	f, err := o.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close() // nothing was written
	es, err := f.ReadDir(-1)
	slices.SortFunc(es, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return es, err
}

// Stat implements FS.
func (o *OS) Stat(name string) (fs.FileInfo, error) { return o.root.Stat(filepath.FromSlash(name)) }

// SyncDir implements FS. On Windows it does nothing: a folder cannot be
// synced there, and NTFS keeps a journal of names.
func (o *OS) SyncDir(name string) error {
	f, err := o.root.Open(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	return syncAndClose(f)
}

// Close implements FS.
func (o *OS) Close() error { return o.root.Close() }

// osFile is an *os.File that goes by its name in the FS.
type osFile struct {
	*os.File
	name string
}

func (f osFile) Name() string { return f.name }

func (f osFile) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
