package file

import (
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/windows"

	"goshawk/accessor"
	"goshawk/row"
)

// separators are the bytes that no component of a native path holds, but for
// the devices that may begin it, which reading it again does not change.
const separators = `/\`

// joinNative writes a path for the system. A drive alone is its root folder,
// not the folder that happens to be current there.
func joinNative(components []string) string {
	name := strings.Join(components, `\`)
	if len(components) == 1 && strings.HasSuffix(name, ":") {
		name += `\`
	}
	return name
}

func openFile(name string) (*os.File, error) { return os.Open(name) }

// follow does not: reparse points are not followed here.
func follow(name string) (fs.FileInfo, error) { return os.Lstat(name) }

// unblocked returns a file whose reads wait for nobody: here all regular ones are.
func unblocked(f *os.File) accessor.File { return f }

// isAbove says whether a path is above the drives.
func isAbove(p accessor.Path) bool { return len(p.Components()) == 0 }

// visitDrives lists the drives as folders of the root.
func visitDrives(p accessor.Path, visit func(accessor.Entry) error) error {
	mask, err := windows.GetLogicalDrives()
	if err != nil {
		return &fs.PathError{Op: "readdir", Path: `\`, Err: err}
	}
	for i := range 26 {
		if mask&(1<<i) == 0 {
			continue
		}
		if err := visit(drive{p, string(rune('A'+i)) + ":"}); err != nil {
			return err
		}
	}
	return nil
}

// drive is an entry of the root.
type drive struct {
	root accessor.Path
	name string
}

// Name is the drive's letter and a colon.
func (d drive) Name() string { return d.name }

// Type says that it is a folder.
func (d drive) Type() fs.FileMode { return fs.ModeDir }

// Info tells what is known without waking the drive.
func (d drive) Info() (*accessor.Info, error) {
	return &accessor.Info{Path: d.root.Append(d.name), Mode: fs.ModeDir | 0o755}, nil
}

func newInfo(p accessor.Path, name string, fi fs.FileInfo) *accessor.Info {
	i := &accessor.Info{Path: p, Size: fi.Size(), Mode: fi.Mode(), Mtime: fi.ModTime()}
	if st, ok := fi.Sys().(*syscall.Win32FileAttributeData); ok {
		i.Atime, i.Btime = instant(st.LastAccessTime), instant(st.CreationTime)
		i.More = &details{name, st.FileAttributes}
	}
	return i
}

func instant(t syscall.Filetime) time.Time {
	if t == (syscall.Filetime{}) {
		return time.Time{}
	}
	return time.Unix(0, t.Nanoseconds())
}

// details is what else the system says of a file.
type details struct {
	name       string
	attributes uint32
}

// Data is empty: the columns say it all.
func (d *details) Data() row.Value { return row.Null }

var sysColumns = row.NewColumns("FileAttributes")

// Sys is the attributes that Windows keeps.
func (d *details) Sys() row.Value {
	return row.FromDict(row.NewDict(sysColumns, []row.Value{row.Int(int64(d.attributes))}))
}

// Link reads where the link leads.
func (d *details) Link() (string, error) { return os.Readlink(d.name) }

// FSType is not told.
func (d *details) FSType() string { return "" }
