package main

import (
	"context"
	"os"

	"connectrpc.com/connect"

	"goshawk/row"
	apiv1 "goshawk/web/api/v1"
)

type flowCommands struct {
	List    flowsList    `cmd:"" help:"List a client's flows, the newest first."`
	Show    flowsShow    `cmd:"" help:"Show one flow: its state and counters."`
	Results flowsResults `cmd:"" help:"Print the rows of a flow."`
	Logs    flowsLogs    `cmd:"" help:"Print the log of a flow."`
	Uploads flowsUploads `cmd:"" help:"List the files of a flow, or fetch them."`
	Cancel  flowsCancel  `cmd:"" help:"Stop a flow."`
}

// ofClient is the flag that all of them take.
type ofClient struct {
	Client string `name:"client" required:"" placeholder:"ID" help:"Id of the client."`
}

// ofFlow is what most of them take.
type ofFlow struct {
	ofClient
	Flow string `arg:"" help:"Id of the flow."`
}

func (f ofFlow) ref() *apiv1.FlowRequest {
	return &apiv1.FlowRequest{ClientId: f.Client, FlowId: f.Flow}
}

type flowsList struct {
	formats
	remote
	ofClient
	Limit int `name:"limit" placeholder:"N" help:"At most this many."`
}

// Help is shown by --help.
func (flowsList) Help() string {
	return "Example: goshawk flows list --api_config ann.api.yaml --client C.1234567890abcdef"
}

// Run lists flows.
func (c *flowsList) Run(ctx context.Context, all *commands) error {
	api, err := c.dial(all)
	if err != nil {
		return err
	}
	out := c.printer(os.Stdout)
	req := &apiv1.ListFlowsRequest{ClientId: c.Client}
	for left := c.Limit; ; {
		req.Limit = int32(min(left, 1000))
		page, err := api.flows.List(ctx, connect.NewRequest(req))
		if err != nil {
			return err
		}
		for _, one := range page.Msg.Flows {
			if err := out.row(flowRow(one)); err != nil {
				return err
			}
		}
		left -= len(page.Msg.Flows)
		if req.Before = page.Msg.Next; req.Before == "" || c.Limit > 0 && left <= 0 {
			return out.close()
		}
	}
}

type flowsShow struct {
	formats
	remote
	ofFlow
}

// Help is shown by --help.
func (flowsShow) Help() string {
	return "Example: goshawk flows show --api_config ann.api.yaml --client C.1234567890abcdef F.D4AF7G3N0O5K2"
}

// Run shows one flow.
func (c *flowsShow) Run(ctx context.Context, all *commands) error {
	api, err := c.dial(all)
	if err != nil {
		return err
	}
	f, err := api.flows.Get(ctx, connect.NewRequest(c.ref()))
	if err != nil {
		return err
	}
	return c.one(flowRow(f.Msg))
}

type flowsResults struct {
	formats
	remote
	ofFlow
	Source string `name:"source" help:"Only the rows of this result set."`
}

// Help is shown by --help.
func (flowsResults) Help() string {
	return "Example: goshawk flows results --api_config ann.api.yaml --client C.1234567890abcdef F.D4AF7G3N0O5K2 --format csv"
}

// Run prints the rows that are durable so far.
func (c *flowsResults) Run(ctx context.Context, all *commands) error {
	api, err := c.dial(all)
	if err != nil {
		return err
	}
	out := c.printer(os.Stdout)
	if err := api.results(ctx, out, c.ref(), c.Source); err != nil {
		return err
	}
	return out.close()
}

type flowsLogs struct {
	formats
	remote
	ofFlow
}

// Help is shown by --help.
func (flowsLogs) Help() string {
	return "Example: goshawk flows logs --api_config ann.api.yaml --client C.1234567890abcdef F.D4AF7G3N0O5K2"
}

// Run prints the log.
func (c *flowsLogs) Run(ctx context.Context, all *commands) error {
	api, err := c.dial(all)
	if err != nil {
		return err
	}
	out := c.printer(os.Stdout)
	if err := api.logLines(ctx, c.ref(), out.row); err != nil {
		return err
	}
	return out.close()
}

type flowsCancel struct {
	formats
	remote
	ofFlow
}

// Help is shown by --help.
func (flowsCancel) Help() string {
	return "Example: goshawk flows cancel --api_config ann.api.yaml --client C.1234567890abcdef F.D4AF7G3N0O5K2"
}

// Run cancels a flow and shows it.
func (c *flowsCancel) Run(ctx context.Context, all *commands) error {
	api, err := c.dial(all)
	if err != nil {
		return err
	}
	f, err := api.flows.Cancel(ctx, connect.NewRequest(c.ref()))
	if err != nil {
		return err
	}
	return c.one(flowRow(f.Msg))
}

var flowColumns = row.NewColumns("flow_id", "client_id", "state", "error", "artifacts", "rows", "uploads", "uploaded_bytes",
	"tasks", "packets", "batches", "created", "started", "finished", "logs", "creator")

func flowRow(f *apiv1.Flow) *row.Dict {
	return row.NewDict(flowColumns, []row.Value{
		row.String(f.FlowId), row.String(f.ClientId), row.String(f.State), row.String(f.Error), row.Strings(f.Artifacts),
		row.Int(f.Rows), row.Int(f.Uploads), row.Int(f.UploadedBytes), row.Int(f.Tasks), row.Int(f.Packets), row.Int(f.Batches),
		at(f.Created), at(f.Started), at(f.Finished), row.Int(f.Logs), row.String(f.Creator),
	})
}
