package plan

// rewrite applies every rewrite to an expression whose parts are rewritten
// already. Each has a file of its own.
func (p *Planner) rewrite(e Expr) Expr {
	for _, r := range []func(Expr) Expr{p.foldCalls, foldConstants, preparePattern, prepareSet} {
		e = r(e)
	}
	return e
}

// constant returns the value of a constant expression.
func constant(e Expr) (c *Const, ok bool) {
	c, ok = e.(*Const)
	return c, ok
}
