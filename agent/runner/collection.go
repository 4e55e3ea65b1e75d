package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"goshawk"
	"goshawk/row"
	"goshawk/vql"
	"goshawk/wire"
)

// Defaults of a collection whose request does not say.
const (
	defaultTimeout    = 10 * time.Minute
	defaultBatchRows  = 10_000
	defaultBatchBytes = 5 << 20
	defaultMaxWait    = 10 * time.Second
)

// collection is one scope of a flow and its statements.
type collection struct {
	f      *flow
	action int
	req    *wire.Collection

	mu      sync.Mutex // guards the fields below
	results results
	state   wire.QueryStats
}

func newCollection(f *flow, action int, req *wire.Collection) *collection {
	c := &collection{f: f, action: action, req: req, state: wire.QueryStats{State: wire.QueryRunning}}
	c.results = newResults(req)
	return c
}

// run runs the statements in order and notes how it ended.
func (c *collection) run() {
	now := c.f.r.o.Now
	c.update(func(s *wire.QueryStats) { s.FirstActive = now(); s.LastActive = s.FirstActive })
	err := c.guarded()
	c.update(func(s *wire.QueryStats) {
		s.LastActive = now()
		s.Duration = s.LastActive.Sub(s.FirstActive)
	})
	if err != nil {
		c.log(vql.Error, err.Error())
	}
	c.update(func(s *wire.QueryStats) {
		if s.State = wire.QueryDone; s.Error != "" {
			s.State = wire.QueryFailed
		}
	})
}

// reason is why a collection ended, in the words that people read.
type reason string

func (r reason) Error() string { return string(r) }

func (c *collection) update(change func(*wire.QueryStats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.state)
}

// guarded runs the collection; a panic in it ends it and nothing else.
func (c *collection) guarded() (err error) {
	defer func() {
		if p := recover(); p != nil {
			stack := debug.Stack()
			c.f.r.o.Log.Error("panic in a query", "flow", c.f.id, "panic", p, "stack", string(stack))
			c.update(func(s *wire.QueryStats) { s.Backtrace = string(stack) })
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	if !c.req.Expires.IsZero() && c.f.r.o.Now().After(c.req.Expires) {
		return reason(goshawk.Expired + ".")
	}
	timeout := orDefault(c.req.Timeout, defaultTimeout)
	ctx, cancel := context.WithTimeoutCause(c.f.ctx, timeout, reason(fmt.Sprintf("%s after %v seconds", goshawk.TimedOut, timeout.Seconds())))
	defer cancel()
	return c.statements(context.WithValue(ctx, uploaderKey{}, c))
}

func (c *collection) statements(ctx context.Context) error {
	s := vql.NewSession(c.f.r.o.Vocabulary, vql.Options{
		Env: c.env(), Now: c.f.r.o.Now,
		Log: func(l vql.Level, text string) { c.log(l, text) },
	})
	defer s.Close()
	if wanted, err := c.wanted(ctx, s); err != nil || !wanted {
		return err
	}
	for i, q := range c.req.Queries {
		p, err := vql.Compile(q.VQL)
		if err != nil {
			return fmt.Errorf("query %d: %w", i+1, err)
		}
		err = s.Run(ctx, p, func(_ int, b *row.Batch) error {
			if q.Name == "" {
				return nil // such rows are not wanted
			}
			return c.add(ctx, i, q.Name, b)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *collection) env() []vql.Variable {
	env := append([]vql.Variable(nil), c.f.r.o.Env...)
	env = append(env, vql.Variable{Name: "_SessionId", Value: row.String(c.f.id)})
	for _, v := range c.req.Env {
		env = append(env, vql.Variable{Name: v.Key, Value: row.String(v.Value)})
	}
	return env
}

// wanted runs the precondition: the collection runs if it yields a row.
func (c *collection) wanted(ctx context.Context, s *vql.Session) (bool, error) {
	if c.req.Precondition == "" {
		return true, nil
	}
	p, err := vql.Compile(c.req.Precondition)
	if err != nil {
		return false, fmt.Errorf("precondition: %w", err)
	}
	enough := errors.New("a row")
	err = s.Run(ctx, p, func(int, *row.Batch) error { return enough })
	if errors.Is(err, enough) {
		return true, nil
	}
	return false, err
}

// log writes a line; an error is the collection's error if it is the first.
func (c *collection) log(level vql.Level, text string) {
	isError, message := c.f.log(level, text)
	c.update(func(s *wire.QueryStats) {
		s.Logs++
		if isError && s.Error == "" {
			s.Error = message
		}
	})
}

// add takes rows of a statement, and sends batches as they become full.
func (c *collection) add(ctx context.Context, statement int, name string, b *row.Batch) error {
	allowed := c.f.countRows(int64(b.Len()))
	part := b.Part(0, int(allowed))
	c.mu.Lock()
	full := c.results.add(statement, name, &part, c.f.r.o.Now())
	c.state.Rows += allowed
	c.state.LastActive = c.f.r.o.Now()
	if allowed > 0 && (len(c.state.Names) == 0 || c.state.Names[len(c.state.Names)-1] != name) {
		c.state.Names = append(c.state.Names, name)
	}
	c.mu.Unlock()
	if err := c.sendRows(ctx, full); err != nil {
		return err
	}
	if allowed < int64(b.Len()) {
		err := reason(fmt.Sprintf("%s: %d rows", goshawk.RowLimit, c.f.limits.rows))
		c.f.cancel(err)
		return err
	}
	return nil
}

func (c *collection) sendRows(ctx context.Context, batches []*wire.Rows) error {
	if len(batches) == 0 {
		return nil
	}
	return c.f.spool(ctx, c.messages(batches), nil)
}

func (c *collection) messages(batches []*wire.Rows) []wire.Message {
	out := make([]wire.Message, len(batches))
	for i, b := range batches {
		b.Action, b.ActionSet = c.action, true
		if c.f.limits.compress {
			compress(b)
		}
		out[i] = wire.Message{Session: c.f.id, Body: b}
	}
	return out
}

// due returns the part-full batches that have waited long enough.
func (c *collection) due() []wire.Message {
	c.mu.Lock()
	batches := c.results.due(c.f.r.o.Now())
	c.mu.Unlock()
	return c.messages(batches)
}

// rest returns all batches that were not sent.
func (c *collection) rest() []wire.Message {
	c.mu.Lock()
	batches := c.results.rest()
	c.mu.Unlock()
	return c.messages(batches)
}

func (c *collection) status() wire.QueryStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.state
	s.Names = append([]string(nil), s.Names...)
	if s.State == wire.QueryRunning && !s.FirstActive.IsZero() {
		s.Duration = c.f.r.o.Now().Sub(s.FirstActive)
	}
	return s
}
