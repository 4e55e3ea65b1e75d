// Package file reads the disk as the operating system shows it.
//
// It opens regular files only, so that a device or a pipe neither blocks nor
// acts, and it never follows a link unless asked. On Linux names are bytes:
// they need not be UTF-8 and may hold anything but / and NUL. On Windows the
// root lists the drives.
package file

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"goshawk/accessor"
)

// Options of New. The zero value is the accessor called file.
type Options struct {
	// NoCase looks for a path that does not exist again without heed of case.
	NoCase bool
}

// New returns the accessor for this system's disk, a disk: what of it differs
// between systems is in a file for each.
func New(o Options) accessor.FileSystem {
	d := &disk{}
	if o.NoCase {
		return noCase{d}
	}
	return d
}

// Parse reads a path of this system.
func (*disk) Parse(text string) (accessor.Path, error) { return accessor.Native().Parse(text) }

var errInside = errors.New("the path lies inside another file, for which the accessor is another one")

// osPath returns the text that the system knows a path by. Components that a
// query made up cannot lead upwards: they are read again as text would be.
func osPath(p accessor.Path) (string, error) {
	if p.HasDelegate() {
		return "", &fs.PathError{Op: "open", Path: p.String(), Err: errInside}
	}
	cs := p.Components()
	if !slices.ContainsFunc(cs, isOdd) {
		return joinNative(cs), nil
	}
	q, err := accessor.Native().Parse(joinNative(cs))
	return joinNative(q.Components()), err
}

// isOdd says that a component is none that a path read from text would have.
func isOdd(c string) bool {
	return c == "" || c == "." || c == ".." || strings.ContainsAny(c, separators)
}

// Open opens a regular file. Looking first keeps devices and pipes from being
// opened at all; looking again afterwards makes sure that it was the same file.
func (d *disk) Open(ctx context.Context, p accessor.Path) (accessor.File, error) {
	name, err := osPath(p)
	if err != nil {
		return nil, err
	}
	info, err := d.Stat(ctx, p)
	if err == nil {
		err = regular(info.Mode, name)
	}
	if err != nil {
		return nil, err
	}
	f, err := openFile(name)
	if err != nil {
		return nil, named(err, name)
	}
	fi, err := f.Stat()
	if err == nil {
		err = regular(fi.Mode(), name)
	}
	if err != nil {
		f.Close()
		return nil, named(err, name)
	}
	return unblocked(f), nil
}

// named returns an error that tells the path as it was asked for.
func named(err error, name string) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return &fs.PathError{Op: pe.Op, Path: name, Err: pe.Err}
	}
	return err
}

func regular(m fs.FileMode, name string) error {
	switch {
	case m.IsDir():
		return &fs.PathError{Op: "open", Path: name, Err: accessor.ErrFolder}
	case !m.IsRegular():
		return &fs.PathError{Op: "open", Path: name, Err: accessor.ErrNotRegular}
	}
	return nil
}
