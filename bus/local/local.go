// Package local carries announcements between the parts of one process.
package local

import (
	"context"
	"sync"

	"goshawk/bus"
)

// Bus is a bus within a process.
type Bus struct {
	mu     sync.RWMutex // guards topics, and that no closed channel is sent to
	topics map[string]map[*subscription]struct{}
}

var _ bus.Bus = (*Bus)(nil)

// New returns a bus without subscribers.
func New() *Bus { return &Bus{topics: map[string]map[*subscription]struct{}{}} }

// Publish implements bus.Bus.
func (b *Bus) Publish(ctx context.Context, topic, text string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for s := range b.topics[topic] {
		select {
		case s.c <- text:
		default: // it is too far behind
		}
	}
	return nil
}

// Subscribe implements bus.Bus. A buffer below 1 is taken as 1: without any, a
// subscriber would miss what comes while it looks at the last announcement.
func (b *Bus) Subscribe(ctx context.Context, topic string, buffer int) (bus.Subscription, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &subscription{bus: b, topic: topic, c: make(chan string, max(1, buffer))}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.topics[topic] == nil {
		b.topics[topic] = map[*subscription]struct{}{}
	}
	b.topics[topic][s] = struct{}{}
	return s, nil
}

// subscription is one listener to a topic.
type subscription struct {
	bus   *Bus
	topic string
	c     chan string
}

func (s *subscription) C() <-chan string { return s.c }

// Close ends the subscription. Closing it again does nothing.
func (s *subscription) Close() {
	b := s.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, open := b.topics[s.topic][s]; !open {
		return
	}
	delete(b.topics[s.topic], s)
	if len(b.topics[s.topic]) == 0 {
		delete(b.topics, s.topic)
	}
	close(s.c)
}
