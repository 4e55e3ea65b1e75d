// Package runner runs what a server asks an agent for: flows, each of them
// several collections at once, within limits, with progress, logs, rows and
// files on their way to the spool. It knows nothing of how they get further.
package runner

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"goshawk/agent/spool"
	"goshawk/vql"
	"goshawk/wire"
)

// Outbox is where messages for the server go.
type Outbox interface {
	Add(ctx context.Context, entries ...spool.Entry) error
	Drop(session string)
}

// Options of a Runner. Zero values are replaced by the defaults named.
type Options struct {
	Vocabulary *vql.Vocabulary
	Env        []vql.Variable // what every scope begins with
	Outbox     Outbox
	Pack       func([]wire.Message) (wire.Packed, error)
	Now        func() time.Time // time.Now
	Log        *slog.Logger

	Concurrency int           // flows at once, urgent ones not counted; 2
	LogEvery    time.Duration // between two batches of log lines; 2 s
	StatsEvery  time.Duration // between two reports of progress; 5 s
}

// Runner runs flows.
type Runner struct {
	o     Options
	slots chan struct{}
	wg    sync.WaitGroup
	life  context.Context

	mu       sync.Mutex // guards the fields below
	flows    map[string]*flow
	ended    []*ended // the last ones, oldest first
	accepted []string // flows taken over, of which the server has not been told
}

// ended is what is remembered of a flow that is over.
type ended struct {
	id    string
	stats wire.Stats
}

// remembered is how many ended flows are known, so that none runs twice.
const remembered = 1000

// New returns a runner whose flows end with ctx.
func New(ctx context.Context, o Options) *Runner {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Concurrency == 0 {
		o.Concurrency = 2
	}
	if o.LogEvery == 0 {
		o.LogEvery = 2 * time.Second
	}
	if o.StatsEvery == 0 {
		o.StatsEvery = 5 * time.Second
	}
	return &Runner{o: o, slots: make(chan struct{}, o.Concurrency), life: ctx, flows: map[string]*flow{}}
}

// Wait returns when all flows have ended.
func (r *Runner) Wait() { r.wg.Wait() }

// Handle does what a message of the server asks for; it does not wait for it.
// ours says whether the server is a Goshawk server, which repeats a request
// until it is accepted: such a one is run once.
func (r *Runner) Handle(m wire.Message, ours bool) {
	switch b := m.Body.(type) {
	case *wire.FlowRequest:
		r.start(m, b, ours)
	case *wire.Cancel:
		r.cancel(m.Session, b.By)
	case *wire.StatusRequest:
		r.report(b.Flows)
	case *wire.EventTable:
		r.o.Log.Debug("event table ignored", "version", b.Version, "queries", len(b.Queries))
	default:
		r.refuse(m)
	}
}

// refuse tells the server that a message was not understood.
func (r *Runner) refuse(m wire.Message) {
	const text = "This agent does not know what to do with such a message"
	r.o.Log.Warn("message not understood", "session", m.Session)
	line := appendLine(nil, r.o.Now(), vql.Error, text)
	r.send(wire.Message{Session: m.Session, Body: &wire.Logs{Count: 1, JSONL: line, Error: text}})
}

func (r *Runner) start(m wire.Message, req *wire.FlowRequest, once bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if once {
		r.accepted = append(r.accepted, m.Session)
		if r.flows[m.Session] != nil || r.endedFlow(m.Session) != nil {
			return // the server did not know that we have it
		}
	}
	if running := r.flows[m.Session]; running != nil {
		running.add(req)
		return
	}
	f := newFlow(r, m.Session, req, m.Urgent)
	r.flows[m.Session] = f
	r.wg.Go(func() {
		f.run()
		r.forget(f)
	})
}

// forget moves a flow that is over to those that are remembered.
func (r *Runner) forget(f *flow) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.flows, f.id)
	r.remember(f.id, f.stats(true))
}

// remember notes the end of a flow; r.mu is held.
func (r *Runner) remember(id string, stats wire.Stats) {
	r.ended = append(r.ended, &ended{id, stats})
	if len(r.ended) > remembered {
		r.ended = append([]*ended(nil), r.ended[len(r.ended)-remembered:]...)
	}
}

// endedFlow returns what is remembered of a flow, or nil; r.mu is held.
func (r *Runner) endedFlow(id string) *ended {
	for _, e := range r.ended {
		if e.id == id {
			return e
		}
	}
	return nil
}

func (r *Runner) cancel(id, by string) {
	if stats := r.stop(id, by); stats != nil {
		r.send(wire.Message{Session: id, Body: stats})
	}
}

// stop cancels a flow. If the agent does not know it, the cancel has overtaken
// the request or the agent was restarted: the flow must not begin any more, and
// the server waits to hear of its end, which is returned.
func (r *Runner) stop(id, by string) *wire.Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.flows[id]; f != nil {
		f.cancel(cancelled{by})
		r.o.Outbox.Drop(id)
		return nil
	}
	if r.endedFlow(id) != nil {
		return nil
	}
	stats := wire.Stats{Complete: true, Queries: []wire.QueryStats{{State: wire.QueryFailed, Error: cancelled{by}.Error()}}}
	r.remember(id, stats)
	return &stats
}

// report answers which of some flows still run, and how far they are.
func (r *Runner) report(ids []string) {
	var out []wire.Message
	for _, id := range ids {
		stats := r.statsOf(id)
		out = append(out, wire.Message{Session: id, Urgent: true, Body: &stats})
	}
	if len(out) > 0 {
		r.send(out...)
	}
}

func (r *Runner) statsOf(id string) wire.Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.flows[id]; f != nil {
		return f.stats(false)
	}
	if e := r.endedFlow(id); e != nil {
		return e.stats
	}
	return wire.Stats{Complete: true, Queries: []wire.QueryStats{{
		State: wire.QueryUnknown, Error: "Flow not known: the agent was restarted",
	}}}
}

// Accepted returns the flows that were taken over and of which the server was
// not told yet.
func (r *Runner) Accepted() []wire.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]wire.Message, len(r.accepted))
	for i, id := range r.accepted {
		out[i] = wire.Message{Session: id, Body: &wire.Accepted{}}
	}
	return out
}

// Told forgets acceptances that the server has heard of.
func (r *Runner) Told(said []wire.Message) {
	told := map[string]bool{}
	for _, m := range said {
		if _, ok := m.Body.(*wire.Accepted); ok {
			told[m.Session] = true
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var left []string
	for _, id := range r.accepted {
		if !told[id] {
			left = append(left, id)
		}
	}
	r.accepted = left
}

// send puts messages that are no part of a flow's stream into the spool, ahead
// of what waits. It does not wait.
func (r *Runner) send(ms ...wire.Message) {
	list, err := r.o.Pack(ms)
	if err != nil {
		r.o.Log.Error("message not packed", "session", ms[0].Session, "error", err)
		return
	}
	if err := r.o.Outbox.Add(r.life, spool.Entry{Session: ms[0].Session, Keep: true, Urgent: true, List: list}); err != nil {
		r.o.Log.Debug("message not spooled", "session", ms[0].Session, "error", err)
	}
}
