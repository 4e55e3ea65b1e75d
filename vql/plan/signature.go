// Package plan turns a syntax tree into a plan that runs without deciding:
// names become slots of the scope they are mentioned in, constants are folded,
// patterns and sets are prepared. A plan is made for a Shape, which tells what
// a scope holds without its values; the same text mentioned elsewhere is
// planned again for that place, because VQL is scoped dynamically.
package plan

// Signature is what a plan needs to know of a plugin or function.
type Signature struct {
	Name    string
	Params  []Param
	Free    bool // takes arguments of any name
	Pure    bool // no side effect, cheap, and equal results for equal arguments
	Fresh   bool // gives a value that may be changed afterwards: not to be shared
	Counts  bool // an aggregate: keeps a state for each place where it is written
	Version int
}

// Param is one declared argument.
type Param struct {
	Name     string
	Type     string // as the documentation calls it
	Required bool
	Lazy     bool // passed unevaluated
	Doc      string
}

// Param returns the declared argument called name, or nil.
func (s *Signature) Param(name string) *Param {
	for i := range s.Params {
		if s.Params[i].Name == name {
			return &s.Params[i]
		}
	}
	return nil
}

// Names finds what may be called.
type Names interface {
	Function(name string) *Signature // nil if there is none
	Plugin(name string) *Signature
}
