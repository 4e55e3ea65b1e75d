package syntax

// Walk visits n and everything below it, parents first, in the order of the
// text. What is below a node is left out if visit answers false for it.
func Walk(n Node, visit func(Node) bool) {
	if !visit(n) {
		return
	}
	switch n := n.(type) {
	case *Program:
		for _, s := range n.Statements {
			Walk(s, visit)
		}
	case *Lambda:
		Walk(n.Body, visit)
	case *Let:
		walkLet(n, visit)
	case *Param:
		walkIf(n.Default, visit)
	case *Select:
		walkSelect(n, visit)
	case *Column:
		walkIf(n.Value, visit)
	case *Source:
		walkArgs(n.Args, visit)
	case *Arg:
		Walk(n.Value, visit)
	case Expr:
		walkExpr(n, visit)
	}
}

func walkIf(e Expr, visit func(Node) bool) {
	if e != nil {
		Walk(e, visit)
	}
}

func walkArgs(args []Arg, visit func(Node) bool) {
	for i := range args {
		Walk(&args[i], visit)
	}
}

func walkAll(list []Expr, visit func(Node) bool) {
	for _, e := range list {
		Walk(e, visit)
	}
}

func walkLet(l *Let, visit func(Node) bool) {
	for i := range l.Params {
		Walk(&l.Params[i], visit)
	}
	if l.Query != nil {
		Walk(l.Query, visit)
	}
	walkIf(l.Value, visit)
}

func walkSelect(s *Select, visit func(Node) bool) {
	for i := range s.Columns {
		Walk(&s.Columns[i], visit)
	}
	Walk(&s.From, visit)
	walkIf(s.Where, visit)
	walkIf(s.GroupBy, visit)
}

func walkExpr(e Expr, visit func(Node) bool) {
	switch e := e.(type) {
	case *Symbol:
		walkArgs(e.Args, visit)
	case *List:
		walkAll(e.Items, visit)
	case *Paren:
		Walk(e.Value, visit)
	case *SubQuery:
		Walk(e.Select, visit)
	case *Logic:
		walkAll(e.Operands, visit)
	case *Not:
		Walk(e.Value, visit)
	case *Binary:
		Walk(e.X, visit)
		Walk(e.Y, visit)
	case *Member:
		Walk(e.X, visit)
	case *Index:
		Walk(e.X, visit)
		Walk(e.At, visit)
	case *Slice:
		Walk(e.X, visit)
		walkIf(e.From, visit)
		walkIf(e.To, visit)
	}
}
