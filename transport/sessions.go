package transport

import (
	"sync"
	"time"

	"goshawk/wire"
)

// sessions knows who is connected: the reader that each client holds open, and
// when it was heard last.
type sessions struct {
	mu     sync.Mutex // guards the fields below
	open   map[wire.Peer]*session
	lately map[wire.Peer]sighting
}

// session is one reader held open.
type session struct {
	peer wire.Peer
	wake chan struct{} // holds one signal: there may be something to say
	over chan struct{} // closed when a newer reader takes its place
}

type sighting struct {
	at   time.Time
	ours bool
}

// A client that is between two readers counts as online for this long. Stock
// agents ration their readers to one in 30 s.
const (
	graceOurs  = 5 * time.Second
	graceStock = 45 * time.Second
)

// begin registers a reader; an older one of the same client is ended, since
// its connection may be dead without our knowing.
func (s *sessions) begin(p wire.Peer) *session {
	n := &session{peer: p, wake: make(chan struct{}, 1), over: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = make(map[wire.Peer]*session)
	}
	if old := s.open[p]; old != nil {
		close(old.over)
	}
	s.open[p] = n
	return n
}

func (s *sessions) end(n *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[n.peer] == n {
		delete(s.open, n.peer)
	}
}

func (s *sessions) wake(p wire.Peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.open[p]; n != nil {
		select {
		case n.wake <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// maxLately bounds what is remembered of clients that are not connected.
const maxLately = 200_000

func (s *sessions) heard(p wire.Peer, at time.Time, ours bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lately == nil || len(s.lately) >= maxLately {
		s.lately = make(map[wire.Peer]sighting)
	}
	s.lately[p] = sighting{at, ours}
}

func (s *sessions) online(p wire.Peer, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[p] != nil {
		return true
	}
	last, ok := s.lately[p]
	if !ok {
		return false
	}
	grace := graceStock
	if last.ours {
		grace = graceOurs
	}
	return now.Sub(last.at) < grace
}
