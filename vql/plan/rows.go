package plan

import (
	"goshawk/row"
	"goshawk/vql/syntax"
)

// Rows is what a SELECT does with each row of its source, planned for the
// columns that these rows have. With open columns In and Out are nil and each
// row brings names of its own.
type Rows struct {
	In, Out *row.Columns
	Copies  []Copy   // of source columns, by a star
	Listed  []Listed // columns with an expression
	Entries []Entry  // all columns in order, when the columns are open
	Where   Expr     // nil: all rows
	Key     Expr     // of GROUP BY; nil: not grouped
	Order   int      // place in Out of ORDER BY's column; -1: none

	Row   *Shape // of the scope that holds the source's row
	Alias *Shape // of the scope above it that holds the listed columns
	// Thunked says that Where or Key may look at listed columns.
	Thunked bool
	// Cheap says that no listed column nor Where has side effects or takes
	// long, so that rows may be computed ahead of their need.
	Cheap bool
}

// Copy moves a source column to its place in the output.
type Copy struct{ From, To int }

// Listed is a column with an expression and its place in the output.
type Listed struct {
	Name  string
	Value Expr
	Out   int // -1 when the columns are open
}

// Entry is a column of a select list in its place: a star, or a listed column.
type Entry struct {
	Star   bool
	Listed int
}

// Rows plans sel for source rows with the given columns, or with names of
// their own if in is nil, in a scope of shape site.
func (p *Planner) Rows(sel *syntax.Select, site *Shape, in *row.Columns) *Rows {
	r := &Rows{In: in, Order: -1}
	if in == nil {
		r.Row = site.Open()
	} else {
		r.Row = site.Row(in)
	}
	exprs := r.columns(sel)
	r.Alias = r.Row.Thunks(listedColumns(r.Listed))
	for i := range r.Listed {
		r.Listed[i].Value = p.Expr(exprs[i], r.Row)
	}
	r.Where = p.optional(sel.Where, r.Alias)
	r.Key = p.optional(sel.GroupBy, r.Alias)
	r.Thunked = mentionsThunks(r.Where) || mentionsThunks(r.Key)
	r.Cheap = r.cheap()
	if sel.OrderBy != "" && r.Out != nil {
		r.Order = r.Out.Index(sel.OrderBy)
	}
	return r
}

// columns lays the select list out and returns the listed expressions.
func (r *Rows) columns(sel *syntax.Select) []syntax.Expr {
	var names []string
	var exprs []syntax.Expr
	place, listed, copies := map[string]int{}, map[string]int{}, map[string]int{}
	add := func(name string) int {
		if i, ok := place[name]; ok {
			return i
		}
		place[name] = len(names)
		names = append(names, name)
		return len(names) - 1
	}
	for _, c := range sel.Columns {
		if c.Star {
			r.Entries = append(r.Entries, Entry{Star: true})
			r.star(place, add, copies)
			continue
		}
		out := add(c.Name)
		delete(copies, c.Name) // the listed value replaces the source's
		if i, ok := listed[c.Name]; ok {
			exprs[i] = c.Value
			continue
		}
		listed[c.Name] = len(exprs)
		r.Entries = append(r.Entries, Entry{Listed: len(exprs)})
		exprs = append(exprs, c.Value)
		r.Listed = append(r.Listed, Listed{Name: c.Name, Out: out})
	}
	if r.In != nil {
		r.Out = r.outColumns(names)
		for i, n := range names {
			if from, ok := copies[n]; ok {
				r.Copies = append(r.Copies, Copy{from, i})
			}
		}
	}
	return exprs
}

// star adds the source's columns that are not there yet.
func (r *Rows) star(place map[string]int, add func(string) int, copies map[string]int) {
	if r.In == nil {
		return
	}
	for i, n := range r.In.Names() {
		if _, ok := place[n]; !ok {
			add(n)
			copies[n] = i
		}
	}
}

// outColumns keeps the source's own Columns when nothing was added to them.
func (r *Rows) outColumns(names []string) *row.Columns {
	out := row.NewColumns(names...)
	if out.Equal(r.In) {
		return r.In
	}
	return out
}

func listedColumns(ls []Listed) *row.Columns {
	names := make([]string, len(ls))
	for i, l := range ls {
		names[i] = l.Name
	}
	return row.NewColumns(names...)
}

func (r *Rows) cheap() bool {
	for _, l := range r.Listed {
		if !isCheap(l.Value) {
			return false
		}
	}
	return isCheap(r.Where) && isCheap(r.Key)
}
