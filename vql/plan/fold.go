package plan

import "goshawk/row"

// foldCalls replaces a pure call of constants by its result.
func (p *Planner) foldCalls(e Expr) Expr {
	c, ok := e.(*Call)
	if !ok || !c.Sig.Pure || c.Sig.Fresh || p.Fold == nil {
		return e
	}
	for _, a := range c.Args {
		if _, ok := constant(a.Value); !ok {
			return e
		}
	}
	if v, ok := p.Fold(c); ok {
		return &Const{v}
	}
	return e
}

// foldConstants replaces an operator on constants by its result.
func foldConstants(e Expr) Expr {
	switch e := e.(type) {
	case *List:
		return foldList(e)
	case *Neg:
		if x, ok := constant(e.X); ok {
			return &Const{row.Neg(x.Value)}
		}
	case *Not:
		if x, ok := constant(e.X); ok {
			return &Const{row.Bool(!row.Truth(x.Value))}
		}
	case *Binary:
		return foldBinary(e)
	}
	return e
}

func foldList(l *List) Expr {
	vs := make([]row.Value, len(l.Items))
	for i, item := range l.Items {
		c, ok := constant(item)
		if !ok {
			return l
		}
		vs[i] = c.Value
	}
	return &Const{row.List(vs)}
}

// maxFolded bounds the strings that are made before anything runs; longer ones
// are made, and counted, when they are needed.
const maxFolded = 1 << 16

// foldBinary folds arithmetic. Comparisons stay: they are cheap, and some need
// the session (text beside a time).
func foldBinary(b *Binary) Expr {
	x, ok1 := constant(b.X)
	y, ok2 := constant(b.Y)
	if !ok1 || !ok2 {
		return b
	}
	var v row.Value
	var err error
	switch b.Op {
	case "+":
		if row.Len(x.Value)+row.Len(y.Value) > maxFolded {
			return b
		}
		v, err = row.Add(x.Value, y.Value)
	case "-":
		v = row.Sub(x.Value, y.Value)
	case "*":
		if row.Len(x.Value) > 0 {
			return b
		}
		v, err = row.Mul(x.Value, y.Value)
	case "/":
		v = row.Div(x.Value, y.Value)
	default:
		return b
	}
	if err != nil {
		return b
	}
	return &Const{v}
}
