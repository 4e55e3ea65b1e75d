package main

import (
	"context"
	"os"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"goshawk/row"
	apiv1 "goshawk/web/api/v1"
)

type clientCommands struct {
	List clientsList `cmd:"" help:"List clients, offline ones too."`
	Show clientsShow `cmd:"" help:"Show one client."`
}

type clientsList struct {
	formats
	remote
	Limit  int    `name:"limit" placeholder:"N" help:"At most this many."`
	Search string `arg:"" optional:"" help:"Part of id, host name, FQDN or address."`
}

// Help is shown by --help.
func (clientsList) Help() string {
	return "Example: goshawk clients list --api_config ann.api.yaml web"
}

// Run lists clients.
func (c *clientsList) Run(ctx context.Context, all *commands) error {
	api, err := c.dial(all)
	if err != nil {
		return err
	}
	out := c.printer(os.Stdout)
	req := &apiv1.ListClientsRequest{Search: c.Search}
	for left := c.Limit; ; {
		req.Limit = int32(min(left, 1000))
		page, err := api.clients.List(ctx, connect.NewRequest(req))
		if err != nil {
			return err
		}
		for _, one := range page.Msg.Clients {
			if err := out.row(clientRow(one)); err != nil {
				return err
			}
		}
		left -= len(page.Msg.Clients)
		if req.After = page.Msg.Next; req.After == "" || c.Limit > 0 && left <= 0 {
			return out.close()
		}
	}
}

type clientsShow struct {
	formats
	remote
	ID string `arg:"" help:"Id of the client."`
}

// Help is shown by --help.
func (clientsShow) Help() string {
	return "Example: goshawk clients show --api_config ann.api.yaml C.1234567890abcdef"
}

// Run shows one client.
func (c *clientsShow) Run(ctx context.Context, all *commands) error {
	api, err := c.dial(all)
	if err != nil {
		return err
	}
	one, err := api.clients.Get(ctx, connect.NewRequest(&apiv1.GetClientRequest{ClientId: c.ID}))
	if err != nil {
		return err
	}
	return c.one(clientRow(one.Msg))
}

var clientColumns = row.NewColumns("client_id", "hostname", "os", "release", "labels", "online", "first_seen", "last_seen",
	"agent_version", "agent_name", "fqdn", "architecture", "address")

func clientRow(c *apiv1.Client) *row.Dict {
	return row.NewDict(clientColumns, []row.Value{
		row.String(c.ClientId), row.String(c.Hostname), row.String(c.Os), row.String(c.Release), row.Strings(c.Labels),
		row.Bool(c.Online), at(c.FirstSeen), at(c.LastSeen), row.String(c.AgentVersion), row.String(c.AgentName),
		row.String(c.Fqdn), row.String(c.Architecture), row.String(c.Address),
	})
}

// at is a time as the command line shows it: RFC 3339 in UTC with six
// fractional digits, or NULL.
func at(t *timestamppb.Timestamp) row.Value {
	if t == nil {
		return row.Null
	}
	return row.String(t.AsTime().UTC().Truncate(time.Microsecond).Format(moment))
}
