package exec

import (
	"context"
	"fmt"
	"sort"

	"goshawk/row"
	"goshawk/vql/plan"
)

// Spec describes a plugin or function, beside the arguments, which are the
// fields of a struct (see NewPlugin).
type Spec struct {
	Name    string
	Doc     string   // what it does, in a sentence
	Columns []string // of a plugin's rows; nil if they depend on the call
	Hidden  []string // further columns, which can be named but are not shown by a star
	Version int
	// Pure says that a function has no side effect, takes next to no time, and
	// gives equal results for equal arguments: it may be computed before it is
	// needed, and once instead of often.
	Pure bool
	// Fresh says that each call gives a value of its own, which may be changed
	// afterwards: it is computed anew although the function is pure.
	Fresh bool
	// OnError is what a function gives when its arguments do not fit or it
	// fails; the zero value is NULL.
	OnError row.Value
}

// Plugin is a source of rows, called after FROM.
type Plugin struct {
	plan.Signature
	Doc     string
	Columns *row.Columns // nil if they depend on the call
	compile func(site *callSite) (source, error)
}

// Function gives a value, called in an expression.
type Function struct {
	plan.Signature
	Doc     string
	onError row.Value
	compile func(site *callSite) (eval, error)
}

// NewPlugin defines a plugin. A is a struct whose fields are the arguments:
//
//	type rangeArgs struct {
//		Start int64 `vql:"start" doc:"first number"`
//		End   int64 `vql:"end,required" doc:"number after the last"`
//		Step  int64 `vql:"step,default=1"`
//	}
//
// Fields are string, int64, uint64, float64, bool, time.Time, []string,
// []row.Value, *row.Dict, row.Value (any value), Query, Lazy, *Lambda, and
// []Named with the tag `vql:"**"` for arguments of any name.
//
// run emits its rows through out and stops when out returns an error. The
// error that it returns itself is logged; the rows before it stand.
func NewPlugin[A any](spec Spec, run func(ctx context.Context, c *Call, a *A, out *Out) error) Plugin {
	b := newBinder[A]()
	p := Plugin{Signature: b.signature(spec), Doc: spec.Doc}
	if spec.Columns != nil {
		p.Columns = row.NewColumns(spec.Columns...).Hiding(spec.Hidden...)
	}
	p.compile = func(site *callSite) (source, error) { return compilePluginCall(b, site, p.Columns, run) }
	return p
}

// NewFunction defines a function. A is as for NewPlugin.
func NewFunction[A any](spec Spec, run func(ctx context.Context, c *Call, a *A) (row.Value, error)) Function {
	b := newBinder[A]()
	f := Function{Signature: b.signature(spec), Doc: spec.Doc, onError: spec.OnError}
	f.compile = func(site *callSite) (eval, error) {
		return compileFunctionCall(b, site, spec.OnError, func(_ *aggregates, c *Call, a *A) (row.Value, error) {
			return run(c.t.ctx, c, a)
		})
	}
	return f
}

// NewAggregate defines a function that keeps a state of type S for each place
// where it is written, and for each group.
func NewAggregate[A, S any](spec Spec, run func(ctx context.Context, c *Call, a *A, state *S) (row.Value, error)) Function {
	b := newBinder[A]()
	f := Function{Signature: b.signature(spec), Doc: spec.Doc, onError: spec.OnError}
	f.Counts = true
	f.compile = func(site *callSite) (eval, error) {
		return compileFunctionCall(b, site, spec.OnError, func(g *aggregates, c *Call, a *A) (row.Value, error) {
			if g.shared {
				g.mu.Lock()
				defer g.mu.Unlock()
			}
			state, _ := g.at(site.place).(*S)
			if state == nil {
				state = new(S)
				g.set(site.place, state)
			}
			return run(c.t.ctx, c, a, state)
		})
	}
	return f
}

// Vocabulary is what a session's queries can call.
type Vocabulary struct {
	plugins   map[string]*Plugin
	functions map[string]*Function
}

// NewVocabulary collects plugins and functions. A name that occurs twice in
// one of the lists is an error.
func NewVocabulary(plugins []Plugin, functions []Function) (*Vocabulary, error) {
	v := &Vocabulary{plugins: map[string]*Plugin{}, functions: map[string]*Function{}}
	for i := range plugins {
		if v.plugins[plugins[i].Name] != nil {
			return nil, fmt.Errorf("plugin %s is defined twice", plugins[i].Name)
		}
		v.plugins[plugins[i].Name] = &plugins[i]
	}
	for i := range functions {
		if v.functions[functions[i].Name] != nil {
			return nil, fmt.Errorf("function %s is defined twice", functions[i].Name)
		}
		v.functions[functions[i].Name] = &functions[i]
	}
	return v, nil
}

// Function returns what is known of a function, or nil.
func (v *Vocabulary) Function(name string) *plan.Signature {
	if f := v.functions[name]; f != nil {
		return &f.Signature
	}
	return nil
}

// Plugin returns what is known of a plugin, or nil.
func (v *Vocabulary) Plugin(name string) *plan.Signature {
	if p := v.plugins[name]; p != nil {
		return &p.Signature
	}
	return nil
}

// PluginNames lists all plugins in order of their names.
func (v *Vocabulary) PluginNames() []string { return sortedKeys(v.plugins) }

// FunctionNames lists all functions in order of their names.
func (v *Vocabulary) FunctionNames() []string { return sortedKeys(v.functions) }

func sortedKeys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
