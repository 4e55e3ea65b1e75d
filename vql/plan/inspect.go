package plan

// parts calls f for each direct part of e until f says to stop, and says
// whether none did.
func parts(e Expr, f func(Expr) bool) bool {
	all := func(es ...Expr) bool {
		for _, e := range es {
			if e != nil && !f(e) {
				return false
			}
		}
		return true
	}
	args := func(as []Arg) bool {
		for _, a := range as {
			if !f(a.Value) {
				return false
			}
		}
		return true
	}
	switch e := e.(type) {
	case *Open:
		return all(e.Else)
	case *Invoke:
		return all(e.X) && args(e.Args)
	case *Call:
		return args(e.Args)
	case *List:
		return all(e.Items...)
	case *Logic:
		return all(e.Operands...)
	case *Not:
		return all(e.X)
	case *Neg:
		return all(e.X)
	case *Binary:
		return all(e.X, e.Y)
	case *Match:
		return all(e.X, e.Y)
	case *Pattern:
		return all(e.X)
	case *In:
		return all(e.X, e.Y)
	case *InSet:
		return all(e.X)
	case *Member:
		return all(e.X)
	case *Index:
		return all(e.X, e.I)
	case *Slice:
		return all(e.X, e.From, e.To)
	}
	return true
}

// mentionsThunks says whether e may look at a column that is computed on
// demand. What is planned only when it runs (a LET, a query) might.
func mentionsThunks(e Expr) bool {
	if e == nil {
		return false
	}
	switch e := e.(type) {
	case *Thunk, *Stored, *Query, *SubQuery, *Invoke:
		return true
	case *Call:
		if !e.Sig.Pure { // it may evaluate a text in this scope
			return true
		}
	}
	return !parts(e, func(part Expr) bool { return !mentionsThunks(part) })
}

// isCheap says whether e may be computed for rows that nobody asked for yet.
func isCheap(e Expr) bool {
	if e == nil {
		return true
	}
	switch e := e.(type) {
	case *Stored, *Query, *SubQuery, *Invoke, *Missing, *Unknown, *Open:
		return false
	case *Call:
		if !e.Sig.Pure && !e.Sig.Counts {
			return false
		}
	}
	return parts(e, isCheap)
}
