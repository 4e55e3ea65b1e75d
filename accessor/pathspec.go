package accessor

import (
	"errors"
	"fmt"

	"goshawk/row"
)

// Limits of a pathspec that is given as text: each level of nesting doubles the
// backslashes in what is printed.
const (
	maxNesting  = 20
	maxPathspec = 1 << 20 // bytes of the text of a container
)

var errNesting = errors.New("pathspec is nested too deeply")

// parsePathspec reads the JSON form of a path.
func (t Type) parsePathspec(text string) (Path, error) {
	v, err := row.ParseJSON([]byte(text))
	if err != nil {
		return Path{}, fmt.Errorf("a path that begins with { must be a pathspec: %w", err)
	}
	return t.FromDict(v.Dict())
}

// FromDict returns the path that a dict with the keys of a pathspec describes.
func (t Type) FromDict(d *row.Dict) (Path, error) { return t.fromDict(d, 0) }

func (t Type) fromDict(d *row.Dict, depth int) (Path, error) {
	p := Path{typ: t, accessor: textOf(d, "DelegateAccessor"), container: textOf(d, "DelegatePath")}
	if inner, ok := d.Get("Delegate"); ok && inner.Kind() == row.KindDict {
		if depth == maxNesting {
			return Path{}, errNesting
		}
		q, err := TypeOf(p.accessor).fromDict(inner.Dict(), depth+1)
		if err != nil {
			return Path{}, err
		}
		p.container = q.String()
	}
	if len(p.container) > maxPathspec {
		return Path{}, errNesting
	}
	p.components = t.split(textOf(d, "Path"))
	return p, nil
}

// textOf returns an entry as text; what is no text, such as a list of ranges, as JSON.
func textOf(d *row.Dict, key string) string {
	v, _ := d.Member(key)
	switch v.Kind() {
	case row.KindNull:
		return ""
	case row.KindString, row.KindBytes:
		return v.Str()
	}
	return string(row.AppendJSON(nil, v, nil))
}

// isPathspec says whether a dict has a key of a pathspec.
func isPathspec(d *row.Dict) bool {
	for _, key := range []string{"Path", "DelegatePath", "DelegateAccessor", "Delegate"} {
		if _, ok := d.Get(key); ok {
			return true
		}
	}
	return false
}
