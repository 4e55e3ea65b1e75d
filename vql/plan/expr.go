package plan

import (
	"regexp"

	"goshawk/row"
	"goshawk/vql/syntax"
)

// Expr is a planned expression; its types are those below. Every name in it
// has an address: how many frames outwards (Hops), and which value there.
type Expr interface{ expr() }

// The planned expressions.
type (
	// Const is a value known now.
	Const struct{ Value row.Value }

	// Slot is a value of a frame.
	Slot struct {
		Hops, Index int
		Name        string
	}

	// Thunk is an output column, computed when it is first looked at.
	Thunk struct{ Hops, Index int }

	// Open looks a name up in the dict or object of an open frame, and goes on
	// with Else where it has none.
	Open struct {
		Hops int
		Name string
		Else Expr
	}

	// Missing is a name that nobody has: NULL and a log line.
	Missing struct {
		Name string
		At   *syntax.Symbol
	}

	// Stored is the mention of a LET: an expression is evaluated here and now,
	// a query is a value that is not run yet.
	Stored struct{ Let *syntax.Let }

	// Query is { SELECT … } as an argument, not run yet.
	Query struct{ Select *syntax.Select }

	// SubQuery is { SELECT … } as a column: run, and unwrapped.
	SubQuery struct{ Select *syntax.Select }

	// Invoke is name(args) of a LET, or of whatever value X has.
	Invoke struct {
		Let  *syntax.Let // nil: call the value X
		X    Expr
		Args []Arg
		At   *syntax.Symbol
	}

	// Call is a built-in function with its arguments.
	Call struct {
		Sig   *Signature
		Args  []Arg
		At    *syntax.Symbol
		Place int // number of the state, if Sig.Counts
	}

	// Unknown is the call of a name that is no function.
	Unknown struct {
		Name string
		At   *syntax.Symbol
	}

	// List makes a list of its items.
	List struct{ Items []Expr }

	// Logic is a chain of AND or OR; Last says whether the operand that
	// decides at the end is given back itself (&& and ||) or as a bool.
	Logic struct {
		And      bool
		Operands []Expr
		Ops      []string
	}

	// Not is NOT x.
	Not struct{ X Expr }

	// Neg is -x.
	Neg struct{ X Expr }

	// Binary is x Op y: + - * / = != < > <= >=.
	Binary struct {
		Op   string
		X, Y Expr
	}

	// Match is x =~ y with y known only when it runs.
	Match struct{ X, Y Expr }

	// Pattern is x =~ a pattern that is known now. All means that it matches
	// anything at all, NULL included; Bad that it is no pattern.
	Pattern struct {
		X    Expr
		Text string
		Re   *regexp.Regexp
		All  bool
		Bad  error
	}

	// In is x IN y.
	In struct{ X, Y Expr }

	// InSet is x IN a list of constants: strings are found by hash.
	InSet struct {
		X       Expr
		Strings map[string]bool
		Others  []row.Value
	}

	// Member is x.Name.
	Member struct {
		X    Expr
		Name string
	}

	// Index is x[i].
	Index struct{ X, I Expr }

	// Slice is x[from:to]; either bound may be nil.
	Slice struct{ X, From, To Expr }
)

// Arg is one argument of a call.
type Arg struct {
	Name  string
	Value Expr
}

func (*Const) expr()    {}
func (*Slot) expr()     {}
func (*Thunk) expr()    {}
func (*Open) expr()     {}
func (*Missing) expr()  {}
func (*Stored) expr()   {}
func (*Query) expr()    {}
func (*SubQuery) expr() {}
func (*Invoke) expr()   {}
func (*Call) expr()     {}
func (*Unknown) expr()  {}
func (*List) expr()     {}
func (*Logic) expr()    {}
func (*Not) expr()      {}
func (*Neg) expr()      {}
func (*Binary) expr()   {}
func (*Match) expr()    {}
func (*Pattern) expr()  {}
func (*In) expr()       {}
func (*InSet) expr()    {}
func (*Member) expr()   {}
func (*Index) expr()    {}
func (*Slice) expr()    {}
