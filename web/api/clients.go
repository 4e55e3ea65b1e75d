package api

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"goshawk"
	"goshawk/server"
	apiv1 "goshawk/web/api/v1"
)

// maxPage is the most that a list gives at once.
const maxPage = 1000

func pageSize(limit int32) int {
	if limit <= 0 || limit > maxPage {
		return maxPage
	}
	return int(limit)
}

type clients struct{ server *server.Server }

// List returns a page of clients.
func (c *clients) List(ctx context.Context, req *connect.Request[apiv1.ListClientsRequest]) (*connect.Response[apiv1.ListClientsResponse], error) {
	n := pageSize(req.Msg.Limit)
	found, err := c.server.Clients(ctx, req.Msg.Search, goshawk.ClientID(req.Msg.After), n)
	if err != nil {
		return nil, err
	}
	out := &apiv1.ListClientsResponse{}
	for _, one := range found {
		out.Clients = append(out.Clients, clientMessage(one))
	}
	if len(found) == n {
		out.Next = string(found[n-1].ID)
	}
	return connect.NewResponse(out), nil
}

// Get returns one client.
func (c *clients) Get(ctx context.Context, req *connect.Request[apiv1.GetClientRequest]) (*connect.Response[apiv1.Client], error) {
	id, err := goshawk.ParseClientID(req.Msg.ClientId)
	if err != nil {
		return nil, err
	}
	one, err := c.server.Client(ctx, id)
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(clientMessage(one)), nil
}

func clientMessage(c server.ClientState) *apiv1.Client {
	return &apiv1.Client{
		ClientId: string(c.ID), Hostname: valid(c.Hostname), Fqdn: valid(c.FQDN), Os: valid(c.OS), Release: valid(c.Release),
		Architecture: valid(c.Architecture), Labels: c.Labels, Online: c.Online, FirstSeen: stamp(c.FirstSeen),
		LastSeen: stamp(c.LastSeen), AgentName: valid(c.AgentName), AgentVersion: valid(c.AgentVersion), Address: c.Address,
	}
}

// stamp returns a time as the API has it: nothing for the zero time.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
