package plan

import "goshawk/row"

// minSet is the number of constants from which on a set is worth making.
const minSet = 4

// prepareSet turns x IN (constants) into a look-up by hash. Only strings are
// hashed: equality of other values crosses kinds (1 = 1.0 = TRUE).
func prepareSet(e Expr) Expr {
	in, ok := e.(*In)
	if !ok {
		return e
	}
	c, ok := constant(in.Y)
	if !ok || c.Value.Kind() != row.KindList || len(c.Value.List()) < minSet {
		return e
	}
	set := &InSet{X: in.X, Strings: make(map[string]bool)}
	for _, v := range c.Value.List() {
		if v.Kind() == row.KindString {
			set.Strings[v.Str()] = true
		} else {
			set.Others = append(set.Others, v)
		}
	}
	if len(set.Strings) < minSet {
		return e
	}
	return set
}
