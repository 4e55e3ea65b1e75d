package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"goshawk"
	"goshawk/store"
)

// liveness keeps in memory who was heard and writes it down in bulk: a check-in
// costs no write.
type liveness struct {
	store store.Clients
	now   func() time.Time
	log   *slog.Logger

	mu    sync.Mutex // guards the field below
	heard map[goshawk.ClientID]store.Sighting
}

// flushEvery is how often sightings are written down.
const flushEvery = 10 * time.Second

func (l *liveness) saw(c goshawk.ClientID, address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.heard == nil {
		l.heard = make(map[goshawk.ClientID]store.Sighting)
	}
	l.heard[c] = store.Sighting{Client: c, At: l.now(), Address: address}
}

// last returns the sighting of a client that was not written down yet.
func (l *liveness) last(c goshawk.ClientID) (store.Sighting, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.heard[c]
	return s, ok
}

func (l *liveness) run(ctx context.Context) {
	t := time.NewTicker(flushEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			l.flush(ctx)
		case <-ctx.Done():
			l.flush(context.WithoutCancel(ctx))
			return
		}
	}
}

func (l *liveness) flush(ctx context.Context) {
	l.mu.Lock()
	heard := l.heard
	l.heard = nil
	l.mu.Unlock()
	if len(heard) == 0 {
		return
	}
	all := make([]store.Sighting, 0, len(heard))
	for _, s := range heard {
		all = append(all, s)
	}
	if err := l.store.Seen(ctx, all); err != nil {
		l.log.Warn("last-seen times not written", "clients", len(all), "error", err)
	}
}
