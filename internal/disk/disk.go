// Package disk is the seam between the house and the file system: what writes
// files durably takes an FS, so that a test can cut the power or let any call
// fail. Open gives the real one, NewMemory the simulated one.
//
// Names are relative to the root of the FS, with slashes on every system, and
// can never leave it. A file's bytes survive a loss of power when Sync returned
// nil, its name when SyncDir of its folder did.
package disk

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
)

// FS is a folder and all below it. It is safe for concurrent use.
type FS interface {
	// OpenFile opens a file with the flags of package os, without O_APPEND.
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	// Rename gives a file another name, in place of a file that had it.
	Rename(from, to string) error
	// Remove removes a file or an empty folder.
	Remove(name string) error
	// MkdirAll makes a folder and those above it, where they are missing.
	MkdirAll(name string, perm fs.FileMode) error
	// ReadDir lists a folder in order of names.
	ReadDir(name string) ([]fs.DirEntry, error)
	Stat(name string) (fs.FileInfo, error)
	// SyncDir makes durable which names are in a folder.
	SyncDir(name string) error
	io.Closer
}

// File is an open file. After an error of Sync nobody knows which of its bytes
// are durable, and a second Sync does not tell: do not trust the file again.
type File interface {
	io.ReaderAt
	io.WriterAt
	Name() string // in its FS
	Size() (int64, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// CreateTemp creates a file in a folder under a name that nothing else has:
// the prefix and some random characters.
func CreateTemp(fsys FS, folder, prefix string) (File, error) {
	for {
		name := path.Join(folder, prefix+rand.Text())
		f, err := fsys.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// IsFull says whether err tells that there is no space left.
func IsFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || isSystemFull(err)
}
