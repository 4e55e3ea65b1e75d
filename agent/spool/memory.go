// Package spool keeps what an agent has to deliver until the server has it.
package spool

import (
	"context"
	"sync"

	"goshawk/transport"
	"goshawk/wire"
)

// Memory is a spool in memory: what it holds is lost with the process. When it
// is full, whoever adds to it waits.
type Memory struct {
	limit int

	mu      sync.Mutex // guards the fields below
	lanes   [2]lane
	held    int           // bytes, leased ones included
	changed chan struct{} // closed and replaced when something was added or freed
}

// lane is a queue of records, the first of which may be leased.
type lane struct {
	queue  []record
	leased int
}

type record struct {
	session string // the flow, of which what waits can be dropped
	keep    bool   // not dropped with the flow: its states and logs
	list    wire.Packed
}

// NewMemory returns a spool of at most limit bytes.
func NewMemory(limit int) *Memory {
	return &Memory{limit: limit, changed: make(chan struct{})}
}

// Entry is one list for the server.
type Entry struct {
	Session string
	Keep    bool // stays when the flow is dropped
	Urgent  bool
	List    wire.Packed
}

// Add puts entries at the end of their lanes, all at once, and waits while
// there is no room. Entries larger than the whole spool are let in alone, and
// urgent ones, which are few and small, at once.
func (m *Memory) Add(ctx context.Context, entries ...Entry) error {
	size, urgent := 0, true
	for _, e := range entries {
		size += len(e.List)
		urgent = urgent && e.Urgent
	}
	for {
		m.mu.Lock()
		if m.held+size <= m.limit || m.held == 0 || urgent {
			break
		}
		wait := m.changed
		m.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	defer m.mu.Unlock()
	for _, e := range entries {
		l := &m.lanes[laneOf(e.Urgent)]
		l.queue = append(l.queue, record{e.Session, e.Keep, e.List})
	}
	m.held += size
	m.signal()
	return nil
}

func laneOf(urgent bool) int {
	if urgent {
		return 1
	}
	return 0
}

// signal wakes all who wait for a change; m.mu is held.
func (m *Memory) signal() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Drop throws away what waits of a session, except what is to be kept and what
// is on its way.
func (m *Memory) Drop(session string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.lanes {
		l := &m.lanes[i]
		kept := l.queue[:l.leased]
		for _, r := range l.queue[l.leased:] {
			if r.session == session && !r.keep {
				m.held -= len(r.list)
				continue
			}
			kept = append(kept, r)
		}
		clear(l.queue[len(kept):])
		l.queue = kept
	}
	m.signal()
}

// Lease hands out the first records of a lane, about max bytes of them.
func (m *Memory) Lease(ctx context.Context, urgent bool, max int) (transport.Lease, error) {
	for {
		m.mu.Lock()
		if l := &m.lanes[laneOf(urgent)]; len(l.queue) > 0 && l.leased == 0 {
			n := &lease{spool: m, lane: l}
			for size := 0; l.leased < len(l.queue) && (size == 0 || size+len(l.queue[l.leased].list) <= max); l.leased++ {
				size += len(l.queue[l.leased].list)
				n.lists = append(n.lists, l.queue[l.leased].list)
			}
			m.mu.Unlock()
			return n, nil
		}
		wait := m.changed
		m.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Held is how many bytes the spool holds.
func (m *Memory) Held() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.held
}

// lease is the first records of a lane. There is one at a time.
type lease struct {
	spool *Memory
	lane  *lane
	lists []wire.Packed
}

// Lists returns the records' lists.
func (l *lease) Lists() []wire.Packed { return l.lists }

// Done frees the records.
func (l *lease) Done() {
	m := l.spool
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range l.lane.queue[:l.lane.leased] {
		m.held -= len(r.list)
	}
	l.lane.queue = append([]record(nil), l.lane.queue[l.lane.leased:]...)
	l.lane.leased = 0
	m.signal()
}

// Back puts the records back to be handed out again.
func (l *lease) Back() {
	m := l.spool
	m.mu.Lock()
	defer m.mu.Unlock()
	l.lane.leased = 0
	m.signal()
}
