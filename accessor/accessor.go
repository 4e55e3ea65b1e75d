// Package accessor is the contract of everything that looks like a tree of
// files: the disk as the system shows it, an archive, a registry hive, a text.
//
// A FileSystem parses paths, lists folders, and opens files. A Set finds one by
// the name that queries give. A Path knows how it is written and, when it lies
// inside another file, where that file is; in a query it is a value that
// compares as its text. PathOf makes one of whatever a query passes as a path.
//
// Each accessor has a folder of its own; package local lists those that need
// nothing but the machine.
package accessor

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"goshawk/row"
)

// Errors of Open, beside those of io/fs.
var (
	// ErrNotRegular refuses devices, pipes and sockets, which may block or act when they are opened.
	//lint:ignore ST1005 people and tests look for these words
	ErrNotRegular = errors.New("Only regular files supported")
	// ErrFolder says that a folder has no content to read.
	ErrFolder = errors.New("is a folder")
)

// FileSystem is what an accessor does. Its errors name the path, and wrap
// fs.ErrNotExist when nothing is there. It is safe for concurrent use.
type FileSystem interface {
	// Parse reads a path as this accessor writes it; the empty text is its root.
	Parse(text string) (Path, error)
	// Lstat tells about a file, and of a link about the link itself.
	Lstat(ctx context.Context, p Path) (*Info, error)
	// Stat tells about a file, and of a link about the file it leads to.
	Stat(ctx context.Context, p Path) (*Info, error)
	// ReadDir calls visit for each entry of a folder, in byte order of names, and
	// stops at the first error that it returns. An Entry is valid during the call only.
	ReadDir(ctx context.Context, p Path, visit func(Entry) error) error
	// Open opens a file's content. It never waits for another process.
	Open(ctx context.Context, p Path) (File, error)
}

// File is an open file. One that also has ReadAt can be read from several goroutines.
type File interface {
	io.ReadSeekCloser
}

// Entry is a name in a folder.
type Entry interface {
	Name() string
	// Type is the type bits of the mode; fs.ModeIrregular says that only Info knows.
	Type() fs.FileMode
	// Info tells about the entry as Lstat does.
	Info() (*Info, error)
}

// Info is what is known of a file. Unknown times are the zero time.
type Info struct {
	Path                       Path
	Size                       int64
	Mode                       fs.FileMode
	Mtime, Atime, Ctime, Btime time.Time
	// Dev and Inode together are the file's identity; zero if it has none.
	Dev, Inode uint64
	// More is nil when nothing else is known.
	More Details
}

// Details is what it costs something to know, and only some accessors do. Each
// call works it out.
type Details interface {
	// Data is the accessor's own facts, a dict or NULL.
	Data() row.Value
	// Sys is the operating system's record of the file, a dict or NULL.
	Sys() row.Value
	// Link is where a link leads, as it is written there.
	Link() (string, error)
	// FSType names the type of the file system that holds the file, if it has one.
	FSType() string
}

// Name is the last component of the path.
func (i *Info) Name() string { return i.Path.Base() }

// IsDir says whether it is a folder; a link to one is not.
func (i *Info) IsDir() bool { return i.Mode.IsDir() }

// IsLink says whether it is a link.
func (i *Info) IsLink() bool { return i.Mode&fs.ModeSymlink != 0 }

// Data is the accessor's own facts, at least an empty dict.
func (i *Info) Data() row.Value {
	if i.More != nil {
		if v := i.More.Data(); !v.IsNull() {
			return v
		}
	}
	return row.FromDict(&row.Dict{})
}

// Sys is the operating system's record of the file, or NULL.
func (i *Info) Sys() row.Value {
	if i.More == nil {
		return row.Null
	}
	return i.More.Sys()
}

// Link is the path where a link leads, read by the rules of its own path's
// type, and NULL for what is no link.
func (i *Info) Link() row.Value {
	if i.More == nil || !i.IsLink() {
		return row.Null
	}
	text, err := i.More.Link()
	if err != nil {
		return row.Null
	}
	return i.Path.at(i.Path.typ.split(text)).Value()
}
