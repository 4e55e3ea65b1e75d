package server

import (
	"context"

	"goshawk"
	"goshawk/vql"
	"goshawk/wire"
)

// ClientState is a client and whether it is connected now.
type ClientState struct {
	goshawk.Client
	Online bool
}

// Client returns one client.
func (s *Server) Client(ctx context.Context, id goshawk.ClientID) (ClientState, error) {
	c, err := s.o.Store.Client(ctx, id)
	return s.state(c), err
}

// Clients lists up to limit clients that match a search, in order of their ids.
func (s *Server) Clients(ctx context.Context, search string, after goshawk.ClientID, limit int) ([]ClientState, error) {
	cs, err := s.o.Store.ListClients(ctx, search, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]ClientState, len(cs))
	for i, c := range cs {
		out[i] = s.state(c)
	}
	return out, nil
}

// state adds what is known in memory alone.
func (s *Server) state(c goshawk.Client) ClientState {
	if last, ok := s.liveness.last(c.ID); ok && last.At.After(c.LastSeen) {
		c.LastSeen, c.Address = last.At, last.Address
	}
	return ClientState{c, s.Online(c.ID)}
}

// Online says whether a client is connected.
func (s *Server) Online(id goshawk.ClientID) bool {
	return s.presence != nil && s.presence.Online(wire.Peer{Name: string(id)}, s.o.Now())
}

// User returns who may use the API under a name.
func (s *Server) User(ctx context.Context, name string) (goshawk.User, error) {
	return s.o.Store.User(ctx, name)
}

// Query runs statements on the server itself.
func (s *Server) Query(ctx context.Context, p *vql.Program, o vql.Options, emit func(statement int, b *vql.Batch) error) error {
	session := vql.NewSession(s.o.Vocabulary, o)
	defer session.Close()
	return session.Run(ctx, p, emit)
}

// Known is the number of enrolled clients.
func (s *Server) Known() int { return s.clients.Len() }
