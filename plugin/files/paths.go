package files

import (
	"context"
	"strings"

	"goshawk/accessor"
	"goshawk/row"
	"goshawk/vql"
)

// pathType chooses the type of a path: the one named, else the one that a
// separator tells, else this system's.
func pathType(name, sep string) (accessor.Type, error) {
	switch {
	case name != "":
		return accessor.ParseType(name)
	case sep == `\`, sep == "" && accessor.Native() == accessor.Windows:
		return accessor.Windows, nil
	}
	return accessor.Generic, nil
}

// pathOf returns a path as it is, and reads any other value's text.
func pathOf(v row.Value, t accessor.Type) (accessor.Path, error) {
	if p, ok := accessor.AsPath(v); ok {
		return p, nil
	}
	return t.Parse(row.Text(v))
}

type pathArgs struct {
	Path     row.Value `vql:"path,required" doc:"a path or its text"`
	Sep      string    `vql:"sep" doc:"/ or \\"`
	PathType string    `vql:"path_type" doc:"how the text is read: generic, linux, windows, ntfs, registry, zip"`
}

func (a *pathArgs) path() (accessor.Path, error) {
	t, err := pathType(a.PathType, a.Sep)
	if err != nil {
		return accessor.Path{}, err
	}
	return pathOf(a.Path, t)
}

var basenameFunction = vql.NewFunction(vql.Spec{
	Name: "basename", Doc: "the last component of a path", Pure: true, OnError: row.False,
}, func(_ context.Context, _ *vql.Call, a *pathArgs) (row.Value, error) {
	p, err := a.path()
	return row.String(p.Base()), err
})

var dirnameFunction = vql.NewFunction(vql.Spec{
	Name: "dirname", Doc: "a path without its last component", Pure: true, OnError: row.False,
}, func(_ context.Context, _ *vql.Call, a *pathArgs) (row.Value, error) {
	p, err := a.path()
	return p.Dir().Value(), err
})

type splitArgs struct {
	Path     row.Value `vql:"path,required" doc:"a path or its text"`
	PathType string    `vql:"path_type" doc:"how the text is read"`
}

var pathSplitFunction = vql.NewFunction(vql.Spec{
	Name: "path_split", Doc: "the components of a path", Pure: true,
}, func(_ context.Context, _ *vql.Call, a *splitArgs) (row.Value, error) {
	p, err := (&pathArgs{Path: a.Path, PathType: a.PathType}).path()
	return row.Strings(p.Components()), err
})

type joinArgs struct {
	Components []row.Value `vql:"components,required" doc:"paths or texts, which are read as paths"`
	Sep        string      `vql:"sep" doc:"/ or \\"`
	PathType   string      `vql:"path_type" doc:"type of the result; without it that of the last path among the components"`
}

var pathJoinFunction = vql.NewFunction(vql.Spec{
	Name: "path_join", Doc: "one path from several, one below the other", Pure: true, OnError: row.False,
}, func(_ context.Context, _ *vql.Call, a *joinArgs) (row.Value, error) {
	t, err := pathType(a.PathType, a.Sep)
	if err != nil {
		return row.Null, err
	}
	out := t.Path()
	for i, v := range a.Components {
		p, err := pathOf(v.Force(), t)
		if err != nil {
			return row.Null, err
		}
		if _, given := accessor.AsPath(v); given && a.PathType == "" {
			out = out.As(p.Type())
		}
		if i == 0 && p.HasDelegate() {
			out = p.As(out.Type())
			continue
		}
		out = out.Append(p.Components()...)
	}
	return out.Value(), nil
})

type pathspecArgs struct {
	DelegateAccessor string    `vql:"DelegateAccessor" doc:"accessor that opens the container"`
	DelegatePath     string    `vql:"DelegatePath" doc:"path of the container"`
	Delegate         vql.Lazy  `vql:"Delegate" doc:"instead of DelegatePath: a path"`
	Path             row.Value `vql:"Path" doc:"path inside the container; a list or dict becomes JSON"`
	Parse            string    `vql:"parse" doc:"text of a whole path, instead of its parts"`
	PathType         string    `vql:"path_type" doc:"how texts are read: generic, linux, windows, ntfs, registry, zip, pathspec, raw"`
	Accessor         string    `vql:"accessor" doc:"read texts as this accessor does"`
}

var pathspecFunction = vql.NewFunction(vql.Spec{
	Name: "pathspec", Doc: "a path, which may lie inside another file", Version: 2,
}, func(_ context.Context, _ *vql.Call, a *pathspecArgs) (row.Value, error) {
	t := accessor.TypeOf(a.Accessor)
	if a.Accessor == "" || a.PathType != "" {
		var err error
		if t, err = accessor.ParseType(a.PathType); err != nil {
			return row.Null, err
		}
	}
	if a.Parse != "" {
		p, err := t.Parse(a.Parse)
		return p.Value(), err
	}
	return a.assembled(t).Value(), nil
})

// assembled is the path of the parts that were given.
func (a *pathspecArgs) assembled(t accessor.Type) accessor.Path {
	p := t.Path()
	switch v := a.Path; v.Kind() {
	case row.KindNull:
	case row.KindList, row.KindDict:
		p = p.Append(string(row.AppendJSON(nil, v, nil)))
	default:
		p = p.AppendText(row.Text(v))
	}
	container := a.DelegatePath
	if a.Delegate.IsSet() && container == "" {
		if v := a.Delegate.Value(); !v.IsNull() {
			container = delegateText(v, accessor.TypeOf(a.DelegateAccessor))
		}
	}
	return p.In(a.DelegateAccessor, container)
}

// delegateText is the text of a container that is a path, a text, or a dict
// with the keys of a pathspec.
func delegateText(v row.Value, t accessor.Type) string {
	if v.Kind() == row.KindDict {
		if p, err := t.FromDict(v.Dict()); err == nil {
			return p.String()
		}
	}
	return row.Text(v)
}

type relpathArgs struct {
	Path string `vql:"path,required" doc:"a path"`
	Base string `vql:"base,required" doc:"the folder from which to go"`
	Sep  string `vql:"sep" doc:"/ or \\; without it this system's"`
}

var relpathFunction = vql.NewFunction(vql.Spec{
	Name: "relpath", Doc: "the way from a folder to a path, empty if there is none", Pure: true, OnError: row.String(""),
}, func(_ context.Context, _ *vql.Call, a *relpathArgs) (row.Value, error) {
	t, sep := accessor.Native(), a.Sep
	if sep == `\` {
		t = accessor.Windows
	}
	if sep == "" {
		sep = map[accessor.Type]string{accessor.Linux: "/", accessor.Windows: `\`}[t]
	}
	p, err := t.Parse(a.Path)
	if err != nil {
		return row.Null, err
	}
	base, err := t.Parse(a.Base)
	if err != nil {
		return row.Null, err
	}
	return row.String(relative(p.Components(), base.Components(), sep)), nil
})

func relative(path, base []string, sep string) string {
	same := 0
	for same < len(path) && same < len(base) && path[same] == base[same] {
		same++
	}
	out := path[same:]
	for range base[same:] {
		out = append([]string{".."}, out...)
	}
	if len(out) == 0 {
		return "."
	}
	return strings.Join(out, sep)
}
