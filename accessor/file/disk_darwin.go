package file

import (
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"goshawk/accessor"
	"goshawk/row"
)

// separators are the bytes that no component of a native path holds.
const separators = "/"

func joinNative(components []string) string { return "/" + strings.Join(components, "/") }

// openFile opens without waiting for a writer, should the name have become that of a pipe.
func openFile(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
}

func follow(name string) (fs.FileInfo, error) { return os.Stat(name) }

// unblocked returns a file whose reads wait for nobody: here all regular ones are.
func unblocked(f *os.File) accessor.File { return f }

// isAbove says whether a path is above all that the system has a name for.
func isAbove(accessor.Path) bool { return false }

func visitDrives(accessor.Path, func(accessor.Entry) error) error { return nil }

func newInfo(p accessor.Path, name string, fi fs.FileInfo) *accessor.Info {
	i := &accessor.Info{Path: p, Size: fi.Size(), Mode: fi.Mode(), Mtime: fi.ModTime()}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		i.Atime, i.Ctime, i.Btime = instant(st.Atimespec), instant(st.Ctimespec), instant(st.Birthtimespec)
		i.Dev, i.Inode = uint64(uint32(st.Dev)), st.Ino
		i.More = &details{name, st}
	}
	return i
}

func instant(t syscall.Timespec) time.Time { return time.Unix(t.Sec, t.Nsec) }

// details is what else the system says of a file.
type details struct {
	name string
	st   *syscall.Stat_t
}

// Data is the device's numbers, and where a link leads.
func (d *details) Data() row.Value {
	out := &row.Dict{}
	if d.st.Mode&syscall.S_IFMT == syscall.S_IFLNK {
		if text, err := d.Link(); err == nil {
			out.Set("Link", row.String(text))
		}
	}
	out.Set("DevMajor", row.Int(int64(unix.Major(uint64(d.st.Dev)))))
	out.Set("DevMinor", row.Int(int64(unix.Minor(uint64(d.st.Dev)))))
	return row.FromDict(out)
}

// Sys is the fields of struct stat.
func (d *details) Sys() row.Value {
	out, st := &row.Dict{}, d.st
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"Dev", int64(st.Dev)}, {"Mode", int64(st.Mode)}, {"Nlink", int64(st.Nlink)}, {"Ino", int64(st.Ino)},
		{"Uid", int64(st.Uid)}, {"Gid", int64(st.Gid)}, {"Rdev", int64(st.Rdev)}, {"Size", st.Size},
		{"Blocks", st.Blocks}, {"Blksize", int64(st.Blksize)}, {"Flags", int64(st.Flags)},
	} {
		out.Set(f.name, row.Int(f.value))
	}
	return row.FromDict(out)
}

// Link reads where the link leads.
func (d *details) Link() (string, error) { return os.Readlink(d.name) }

// FSType names the type of the file system.
func (d *details) FSType() string {
	var st unix.Statfs_t
	if err := unix.Statfs(d.name, &st); err != nil {
		return ""
	}
	return unix.ByteSliceToString(st.Fstypename[:])
}
