package file

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"goshawk/accessor"
)

// noCase is disk with a second try: a path that does not exist is looked for
// component by component, without heed of case.
type noCase struct{ *disk }

// Lstat tells about a file.
func (n noCase) Lstat(ctx context.Context, p accessor.Path) (i *accessor.Info, err error) {
	err = n.try(ctx, p, func(p accessor.Path) error { i, err = n.disk.Lstat(ctx, p); return err })
	return i, err
}

// Stat tells about a file, or about where a link leads.
func (n noCase) Stat(ctx context.Context, p accessor.Path) (i *accessor.Info, err error) {
	err = n.try(ctx, p, func(p accessor.Path) error { i, err = n.disk.Stat(ctx, p); return err })
	return i, err
}

// ReadDir lists a folder.
func (n noCase) ReadDir(ctx context.Context, p accessor.Path, visit func(accessor.Entry) error) error {
	return n.try(ctx, p, func(p accessor.Path) error { return n.disk.ReadDir(ctx, p, visit) })
}

// Open opens a regular file.
func (n noCase) Open(ctx context.Context, p accessor.Path) (f accessor.File, err error) {
	err = n.try(ctx, p, func(p accessor.Path) error { f, err = n.disk.Open(ctx, p); return err })
	return f, err
}

// try calls do for a path, and once more for the one found if there is none of that name.
func (n noCase) try(ctx context.Context, p accessor.Path, do func(accessor.Path) error) error {
	err := do(p)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if found, ok := n.find(ctx, p); ok {
		return do(found)
	}
	return err
}

// find returns the path whose components equal those of p but for case. Of
// several names the one that is written alike wins, then the first.
func (n noCase) find(ctx context.Context, p accessor.Path) (accessor.Path, bool) {
	at := p.Type().Path()
	for _, want := range p.Components() {
		found := ""
		err := n.disk.ReadDir(ctx, at, func(e accessor.Entry) error {
			if name := e.Name(); name == want || found == "" && strings.EqualFold(name, want) {
				found = name
			}
			return nil
		})
		if err != nil || found == "" {
			return p, false
		}
		at = at.Append(found)
	}
	return at, true
}
