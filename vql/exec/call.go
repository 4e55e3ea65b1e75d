package exec

import (
	"fmt"
	"sync/atomic"

	"goshawk/row"
	"goshawk/vql/plan"
	"goshawk/vql/syntax"
)

// callSite is a place where a plugin or function is called.
type callSite struct {
	session *Session
	name    string
	args    []siteArg
	place   int // of an aggregate's state
}

type siteArg struct {
	name  string
	value eval
}

// allArgs is the name of the argument that stands for all others.
const allArgs = "**"

func (c compiler) site(name string, args []plan.Arg, sh *plan.Shape) *callSite {
	site := &callSite{session: c.Session, name: name}
	for _, a := range args {
		site.args = append(site.args, siteArg{a.Name, c.compile(a.Value, sh)})
	}
	return site
}

// spread returns the argument called ** of a call to something that does not
// take arguments of any name.
func (site *callSite) spread(free bool) (eval, bool) {
	for _, a := range site.args {
		if a.name == allArgs && !free {
			return a.value, true
		}
	}
	return nil, false
}

// with returns the call with the entries of d as its arguments.
func (site *callSite) with(d *row.Dict) *callSite {
	n := *site
	n.args = nil
	for i := range d.Len() {
		v := d.At(i)
		n.args = append(n.args, siteArg{d.Key(i), func(*thread, *scope) row.Value { return v }})
	}
	return &n
}

func (c compiler) compileCall(e *plan.Call, sh *plan.Shape) eval {
	f := c.vocab.functions[e.Sig.Name]
	site := c.site(f.Name, e.Args, sh)
	site.place = e.Place
	if all, ok := site.spread(f.Free); ok {
		return func(t *thread, s *scope) row.Value {
			d := asDict(t.settle(all(t, s), s))
			if d == nil {
				return t.refuse(f.Name, refusal("Field ** should be a dict"), f.onError)
			}
			return f.evaluator(site.with(d))(t, s)
		}
	}
	return f.evaluator(site)
}

// refusal is why a call's arguments do not fit, in the words that the language
// has for it: people and tests look for them.
type refusal string

func (r refusal) Error() string { return string(r) }

// evaluator compiles a call; one whose arguments cannot fit says so whenever it is evaluated.
func (f *Function) evaluator(site *callSite) eval {
	e, err := f.compile(site)
	if err != nil {
		return func(t *thread, _ *scope) row.Value { return t.refuse(f.Name, err, f.onError) }
	}
	return e
}

// refuse logs why a call failed and gives the value that stands for it.
func (t *thread) refuse(name string, err error, v row.Value) row.Value {
	if t.folding {
		t.fail(err)
		return v
	}
	t.session.logSeldom(levelOf(err), name+": "+err.Error())
	return v
}

func compileFunctionCall[A any](b *binder[A], site *callSite, onError row.Value, run func(*aggregates, *Call, *A) (row.Value, error)) (eval, error) {
	args, err := b.resolve(site.args)
	if err != nil {
		return nil, err
	}
	type frame struct {
		call Call
		args A
	}
	var spare atomic.Pointer[frame]
	return func(t *thread, s *scope) row.Value {
		f := spare.Swap(nil)
		if f == nil {
			f = &frame{}
		}
		f.call = Call{t: t, s: s, site: site}
		err := b.fill(&f.args, args, site, t, s)
		v := row.Null
		if err == nil {
			v, err = run(s.aggs, &f.call, &f.args)
		}
		*f = frame{}
		spare.Store(f)
		if err != nil {
			return t.refuse(site.name, err, onError)
		}
		return v
	}, nil
}

// fold works out a pure call of constants before the query runs.
func (s *Session) fold(call *plan.Call) (row.Value, bool) {
	f := s.vocab.functions[call.Sig.Name]
	site := &callSite{session: s, name: f.Name}
	for _, a := range call.Args {
		v := a.Value.(*plan.Const).Value
		site.args = append(site.args, siteArg{a.Name, func(*thread, *scope) row.Value { return v }})
	}
	if _, ok := site.spread(f.Free); ok {
		return row.Null, false
	}
	e, err := f.compile(site)
	if err != nil {
		return row.Null, false // it says so when it runs
	}
	t := &thread{session: s, ctx: s.main.ctx, folding: true}
	v := e(t, &scope{aggs: &aggregates{}})
	return v, t.stopped == nil
}

func (c compiler) compilePlugin(f *plan.FromPlugin, sh *plan.Shape) source {
	p := c.vocab.plugins[f.Sig.Name]
	site := c.site(p.Name, f.Args, sh)
	if all, ok := site.spread(p.Free); ok {
		return func(t *thread, s *scope, emit Emit) error {
			d := asDict(t.settle(all(t, s), s))
			if d == nil {
				t.refuse(p.Name, refusal("Field ** should be a dict"), row.Null)
				return nil
			}
			return p.rows(site.with(d))(t, s, emit)
		}
	}
	return p.rows(site)
}

func (p *Plugin) rows(site *callSite) source {
	run, err := p.compile(site)
	if err != nil {
		return func(t *thread, _ *scope, _ Emit) error {
			t.refuse(p.Name, err, row.Null)
			return nil
		}
	}
	return run
}

// lambda parses a lambda, once for each text.
func (t *thread) lambda(text string, s *scope) (*Lambda, error) {
	c := t.session
	c.mu.Lock()
	l, ok := c.lambdas[text]
	c.mu.Unlock()
	if !ok {
		var err error
		if l, err = syntax.ParseLambda(text); err != nil {
			return nil, fmt.Errorf("is no lambda: %w", err)
		}
		c.mu.Lock()
		if have, ok := c.lambdas[text]; ok {
			l = have
		}
		c.lambdas[text] = l
		c.mu.Unlock()
	}
	return &Lambda{t: t, s: s, l: l, cols: row.NewColumns(l.Params...)}, nil
}
