package files

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"goshawk/accessor"
	"goshawk/row"
	"goshawk/vql"
)

type statArgs struct {
	Filename row.Value `vql:"filename,required" doc:"path of one file, without wildcards"`
	Accessor string    `vql:"accessor" doc:"which accessor to use, auto if it is not given"`
}

// statNames are the columns of stat, by their names.
var statNames = []string{
	"Atime", "Btime", "Ctime", "Data", "Dev", "FullPath", "GetLink", "IsDir", "IsLink", "ModTime", "Mode", "Mtime",
	"Name", "OSPath", "Size", "Sys",
}

func (t *topic) statPlugin() vql.Plugin {
	return vql.NewPlugin(vql.Spec{
		Name: "stat", Doc: "what is known of one file; links are not followed", Columns: statNames, Version: 2,
	}, func(ctx context.Context, _ *vql.Call, a *statArgs, out *vql.Out) error {
		info, err := t.stat(ctx, a)
		if info == nil || err != nil {
			return err
		}
		vals := make([]row.Value, len(statNames))
		for i, name := range statNames {
			vals[i], _ = (&file{info}).Member(name)
		}
		return out.Row(vals...)
	})
}

func (t *topic) statFunction() vql.Function {
	return vql.NewFunction(vql.Spec{
		Name: "stat", Doc: "what is known of one file, NULL if there is none; links are not followed",
	}, func(ctx context.Context, _ *vql.Call, a *statArgs) (row.Value, error) {
		info, err := t.stat(ctx, a)
		if info == nil || err != nil {
			return row.Null, err
		}
		return row.FromObject(&file{info}), nil
	})
}

// stat returns nil for a file that is missing, which is no error.
func (t *topic) stat(ctx context.Context, a *statArgs) (*accessor.Info, error) {
	fsys, p, err := t.target(a.Accessor, a.Filename)
	if err != nil {
		return nil, err
	}
	info, err := fsys.Lstat(ctx, p)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(p, err)
	}
	return info, nil
}

// isMissing says whether an error means that no file has that path.
func isMissing(err error) bool { return hasGone(err) || errors.Is(err, syscall.ENOTDIR) }

// unreadable is the error of a file that cannot be read, with its path once.
func unreadable(p accessor.Path, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = &fs.PathError{Op: pe.Op, Path: p.String(), Err: pe.Err}
	}
	return vql.Warning(err)
}

// file is what the function stat gives: an object with all that glob knows.
type file struct{ info *accessor.Info }

// Member returns one fact.
func (f *file) Member(name string) (row.Value, bool) {
	i := f.info
	switch name {
	case "Name":
		return row.String(i.Name()), true
	case "OSPath":
		return i.Path.Value(), true
	case "FullPath":
		return row.String(i.Path.String()), true
	case "Mtime", "ModTime":
		return row.Time(i.Mtime), true
	case "Atime":
		return row.Time(i.Atime), true
	case "Ctime":
		return row.Time(i.Ctime), true
	case "Btime":
		return row.Time(i.Btime), true
	case "Size":
		return row.Int(i.Size), true
	case "Mode":
		return row.FromObject(mode(i.Mode)), true
	case "ModeStr":
		return row.String(i.Mode.String()), true
	}
	return f.further(name)
}

func (f *file) further(name string) (row.Value, bool) {
	i := f.info
	switch name {
	case "IsDir":
		return row.Bool(i.IsDir()), true
	case "IsLink":
		return row.Bool(i.IsLink()), true
	case "Data":
		return i.Data(), true
	case "Sys":
		return i.Sys(), true
	case "Dev":
		return row.Uint(i.Dev), true
	case "GetLink":
		return i.Link(), true
	}
	return row.Null, false
}

// shownNames are what a file shows where it stands as a value.
var shownNames = row.NewColumns("FullPath", "Size", "Mode", "ModeStr", "ModTime", "Data", "Mtime", "Ctime", "Atime")

// Plain returns the main facts as a dict.
func (f *file) Plain() row.Value {
	vals := make([]row.Value, shownNames.Len())
	for i, name := range shownNames.Names() {
		vals[i], _ = f.Member(name)
	}
	return row.FromDict(row.NewDict(shownNames, vals))
}

// Truth says that a file is there.
func (f *file) Truth() bool { return true }
