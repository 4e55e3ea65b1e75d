package file

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cstring is a text that a zero byte follows in memory, for system calls
// without a copy. The byte is not part of it.
type cstring string

// newCString copies a text; one that holds a zero byte is none.
func newCString(s string) (cstring, error) {
	if strings.IndexByte(s, 0) >= 0 {
		return "", unix.EINVAL
	}
	return cstring((s + "\x00")[:len(s)]), nil
}

const (
	// statFlags keep a look from mounting what is mounted on demand.
	statFlags = unix.AT_NO_AUTOMOUNT
	statMask  = unix.STATX_BASIC_STATS | unix.STATX_BTIME
)

// statAt asks about a file by its name in an open folder. Kernels before 4.11
// and sandboxes that are older than statx know no time of birth.
func statAt(fd int, name cstring, flags int, st *unix.Statx_t) error {
	for {
		_, _, errno := unix.Syscall6(unix.SYS_STATX, uintptr(fd), uintptr(unsafe.Pointer(unsafe.StringData(string(name)))),
			uintptr(flags|statFlags), statMask, uintptr(unsafe.Pointer(st)), 0)
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
			continue
		case unix.ENOSYS, unix.EPERM:
			return oldStatAt(fd, string(name), flags, st)
		}
		return errno
	}
}

func oldStatAt(fd int, name string, flags int, st *unix.Statx_t) error {
	var old unix.Stat_t
	if err := retry(func() error { return unix.Fstatat(fd, name, &old, flags|statFlags) }); err != nil {
		return err
	}
	*st = unix.Statx_t{
		Mode: uint16(old.Mode), Uid: old.Uid, Gid: old.Gid, Nlink: uint32(old.Nlink), Size: uint64(old.Size),
		Ino: old.Ino, Blksize: uint32(old.Blksize), Blocks: uint64(old.Blocks),
		Dev_major: unix.Major(uint64(old.Dev)), Dev_minor: unix.Minor(uint64(old.Dev)),
		Rdev_major: unix.Major(uint64(old.Rdev)), Rdev_minor: unix.Minor(uint64(old.Rdev)),
		Atime: stamp(old.Atim), Mtime: stamp(old.Mtim), Ctime: stamp(old.Ctim),
	}
	return nil
}

func stamp(t unix.Timespec) unix.StatxTimestamp {
	return unix.StatxTimestamp{Sec: int64(t.Sec), Nsec: uint32(t.Nsec)}
}
