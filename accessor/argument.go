package accessor

import (
	"fmt"

	"goshawk/row"
)

// PathOf returns the path that a query passes to an accessor: a path as it is,
// a dict with the keys of a pathspec, a text or bytes that the accessor parses,
// or a list, whose elements are appended to one another.
func PathOf(fs FileSystem, v row.Value) (Path, error) {
	v = v.Force()
	if p, ok := AsPath(v); ok {
		return p, nil
	}
	switch v.Kind() {
	case row.KindString, row.KindBytes:
		return fs.Parse(v.Str())
	case row.KindDict:
		if isPathspec(v.Dict()) {
			root, err := fs.Parse("")
			if err != nil {
				return Path{}, err
			}
			return root.typ.FromDict(v.Dict())
		}
	case row.KindList:
		if len(v.List()) > 0 {
			return joined(fs, v.List())
		}
	case row.KindObject:
		if plain := v.Object().Plain(); plain.Kind() == row.KindString {
			return fs.Parse(plain.Str())
		}
	}
	//lint:ignore ST1005 people and tests look for these words
	return Path{}, fmt.Errorf("Expecting a path arg type, not %s", v.Kind())
}

// joined appends the elements of a list to the first one. What does not parse
// is appended as it is.
func joined(fs FileSystem, vs []row.Value) (Path, error) {
	p, err := PathOf(fs, vs[0])
	if err != nil {
		return Path{}, err
	}
	for _, v := range vs[1:] {
		if q, err := PathOf(fs, v); err == nil {
			p = p.Append(q.components...)
		} else {
			p = p.Append(row.Text(v.Force()))
		}
	}
	return p, nil
}

// PathsOf returns the paths that a query passes where several may be: those of
// a list's elements, without what is none, or the single one of another value.
func PathsOf(fs FileSystem, v row.Value) ([]Path, error) {
	if v = v.Force(); v.Kind() != row.KindList {
		p, err := PathOf(fs, v)
		return []Path{p}, err
	}
	out := make([]Path, 0, len(v.List()))
	for _, e := range v.List() {
		if p, err := PathOf(fs, e); err == nil {
			out = append(out, p)
		}
	}
	return out, nil
}
