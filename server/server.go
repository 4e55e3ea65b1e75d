// Package server is the server without its doors: it enrols clients, hands
// tasks to them, takes what they deliver, and knows the flows. Agents reach it
// through transport.Frontend, people and programs through package web.
package server

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"goshawk"
	"goshawk/blob"
	"goshawk/bus"
	"goshawk/server/dispatch"
	"goshawk/server/enrol"
	"goshawk/server/ingest"
	"goshawk/store"
	"goshawk/transport"
	"goshawk/vql"
	"goshawk/wire"
)

// Presence says who is connected; the frontend knows.
type Presence interface {
	Online(client wire.Peer, now time.Time) bool
	Wake(client wire.Peer)
}

// Options of a Server.
type Options struct {
	Store      store.Store
	Blobs      blob.Store
	Bus        bus.Bus
	Vocabulary *vql.Vocabulary // of queries that run on the server itself
	Now        func() time.Time
	Log        *slog.Logger
	Limits     goshawk.Limits // of requests that set none
}

// Server serves one org.
type Server struct {
	o        Options
	clients  *enrol.Clients
	tasks    *dispatch.Tasks
	ingest   *ingest.Ingest
	liveness liveness
	presence Presence
}

// New loads what must be known before the first client is heard.
func New(ctx context.Context, o Options) (*Server, error) {
	s := &Server{o: o, liveness: liveness{store: o.Store, now: o.Now, log: o.Log}}
	s.tasks = dispatch.New(o.Store, o.Now)
	s.ingest = ingest.New(ingest.Options{Store: o.Store, Blobs: o.Blobs, Now: o.Now, Log: o.Log, Changed: s.changed})
	var err error
	s.clients, err = enrol.Load(ctx, enrol.Options{Store: o.Store, Now: o.Now, Log: o.Log, Joined: s.interrogate})
	return s, err
}

// Keys finds the keys by which clients sign.
func (s *Server) Keys() wire.Keys { return s.clients }

// Attach tells the server who knows the clients that are connected. It is
// called before anything is served.
func (s *Server) Attach(p Presence) { s.presence = p }

// Run does the server's own work until ctx ends: it wakes clients for which
// there are tasks and writes down who was heard.
func (s *Server) Run(ctx context.Context) error {
	wakes, err := s.o.Bus.Subscribe(ctx, topicTasks, 10_000)
	if err != nil {
		return fmt.Errorf("subscribe to tasks: %w", err)
	}
	defer wakes.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { s.liveness.run(ctx) })
	for {
		select {
		case client := <-wakes.C():
			s.presence.Wake(wire.Peer{Name: client})
		case <-ctx.Done():
			return nil
		}
	}
}

// Topics of the bus.
const (
	topicTasks = "tasks" // a client has tasks; the text is its id
	topicFlows = "flows" // a flow changed; the text is client id, blank, flow id
)

// announce tells others; who misses it looks by itself sooner or later.
func (s *Server) announce(ctx context.Context, topic, text string) {
	if err := s.o.Bus.Publish(ctx, topic, text); err != nil {
		s.o.Log.Warn("announcement not made", "topic", topic, "text", text, "error", err)
	}
}

func (s *Server) changed(ctx context.Context, flows []goshawk.Flow) {
	for _, f := range flows {
		s.announce(ctx, topicFlows, flowText(f.Client, f.ID))
	}
}

func flowText(c goshawk.ClientID, f goshawk.FlowID) string { return string(c) + " " + string(f) }

// Enrol takes a packet from a sender that is not known.
func (s *Server) Enrol(ctx context.Context, p *wire.Packet) error { return s.clients.Take(ctx, p) }

// Deliver takes a packet of a client and returns nil when it is durable.
func (s *Server) Deliver(ctx context.Context, d transport.Delivery) error {
	id := goshawk.ClientID(d.Client.Name)
	s.liveness.saw(id, d.Address)
	lane := store.LaneNormal
	switch {
	case d.Reader:
		lane = store.LaneReader
	case d.Urgent:
		lane = store.LaneUrgent
	}
	return s.ingest.Take(ctx, ingest.Packet{Client: id, Lane: lane, Address: d.Address, Packet: d.Packet})
}

// Tasks returns what a client is to be told.
func (s *Server) Tasks(ctx context.Context, client wire.Peer, ours bool) ([]wire.Message, func(context.Context) error, error) {
	return s.tasks.For(ctx, goshawk.ClientID(client.Name), ours)
}
