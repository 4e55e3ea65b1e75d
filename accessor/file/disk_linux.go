package file

import (
	"context"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"goshawk/accessor"
)

// separators are the bytes that no component of a native path holds.
const separators = "/"

func joinNative(components []string) string { return accessor.Linux.Path(components...).Bare() }

// maxPath is less than what the kernel takes for a path, to leave room for a prefix.
const maxPath = 4000

// shorten returns a name of bearable length for a file whose path is too long
// for one call. It is good until done is called.
func shorten(name string) (short string, done func(), err error) {
	fd := -1
	done = func() {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	for len(name) > maxPath {
		cut := strings.LastIndexByte(name[:maxPath], '/')
		if cut <= 0 {
			break // a component that is longer than any name can be
		}
		next, err := unix.Open(name[:cut], unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		done()
		if fd = next; err != nil {
			return "", nil, err
		}
		name = procName(fd) + name[cut:]
	}
	return name, done, nil
}

// Lstat tells about a file.
func (*disk) Lstat(_ context.Context, p accessor.Path) (*accessor.Info, error) {
	return statPath(p, "lstat", unix.AT_SYMLINK_NOFOLLOW)
}

// Stat tells about a file, or about where a link leads.
func (*disk) Stat(_ context.Context, p accessor.Path) (*accessor.Info, error) {
	return statPath(p, "stat", 0)
}

func statPath(p accessor.Path, op string, flags int) (*accessor.Info, error) {
	name, err := osPath(p)
	if err != nil {
		return nil, err
	}
	var st unix.Statx_t
	short, done, err := shorten(name)
	if err == nil {
		defer done()
		err = statName(short, flags, &st)
	}
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return newInfo(p, &st), nil
}

func statName(name string, flags int, st *unix.Statx_t) error {
	c, err := newCString(name)
	if err != nil {
		return err
	}
	return statAt(unix.AT_FDCWD, c, flags, st)
}

// retry repeats a call that a signal interrupted.
func retry(f func() error) error {
	for {
		if err := f(); err != unix.EINTR {
			return err
		}
	}
}

// stat is a file's Info and the rest of what statx said, in one piece of memory.
type stat struct {
	accessor.Info
	uid, gid, nlink, blksize uint32
	devMajor, devMinor       uint32
	mode                     uint16
	rdev, blocks             uint64
}

func newInfo(p accessor.Path, st *unix.Statx_t) *accessor.Info {
	s := &stat{
		uid: st.Uid, gid: st.Gid, nlink: st.Nlink, blksize: st.Blksize, mode: st.Mode, blocks: st.Blocks,
		devMajor: st.Dev_major, devMinor: st.Dev_minor, rdev: unix.Mkdev(st.Rdev_major, st.Rdev_minor),
	}
	s.Info = accessor.Info{
		Path: p, Size: int64(st.Size), Mode: fileMode(st.Mode),
		Mtime: instant(st.Mtime), Atime: instant(st.Atime), Ctime: instant(st.Ctime), Btime: instant(st.Btime),
		Dev: unix.Mkdev(st.Dev_major, st.Dev_minor), Inode: st.Ino, More: (*details)(s),
	}
	return &s.Info
}

func instant(t unix.StatxTimestamp) time.Time { return time.Unix(t.Sec, int64(t.Nsec)) }

// fileMode returns the mode in Go's terms.
func fileMode(m uint16) fs.FileMode {
	mode := fs.FileMode(m&0o777) | typeOfFormat(m&unix.S_IFMT)
	if m&unix.S_ISUID != 0 {
		mode |= fs.ModeSetuid
	}
	if m&unix.S_ISGID != 0 {
		mode |= fs.ModeSetgid
	}
	if m&unix.S_ISVTX != 0 {
		mode |= fs.ModeSticky
	}
	return mode
}

func typeOfFormat(format uint16) fs.FileMode {
	switch format {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	case unix.S_IFBLK:
		return fs.ModeDevice
	case unix.S_IFCHR:
		return fs.ModeDevice | fs.ModeCharDevice
	case unix.S_IFIFO:
		return fs.ModeNamedPipe
	case unix.S_IFSOCK:
		return fs.ModeSocket
	}
	return fs.ModeIrregular
}
