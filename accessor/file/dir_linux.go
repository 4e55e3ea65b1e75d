package file

import (
	"bytes"
	"context"
	"encoding/binary"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"goshawk/accessor"
)

// disk is the accessor, by system calls.
type disk struct {
	buffers sync.Pool // of *[bufferSize]byte, for listing folders
}

// ReadDir lists a folder. What was listed before an error is visited first.
func (d *disk) ReadDir(ctx context.Context, p accessor.Path, visit func(accessor.Entry) error) error {
	name, err := osPath(p)
	if err != nil {
		return err
	}
	fd, err := openFolder(name)
	if err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer unix.Close(fd)
	names, failed := d.names(ctx, fd)
	e := entry{fd: fd, folder: p}
	for i := range names {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		e.dirent = names[i]
		if err := visit(&e); err != nil {
			return err
		}
	}
	if failed != nil {
		return &fs.PathError{Op: "readdir", Path: name, Err: failed}
	}
	return nil
}

// checkEvery is the number of entries between two looks at the context.
const checkEvery = 64

func openFolder(name string) (fd int, err error) {
	short, done, err := shorten(name)
	if err != nil {
		return -1, err
	}
	defer done()
	err = retry(func() error {
		fd, err = unix.Open(short, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		return err
	})
	return fd, err
}

// dirent is a name in a folder and its type, DT_UNKNOWN where the folder does
// not say it.
type dirent struct {
	name cstring
	typ  uint8
}

// bufferSize holds some 1,000 entries, so that most folders take two calls.
const bufferSize = 32 << 10

// names returns what a folder holds in order of names, even if reading fails in the middle.
func (d *disk) names(ctx context.Context, fd int) (out []dirent, err error) {
	buf, ok := d.buffers.Get().(*[bufferSize]byte)
	if !ok {
		buf = new([bufferSize]byte)
	}
	defer d.buffers.Put(buf)
	for {
		if err = context.Cause(ctx); err != nil {
			break
		}
		n := 0
		if err = retry(func() (err error) { n, err = unix.Getdents(fd, buf[:]); return err }); err != nil || n == 0 {
			break
		}
		out = appendDirents(out, buf[:n])
	}
	slices.SortFunc(out, func(a, b dirent) int { return strings.Compare(string(a.name), string(b.name)) })
	return out, err
}

// Places in a record of getdents64: inode and offset, 8 bytes each, then
// uint16 length of the record, uint8 type, and the name up to a zero byte.
const (
	reclenAt = 16
	typeAt   = 18
	nameAt   = 19
)

func appendDirents(out []dirent, buf []byte) []dirent {
	for len(buf) > nameAt {
		size := int(binary.NativeEndian.Uint16(buf[reclenAt:]))
		if size <= nameAt || size > len(buf) {
			return out
		}
		record := buf[:size]
		buf = buf[size:]
		end := bytes.IndexByte(record[nameAt:], 0)
		if end < 0 {
			continue
		}
		name := record[nameAt : nameAt+end+1]
		if string(name) == ".\x00" || string(name) == "..\x00" {
			continue
		}
		out = append(out, dirent{cstring(string(name)[:end]), record[typeAt]})
	}
	return out
}

// entry is one name of an open folder.
type entry struct {
	dirent
	fd     int
	folder accessor.Path
}

// Name is the entry's name.
func (e *entry) Name() string { return string(e.name) }

// Type is the entry's type, as the folder says it.
func (e *entry) Type() fs.FileMode {
	if e.typ == unix.DT_UNKNOWN {
		return fs.ModeIrregular
	}
	return typeOfFormat(uint16(e.typ) << 12) // DT_x is S_IFx without its twelve low bits
}

// Info looks the entry up in the folder that is open: the path is not walked again.
func (e *entry) Info() (*accessor.Info, error) {
	var st unix.Statx_t
	p := e.folder.Append(string(e.name))
	if err := statAt(e.fd, e.name, unix.AT_SYMLINK_NOFOLLOW, &st); err != nil {
		return nil, &fs.PathError{Op: "lstat", Path: joinNative(p.Components()), Err: err}
	}
	return newInfo(p, &st), nil
}
