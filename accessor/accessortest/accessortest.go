// Package accessortest is the suite that every accessor passes.
package accessortest

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"goshawk/accessor"
)

// Run checks what a FileSystem promises on a folder that holds the given files,
// their paths relative and with slashes, and nothing else.
func Run(t *testing.T, fsys accessor.FileSystem, root accessor.Path, files map[string]string) {
	s := &suite{fsys, root, files}
	t.Run("paths read back", s.paths)
	t.Run("folders list what is there", s.folders)
	t.Run("files have their content", s.contents)
	t.Run("what is missing is said to be", s.missing)
	t.Run("listing stops when told to", s.stops)
}

type suite struct {
	fsys  accessor.FileSystem
	root  accessor.Path
	files map[string]string
}

func (s *suite) path(name string) accessor.Path {
	return s.root.Append(strings.Split(name, "/")...)
}

func (s *suite) paths(t *testing.T) {
	for name := range s.files {
		p := s.path(name)
		q, err := s.fsys.Parse(p.String())
		if err != nil || !slices.Equal(q.Components(), p.Components()) {
			t.Errorf("Parse(%q) = %q, %v, want %q", p, q.Components(), err, p.Components())
		}
	}
	if root, err := s.fsys.Parse(""); err != nil || len(root.Components()) != 0 {
		t.Errorf("the empty text is %q, %v, want the root", root, err)
	}
}

// children returns the names in each folder, in order.
func (s *suite) children() map[string][]string {
	out := map[string][]string{}
	for name := range s.files {
		for dir := name; dir != ""; {
			above, base := "", dir
			if i := strings.LastIndexByte(dir, '/'); i >= 0 {
				above, base = dir[:i], dir[i+1:]
			}
			if !slices.Contains(out[above], base) {
				out[above] = append(out[above], base)
			}
			dir = above
		}
	}
	for _, names := range out {
		slices.Sort(names)
	}
	return out
}

func (s *suite) folders(t *testing.T) {
	for dir, want := range s.children() {
		p := s.root
		if dir != "" {
			p = s.path(dir)
		}
		var got []string
		err := s.fsys.ReadDir(t.Context(), p, func(e accessor.Entry) error {
			got = append(got, e.Name())
			s.entry(t, p, e)
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("ReadDir(%s) lists %q, %v, want %q", p, got, err, want)
		}
	}
}

// entry checks that an entry tells the same as Lstat.
func (s *suite) entry(t *testing.T, dir accessor.Path, e accessor.Entry) {
	i, err := e.Info()
	if err != nil {
		t.Errorf("Info of %s in %s: %v", e.Name(), dir, err)
		return
	}
	l, err := s.fsys.Lstat(t.Context(), dir.Append(e.Name()))
	if err != nil {
		t.Errorf("Lstat of %s in %s: %v", e.Name(), dir, err)
		return
	}
	if i.Path.String() != l.Path.String() || i.Size != l.Size || i.Mode != l.Mode || !i.Mtime.Equal(l.Mtime) {
		t.Errorf("%s: the entry says %v, Lstat %v", l.Path, *i, *l)
	}
	if typ := e.Type(); typ != i.Mode.Type() && typ != fs.ModeIrregular {
		t.Errorf("%s: type %v, mode %v", l.Path, typ, i.Mode)
	}
}

func (s *suite) contents(t *testing.T) {
	for name, want := range s.files {
		f, err := s.fsys.Open(t.Context(), s.path(name))
		if err != nil {
			t.Errorf("Open(%s): %v", name, err)
			continue
		}
		got, err := io.ReadAll(f)
		if err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v, want %q", name, got, err, want)
		}
		half := int64(len(want) / 2)
		if _, err := f.Seek(half, io.SeekStart); err != nil {
			t.Errorf("Seek in %s: %v", name, err)
		}
		if got, err := io.ReadAll(f); err != nil || string(got) != want[half:] {
			t.Errorf("%s holds %q from byte %d on, %v, want %q", name, got, half, err, want[half:])
		}
		if err := f.Close(); err != nil {
			t.Errorf("Close of %s: %v", name, err)
		}
	}
}

func (s *suite) missing(t *testing.T) {
	p := s.root.Append("no such name")
	_, lstat := s.fsys.Lstat(t.Context(), p)
	_, stat := s.fsys.Stat(t.Context(), p)
	_, open := s.fsys.Open(t.Context(), p)
	list := s.fsys.ReadDir(t.Context(), p, func(accessor.Entry) error { return nil })
	for call, err := range map[string]error{"Lstat": lstat, "Stat": stat, "Open": open, "ReadDir": list} {
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "no such name") {
			t.Errorf("%s of a missing file: %v, want fs.ErrNotExist with its path", call, err)
		}
	}
	for dir := range maps.Keys(s.children()) {
		if dir == "" {
			continue
		}
		if _, err := s.fsys.Open(t.Context(), s.path(dir)); !errors.Is(err, accessor.ErrFolder) {
			t.Errorf("Open of the folder %s: %v, want ErrFolder", dir, err)
		}
	}
}

func (s *suite) stops(t *testing.T) {
	enough, n := errors.New("enough"), 0
	err := s.fsys.ReadDir(t.Context(), s.root, func(accessor.Entry) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("ReadDir = %v after %d visits, want the visitor's error after one", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.fsys.ReadDir(ctx, s.root, func(accessor.Entry) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("ReadDir with a context that ended = %v, want its error", err)
	}
}
