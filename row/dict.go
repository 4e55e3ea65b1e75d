package row

import (
	"encoding/binary"
	"strings"
)

// Columns is an ordered set of names, shared by every row of a batch and by
// dicts of one shape. It is immutable once made. Hidden columns stand after
// the visible ones: they can be named, but neither a star nor JSON shows them.
type Columns struct {
	names []string
	shown int            // number of visible names
	index map[string]int // nil when a scan is faster
	keys  [][]byte       // `"name":` of each, for JSON
}

// scanLimit is the number of names up to which comparing them one by one beats a map.
const scanLimit = 8

// NoColumns is the empty set of columns.
var NoColumns = NewColumns()

// NewColumns returns columns with the given names in order. Of equal names
// only the first is found by Index.
func NewColumns(names ...string) *Columns {
	c := &Columns{names: names, shown: len(names)}
	if len(names) > scanLimit {
		c.index = make(map[string]int, len(names))
		for i, n := range names {
			if _, ok := c.index[n]; !ok {
				c.index[n] = i
			}
		}
	}
	c.keys = make([][]byte, len(names))
	for i, n := range names {
		c.keys[i] = append(appendString(nil, n), ':')
	}
	return c
}

// Hiding returns the columns of c with further ones that are hidden.
func (c *Columns) Hiding(names ...string) *Columns {
	n := NewColumns(append(append([]string(nil), c.names...), names...)...)
	n.shown = c.shown
	return n
}

// Len returns the number of columns, hidden ones included: a row has that many values.
func (c *Columns) Len() int { return len(c.names) }

// Visible returns the number of columns that are not hidden.
func (c *Columns) Visible() int { return c.shown }

// Name returns the i-th name.
func (c *Columns) Name(i int) string { return c.names[i] }

// Names returns the visible names in order; the caller must not change them.
func (c *Columns) Names() []string { return c.names[:c.shown] }

// Index returns the place of name, or -1.
func (c *Columns) Index(name string) int {
	if c.index != nil {
		if i, ok := c.index[name]; ok {
			return i
		}
		return -1
	}
	for i, n := range c.names {
		if n == name {
			return i
		}
	}
	return -1
}

// Equal says whether both have the same names in the same order.
func (c *Columns) Equal(d *Columns) bool {
	if c == d {
		return true
	}
	if len(c.names) != len(d.names) || c.shown != d.shown {
		return false
	}
	for i := range c.names {
		if c.names[i] != d.names[i] {
			return false
		}
	}
	return true
}

// Interner shares Columns between rows that have the same names, so that what
// is resolved per Columns is resolved once. It is not safe for concurrent use.
// It remembers a bounded number of shapes and then starts anew.
type Interner struct {
	byNames map[string]*Columns
	key     []byte   // reused between calls
	last    *Columns // last asked of Share, and its answer
	shared  *Columns
}

const internLimit = 4096

// Columns returns the columns with these names, the same for the same names.
func (in *Interner) Columns(names []string) *Columns {
	in.key = in.key[:0]
	for _, n := range names {
		in.key = binary.AppendUvarint(in.key, uint64(len(n)))
		in.key = append(in.key, n...)
	}
	if c, ok := in.byNames[string(in.key)]; ok {
		return c
	}
	if in.byNames == nil || len(in.byNames) >= internLimit {
		in.byNames = make(map[string]*Columns)
	}
	c := NewColumns(append([]string(nil), names...)...)
	in.byNames[string(in.key)] = c
	return c
}

// Share returns the one Columns that stands for all with the names of c.
func (in *Interner) Share(c *Columns) *Columns {
	if c.shown < len(c.names) {
		return c // those of a plugin, which are shared already
	}
	if in.last != c {
		in.last, in.shared = c, in.Columns(c.names)
	}
	return in.shared
}

// Dict is an ordered map from names to values. Dicts of one shape share their
// Columns until one of them is given a new name.
type Dict struct {
	cols *Columns
	vals []Value
	own  map[string]int // places of names when the dict has outgrown cols
	more []string       // all names in order, when own is set
}

// NewDict returns a dict with the given columns and values, of equal number.
// It takes vals over.
func NewDict(cols *Columns, vals []Value) *Dict {
	if cols.Len() != len(vals) {
		panic("bug: a dict needs as many values as columns")
	}
	return &Dict{cols: cols, vals: vals}
}

// Len returns the number of entries.
func (d *Dict) Len() int { return len(d.vals) }

// Key returns the i-th name.
func (d *Dict) Key(i int) string {
	if d.own != nil {
		return d.more[i]
	}
	return d.cols.names[i]
}

// At returns the i-th value.
func (d *Dict) At(i int) Value { return d.vals[i] }

// Values returns all values in order; the caller must not change them.
func (d *Dict) Values() []Value { return d.vals }

// Columns returns the dict's names as Columns.
func (d *Dict) Columns() *Columns {
	if d.own != nil {
		return NewColumns(append([]string(nil), d.more...)...)
	}
	if d.cols == nil {
		return NoColumns
	}
	return d.cols
}

func (d *Dict) place(name string) int {
	if d.own != nil {
		if i, ok := d.own[name]; ok {
			return i
		}
		return -1
	}
	if d.cols == nil {
		return -1
	}
	return d.cols.Index(name)
}

// Get returns the value under name.
func (d *Dict) Get(name string) (Value, bool) {
	if i := d.place(name); i >= 0 {
		return d.vals[i], true
	}
	return Null, false
}

// Set puts v under name: in place if the name is there, else at the end.
// Whoever calls it must own the dict.
func (d *Dict) Set(name string, v Value) {
	if i := d.place(name); i >= 0 {
		d.vals[i] = v
		return
	}
	if d.own == nil {
		d.grow()
	}
	d.own[name] = len(d.vals)
	d.more = append(d.more, name)
	d.vals = append(d.vals, v)
}

// grow makes the dict's names its own, so that more can be added.
func (d *Dict) grow() {
	n := len(d.vals)
	d.own = make(map[string]int, n+1)
	d.more = make([]string, n, n+4)
	if d.cols != nil {
		copy(d.more, d.cols.names)
	}
	for i, name := range d.more {
		d.own[name] = i
	}
}

// Clone returns a copy that shares no storage with d; values are not copied deeply.
func (d *Dict) Clone() *Dict {
	return &Dict{cols: d.Columns(), vals: append([]Value(nil), d.vals...)}
}

// Member returns the entry called name, or one of the special members @Items,
// @Keys, @Values and @Len. A lazy entry is forced.
func (d *Dict) Member(name string) (Value, bool) {
	if v, ok := d.Get(name); ok {
		return v.Force(), true
	}
	if !strings.HasPrefix(name, "@") {
		return Null, false
	}
	switch name {
	case "@Keys":
		return Strings(append([]string(nil), d.Columns().Names()...)), true
	case "@Values":
		return List(d.vals), true
	case "@Len":
		return Int(int64(len(d.vals))), true
	case "@Items":
		return d.items(), true
	case "@ToMap":
		return FromDict(d), true
	case "@String":
		return String(string(AppendJSON(nil, FromDict(d), nil))), true
	}
	return Null, false
}

var itemColumns = NewColumns("Key", "Value")

func (d *Dict) items() Value {
	out := make([]Value, len(d.vals))
	for i, v := range d.vals {
		out[i] = FromDict(NewDict(itemColumns, []Value{String(d.Key(i)), v}))
	}
	return List(out)
}
