package plan

import "goshawk/vql/syntax"

// Source is where the rows of a SELECT come from; its types are those below.
type Source interface{ source() }

// The sources.
type (
	// FromPlugin calls a plugin.
	FromPlugin struct {
		Sig  *Signature
		Args []Arg
	}

	// FromLet runs the query or evaluates the expression of a LET, called or not.
	FromLet struct {
		Let    *syntax.Let
		Called bool
		Args   []Arg
		At     *syntax.Symbol
	}

	// FromValue takes the rows of a value, which may be a query.
	FromValue struct {
		X    Expr
		Args []Arg // bound if the value is a query
		Name string
	}

	// FromNothing is a name that nobody has: no rows, and a log line.
	FromNothing struct {
		Name     string
		Function bool // a function has that name
	}
)

func (*FromPlugin) source()  {}
func (*FromLet) source()     {}
func (*FromValue) source()   {}
func (*FromNothing) source() {}

// Source plans what stands after FROM. at identifies the place for aggregates
// and recursion; it is the symbol that stands for the source.
func (p *Planner) Source(f *syntax.Source, at *syntax.Symbol, sh *Shape) Source {
	if f.Call && len(f.Name) == 1 {
		if sig := p.Names.Plugin(f.Name[0]); sig != nil {
			return &FromPlugin{Sig: sig, Args: p.args(f.Args, sh)}
		}
	}
	e, found := sh.lookup(f.Name[0], at)
	if !found {
		return &FromNothing{Name: f.Name[0], Function: p.Names.Function(f.Name[0]) != nil}
	}
	for _, n := range f.Name[1:] {
		e = &Member{e, n}
	}
	args := p.args(f.Args, sh)
	if stored, ok := e.(*Stored); ok {
		return &FromLet{Let: stored.Let, Called: f.Call, Args: args, At: at}
	}
	return &FromValue{X: e, Args: args, Name: f.Name[0]}
}
