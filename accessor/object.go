package accessor

import "goshawk/row"

// Value returns the path as queries see it.
func (p Path) Value() row.Value { return row.FromObject(p) }

// AsPath returns the path that a value is, if it is one.
func AsPath(v row.Value) (Path, bool) {
	if v = v.Force(); v.Kind() != row.KindObject {
		return Path{}, false
	}
	p, ok := v.Object().(Path)
	return p, ok
}

// Member returns what a query can ask of a path.
func (p Path) Member(name string) (row.Value, bool) {
	switch name {
	case "Components":
		return row.Strings(p.components), true
	case "Path":
		return row.String(p.Bare()), true
	case "PathSpec":
		return p.pathspec(), true
	case "DelegatePath":
		return row.String(p.container), true
	case "DelegateAccessor":
		return row.String(p.accessor), true
	case "Delegate":
		_, container := p.Delegate()
		return container.Value(), true
	case "Basename":
		return row.String(p.Base()), true
	case "Dirname":
		return p.Dir().Value(), true
	case "String":
		return row.String(p.String()), true
	case "HumanString":
		return row.String(p.Human()), true
	}
	return row.Null, false
}

// pathspec returns the path as a dict with the keys of a pathspec.
func (p Path) pathspec() row.Value {
	d := &row.Dict{}
	for _, e := range [...][2]string{{"DelegateAccessor", p.accessor}, {"DelegatePath", p.container}, {"Path", p.Bare()}} {
		if e[1] != "" {
			d.Set(e[0], row.String(e[1]))
		}
	}
	return row.FromDict(d)
}

// Plain returns the text, which is what rows carry.
func (p Path) Plain() row.Value { return row.String(p.String()) }

// Text is what a path compares and matches as.
func (p Path) Text() string { return p.String() }

// Truth says that a path is true unless it is a root without a container.
func (p Path) Truth() bool { return len(p.components) > 0 || p.container != "" }

// Len is the number of components.
func (p Path) Len() int { return len(p.components) }

// Index returns a component.
func (p Path) Index(i int) row.Value { return row.String(p.components[i]) }

// Slice returns the path of some of the components.
func (p Path) Slice(from, to int) row.Value { return p.at(p.components[from:to]).Value() }

// Add appends a text, which is read as a path, another path's components, or a
// list of components, which are taken as they are.
func (p Path) Add(right row.Value) (row.Value, bool) {
	if q, ok := AsPath(right); ok {
		return p.Append(q.components...).Value(), true
	}
	switch right.Kind() {
	case row.KindString, row.KindBytes:
		return p.AppendText(right.Str()).Value(), true
	case row.KindList:
		for _, e := range right.List() {
			if q, ok := AsPath(e); ok {
				p = p.Append(q.components...)
			} else if e = e.Force(); !e.IsNull() {
				p = p.Append(row.Text(e))
			}
		}
		return p.Value(), true
	}
	return row.Null, false
}
