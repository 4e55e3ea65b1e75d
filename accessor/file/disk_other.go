//go:build !linux

package file

import (
	"context"
	"io/fs"
	"os"

	"goshawk/accessor"
)

// disk is the accessor, by the means of package os.
type disk struct{}

// Lstat tells about a file.
func (*disk) Lstat(_ context.Context, p accessor.Path) (*accessor.Info, error) {
	return lookAt(p, os.Lstat)
}

// Stat tells about a file, or about where a link leads.
func (*disk) Stat(_ context.Context, p accessor.Path) (*accessor.Info, error) {
	return lookAt(p, follow)
}

func lookAt(p accessor.Path, stat func(string) (fs.FileInfo, error)) (*accessor.Info, error) {
	name, err := osPath(p)
	if err != nil {
		return nil, err
	}
	if isAbove(p) {
		return &accessor.Info{Path: p, Mode: fs.ModeDir | 0o755}, nil
	}
	fi, err := stat(name)
	if err != nil {
		return nil, err
	}
	return newInfo(p, name, fi), nil
}

// ReadDir lists a folder.
func (*disk) ReadDir(ctx context.Context, p accessor.Path, visit func(accessor.Entry) error) error {
	name, err := osPath(p)
	if err != nil {
		return err
	}
	if isAbove(p) {
		return visitDrives(p, visit)
	}
	names, failed := os.ReadDir(name) // in order of names, even when it fails in the middle
	for _, n := range names {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := visit(entry{n, p}); err != nil {
			return err
		}
	}
	return failed
}

// entry is one name of a folder.
type entry struct {
	fs.DirEntry
	folder accessor.Path
}

// Info tells about the entry.
func (e entry) Info() (*accessor.Info, error) {
	p := e.folder.Append(e.Name())
	name, err := osPath(p)
	if err != nil {
		return nil, err
	}
	fi, err := e.DirEntry.Info()
	if err != nil {
		return nil, err
	}
	return newInfo(p, name, fi), nil
}
