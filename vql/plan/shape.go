package plan

import (
	"goshawk/row"
	"goshawk/vql/syntax"
)

// Shape tells what names a scope has and where their values are, frame over
// frame, without the values. Equal places have the identical Shape, so that
// what was planned for one is found again. A Shape belongs to one session and
// must not be used by two goroutines at a time.
type Shape struct {
	outer    *Shape
	kind     frame
	cols     *row.Columns
	lets     *binding // root only
	aggs     *Layout  // places of aggregates, the same for all shapes of a session
	children map[child]*Shape
}

type frame uint8

const (
	root   frame = iota // values of the session, and what LET has defined
	values              // one value per column: a row, parameters
	thunks              // output columns, each computed when first looked at
	open                // one dict or object per row, whose names are not known
)

type child struct {
	kind frame
	cols *row.Columns
}

// binding is one name of the root frame; the newest comes first.
type binding struct {
	name string
	let  *syntax.Let // a definition, or nil
	slot int         // place of a value in the root frame
	next *binding
}

// Layout numbers the places in the text where aggregates are written: each has
// a state of its own in every aggregation context.
type Layout struct{ places map[*syntax.Symbol]int }

// Place returns the number of an aggregate's state.
func (l *Layout) Place(at *syntax.Symbol) int {
	if l.places == nil {
		l.places = make(map[*syntax.Symbol]int)
	}
	n, ok := l.places[at]
	if !ok {
		n = len(l.places)
		l.places[at] = n
	}
	return n
}

// NewRoot returns the shape of a session's scope that holds the given values.
func NewRoot(names []string) *Shape {
	s := &Shape{aggs: &Layout{}}
	for i, n := range names {
		s.lets = &binding{name: n, slot: i, next: s.lets}
	}
	return s
}

// Define returns the root shape in which the name of l stands for what l says.
func (s *Shape) Define(l *syntax.Let) *Shape {
	return &Shape{aggs: s.aggs, lets: &binding{name: l.Name, let: l, next: s.lets}}
}

// Value returns the root shape in which name is the value at the given slot.
func (s *Shape) Value(name string, slot int) *Shape {
	return &Shape{aggs: s.aggs, lets: &binding{name: name, slot: slot, next: s.lets}}
}

// Row returns the shape of a scope below s with one value per column.
func (s *Shape) Row(cols *row.Columns) *Shape { return s.child(child{kind: values, cols: cols}) }

// Thunks returns the shape of a scope below s in which columns are computed on demand.
func (s *Shape) Thunks(cols *row.Columns) *Shape { return s.child(child{kind: thunks, cols: cols}) }

// Open returns the shape of a scope below s that holds one dict or object.
func (s *Shape) Open() *Shape { return s.child(child{kind: open}) }

func (s *Shape) child(c child) *Shape {
	if have, ok := s.children[c]; ok {
		return have
	}
	if s.children == nil {
		s.children = make(map[child]*Shape)
	}
	n := &Shape{outer: s, kind: c.kind, cols: c.cols, aggs: s.aggs}
	s.children[c] = n
	return n
}

// Names lists the visible names, innermost first and each once, for messages.
func (s *Shape) Names() []string {
	seen, out := map[string]bool{}, []string(nil)
	add := func(n string) {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	for ; s != nil; s = s.outer {
		if s.cols != nil {
			for _, n := range s.cols.Names() {
				add(n)
			}
		}
		for b := s.lets; b != nil; b = b.next {
			add(b.name)
		}
	}
	return out
}

// Has says whether name is visible, as far as it can be known: an open frame
// may have any name.
func (s *Shape) Has(name string) bool {
	_, found := s.lookup(name, nil)
	return found
}

// lookup plans the mention of a single name. found is false if nobody has it,
// in which case the result may still look into open frames.
func (s *Shape) lookup(name string, at *syntax.Symbol) (e Expr, found bool) {
	for hops, f := 0, s; f != nil; hops, f = hops+1, f.outer {
		switch f.kind {
		case root:
			return f.lookupRoot(name, hops)
		case open:
			rest, ok := f.outer.lookup(name, at)
			if !ok {
				rest = &Missing{Name: name, At: at}
			}
			return &Open{Hops: hops, Name: name, Else: raise(rest, hops+1)}, true
		default:
			i := f.cols.Index(name)
			if i < 0 {
				continue
			}
			if f.kind == thunks {
				return &Thunk{Hops: hops, Index: i}, true
			}
			return &Slot{Hops: hops, Index: i, Name: name}, true
		}
	}
	return nil, false
}

func (s *Shape) lookupRoot(name string, hops int) (Expr, bool) {
	for b := s.lets; b != nil; b = b.next {
		if b.name != name {
			continue
		}
		if b.let != nil {
			return &Stored{Let: b.let}, true
		}
		return &Slot{Hops: hops, Index: b.slot, Name: name}, true
	}
	return nil, false
}

// raise moves the addresses in a looked-up name by some frames outwards.
func raise(e Expr, hops int) Expr {
	switch e := e.(type) {
	case *Slot:
		return &Slot{Hops: e.Hops + hops, Index: e.Index, Name: e.Name}
	case *Thunk:
		return &Thunk{Hops: e.Hops + hops, Index: e.Index}
	case *Open:
		return &Open{Hops: e.Hops + hops, Name: e.Name, Else: raise(e.Else, hops)}
	}
	return e
}
