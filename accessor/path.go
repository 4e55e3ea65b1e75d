package accessor

import (
	"slices"

	"goshawk/row"
)

// Path is where a file is: components, how they are written, and the container
// (delegate) if the file lies inside another. It is immutable; the zero Path is
// the generic root.
type Path struct {
	typ        Type
	components []string
	accessor   string // of the container
	container  string // path of the container, as text
}

// Type is how the path is written.
func (p Path) Type() Type { return p.typ }

// Components are the names from the root on; the caller must not change them.
func (p Path) Components() []string { return p.components }

// at returns the path with other components.
func (p Path) at(components []string) Path {
	p.components = components
	return p
}

// As returns the path as one of another type, whose components are the same.
func (p Path) As(t Type) Path {
	p.typ = t
	return p
}

// Append returns the path with further components, taken as they are.
func (p Path) Append(names ...string) Path {
	return p.at(slices.Concat(p.components, names))
}

// AppendText returns the path with the components of a text, which is read by
// the rules of the path's own type. Of a pathspec it takes the inner path.
func (p Path) AppendText(text string) Path {
	q, err := p.typ.Parse(text)
	if err != nil {
		return p.Append(p.typ.split(text)...)
	}
	return p.Append(q.components...)
}

// Base is the last component, and empty for the root.
func (p Path) Base() string {
	if len(p.components) == 0 {
		return ""
	}
	return p.components[len(p.components)-1]
}

// Dir is the folder that holds the file; that of the root is the root.
func (p Path) Dir() Path { return p.at(p.components[:max(0, len(p.components)-1)]) }

// HasDelegate says whether the path lies inside another file.
func (p Path) HasDelegate() bool { return p.accessor != "" || p.container != "" }

// Delegate returns the accessor's name and the path of the container. No name
// is auto. The path is empty if the text is not one.
func (p Path) Delegate() (accessor string, container Path) {
	container, _ = TypeOf(p.accessor).Parse(p.container)
	return p.accessor, container
}

// In returns the path inside a container, given as text.
func (p Path) In(accessor, container string) Path {
	p.accessor, p.container = accessor, container
	return p
}

// Bare is the text of the path without its container.
func (p Path) Bare() string { return p.typ.join(p.components) }

// String is the whole text: plain, or with a container the JSON object
//
//	{"DelegateAccessor":"zip","DelegatePath":"/a.zip","Path":"/member"}
//
// without what is empty. A path of the type Pathspec is always the object.
func (p Path) String() string {
	if !p.HasDelegate() && p.typ != Pathspec {
		return p.Bare()
	}
	b := []byte{'{'}
	b = appendKey(b, "DelegateAccessor", p.accessor)
	b = appendKey(b, "DelegatePath", p.container)
	b = appendKey(b, "Path", p.Bare())
	return string(append(b, '}'))
}

func appendKey(b []byte, key, text string) []byte {
	if text == "" {
		return b
	}
	if len(b) > 1 {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, key...)
	b = append(b, '"', ':')
	return row.AppendJSON(b, row.String(text), nil)
}

// Human is the text for people: the container, an arrow, the path in it.
func (p Path) Human() string {
	if !p.HasDelegate() {
		return p.Bare()
	}
	_, container := p.Delegate()
	return container.Human() + " -> " + p.Bare()
}
