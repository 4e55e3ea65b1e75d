package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"

	"goshawk"
	"goshawk/server"
	"goshawk/store"
	apiv1 "goshawk/web/api/v1"
	"goshawk/wire"
)

type flows struct{ server *server.Server }

// ids checks the identifiers of a request.
func ids(client, flow string) (goshawk.ClientID, goshawk.FlowID, error) {
	c, err := goshawk.ParseClientID(client)
	if err != nil {
		return "", "", err
	}
	f, err := goshawk.ParseFlowID(flow)
	return c, f, err
}

// valid returns a text from a client as UTF-8, which protobuf demands.
func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

func validAll(ss []string) []string {
	out := make([]string, len(ss))
	for i, s := range ss {
		out[i] = valid(s)
	}
	return out
}

// Start queues a query for a client.
func (f *flows) Start(ctx context.Context, req *connect.Request[apiv1.StartFlowRequest]) (*connect.Response[apiv1.Flow], error) {
	m := req.Msg
	client, err := goshawk.ParseClientID(m.ClientId)
	if err != nil {
		return nil, err
	}
	limits, err := limitsOf(m.Limits)
	if err != nil {
		return nil, err
	}
	q := server.Collect{Client: client, Creator: userOf(ctx).Name, VQL: m.Vql, Limits: limits, Urgent: m.Urgent}
	for _, v := range m.Env {
		q.Env = append(q.Env, wire.Variable{Key: v.Name, Value: v.Value})
	}
	flow, err := f.server.StartQuery(ctx, q)
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(flowMessage(flow)), nil
}

func limitsOf(m *apiv1.Limits) (goshawk.Limits, error) {
	l := goshawk.Limits{
		Rows: m.GetRows(), UploadBytes: m.GetUploadBytes(), Time: duration(m.GetTime()), CPU: m.GetCpuPercent(), IOPS: m.GetIops(),
	}
	if l.Rows < 0 || l.UploadBytes < 0 || l.Time < 0 || l.CPU < 0 || l.IOPS < 0 {
		return l, fmt.Errorf("%w: a limit is below zero", goshawk.ErrInvalid)
	}
	return l, nil
}

func duration(d *durationpb.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return d.AsDuration()
}

// Get returns one flow.
func (f *flows) Get(ctx context.Context, req *connect.Request[apiv1.FlowRequest]) (*connect.Response[apiv1.Flow], error) {
	client, id, err := ids(req.Msg.ClientId, req.Msg.FlowId)
	if err != nil {
		return nil, err
	}
	flow, err := f.server.Flow(ctx, client, id)
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(flowMessage(flow)), nil
}

// List returns a page of a client's flows.
func (f *flows) List(ctx context.Context, req *connect.Request[apiv1.ListFlowsRequest]) (*connect.Response[apiv1.ListFlowsResponse], error) {
	client, err := goshawk.ParseClientID(req.Msg.ClientId)
	if err != nil {
		return nil, err
	}
	n := pageSize(req.Msg.Limit)
	found, err := f.server.Flows(ctx, client, goshawk.FlowID(req.Msg.Before), n)
	if err != nil {
		return nil, err
	}
	out := &apiv1.ListFlowsResponse{}
	for _, one := range found {
		out.Flows = append(out.Flows, flowMessage(one))
	}
	if len(found) == n {
		out.Next = string(found[n-1].ID)
	}
	return connect.NewResponse(out), nil
}

// Watch sends a flow whenever it has changed, until it is final.
func (f *flows) Watch(ctx context.Context, req *connect.Request[apiv1.FlowRequest], out *connect.ServerStream[apiv1.Flow]) error {
	client, id, err := ids(req.Msg.ClientId, req.Msg.FlowId)
	if err != nil {
		return err
	}
	for flow, err := range f.server.Watch(ctx, client, id) {
		if err != nil {
			return err
		}
		if err := out.Send(flowMessage(flow)); err != nil {
			return err
		}
	}
	return nil
}

// Cancel stops a flow.
func (f *flows) Cancel(ctx context.Context, req *connect.Request[apiv1.FlowRequest]) (*connect.Response[apiv1.Flow], error) {
	client, id, err := ids(req.Msg.ClientId, req.Msg.FlowId)
	if err != nil {
		return nil, err
	}
	flow, err := f.server.CancelFlow(ctx, client, id, userOf(ctx).Name)
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(flowMessage(flow)), nil
}

// Results sends the rows of a flow's result sets.
func (f *flows) Results(ctx context.Context, req *connect.Request[apiv1.ResultsRequest], out *connect.ServerStream[apiv1.Rows]) error {
	client, id, err := ids(req.Msg.ClientId, req.Msg.FlowId)
	if err != nil {
		return err
	}
	sources, err := f.server.Sources(ctx, client, id)
	if err != nil {
		return err
	}
	found := req.Msg.Source == ""
	for _, src := range sources {
		if req.Msg.Source != "" && src.Name != req.Msg.Source {
			continue
		}
		found = true
		for b, err := range f.server.Rows(ctx, client, id, src, 0) {
			if err != nil {
				return err
			}
			if err := sendRows(b, out); err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("%w: the flow has no rows under the name %q", goshawk.ErrNotFound, req.Msg.Source)
	}
	return nil
}

// maxSend is about the size of one message of a stream.
const maxSend = 1 << 20

// sendRows sends a batch in pieces that end with a line.
func sendRows(b store.RowBatch, out *connect.ServerStream[apiv1.Rows]) error {
	lines, err := b.Lines()
	if err != nil {
		return err
	}
	for first := b.First; len(lines) > 0; {
		n := min(len(lines), maxSend)
		if end := bytes.IndexByte(lines[n-1:], '\n'); end >= 0 {
			n += end
		} else {
			n = len(lines)
		}
		count := int64(bytes.Count(lines[:n], []byte{'\n'}))
		if err := out.Send(&apiv1.Rows{Source: valid(b.Source), First: first, Count: count, Jsonl: lines[:n]}); err != nil {
			return err
		}
		first, lines = first+count, lines[n:]
	}
	return nil
}

// Logs sends a flow's log lines.
func (f *flows) Logs(ctx context.Context, req *connect.Request[apiv1.LogsRequest], out *connect.ServerStream[apiv1.LogLines]) error {
	client, id, err := ids(req.Msg.ClientId, req.Msg.FlowId)
	if err != nil {
		return err
	}
	if _, err := f.server.Flow(ctx, client, id); err != nil {
		return err
	}
	for b, err := range f.server.Logs(ctx, client, id, 0) {
		if err != nil {
			return err
		}
		if err := out.Send(&apiv1.LogLines{Count: b.Count, Jsonl: b.JSONL}); err != nil {
			return err
		}
	}
	return nil
}

// Uploads lists a flow's files.
func (f *flows) Uploads(ctx context.Context, req *connect.Request[apiv1.FlowRequest]) (*connect.Response[apiv1.UploadsResponse], error) {
	client, id, err := ids(req.Msg.ClientId, req.Msg.FlowId)
	if err != nil {
		return nil, err
	}
	if _, err := f.server.Flow(ctx, client, id); err != nil {
		return nil, err
	}
	found, err := f.server.Uploads(ctx, client, id)
	if err != nil {
		return nil, err
	}
	out := &apiv1.UploadsResponse{}
	for _, u := range found {
		out.Uploads = append(out.Uploads, uploadMessage(u))
	}
	return connect.NewResponse(out), nil
}

func uploadMessage(u goshawk.Upload) *apiv1.Upload {
	m := &apiv1.Upload{
		Number: u.Number, Accessor: valid(u.Accessor), Components: validAll(u.Components), Size: u.Size,
		StoredSize: u.StoredSize, Received: u.Received, Done: u.Done, Mtime: stamp(u.Mtime),
	}
	if u.Done {
		m.Sha256 = u.SHA256.String()
	}
	for _, r := range u.Sparse {
		m.Sparse = append(m.Sparse, &apiv1.Range{Offset: r.Offset, Length: r.Length, StoredOffset: r.StoredOffset, Stored: r.Stored})
	}
	return m
}

// Download sends the bytes of a file.
func (f *flows) Download(ctx context.Context, req *connect.Request[apiv1.DownloadRequest], out *connect.ServerStream[apiv1.Chunk]) error {
	client, id, err := ids(req.Msg.ClientId, req.Msg.FlowId)
	if err != nil {
		return err
	}
	u, err := f.server.Upload(ctx, client, id, req.Msg.Number)
	if err != nil {
		return err
	}
	if !u.Done {
		return fmt.Errorf("%w: %d of %d bytes of the file are here", goshawk.ErrUnavailable, u.Received, u.StoredSize)
	}
	return f.server.CopyUpload(ctx, chunks{out}, u, req.Msg.Offset)
}

// chunks sends what is written to it.
type chunks struct {
	out *connect.ServerStream[apiv1.Chunk]
}

var _ io.Writer = chunks{}

// Write sends p, in pieces if it is large.
func (c chunks) Write(p []byte) (int, error) {
	for sent := 0; sent < len(p); sent += maxSend {
		if err := c.out.Send(&apiv1.Chunk{Data: p[sent:min(sent+maxSend, len(p))]}); err != nil {
			return sent, err
		}
	}
	return len(p), nil
}

func flowMessage(f goshawk.Flow) *apiv1.Flow {
	return &apiv1.Flow{
		FlowId: string(f.ID), ClientId: string(f.Client), Creator: f.Creator, Artifacts: f.Artifacts, State: string(f.State),
		Error: valid(f.Error), Rows: f.Rows, Logs: f.Logs, Uploads: f.Uploads, UploadedBytes: f.UploadedBytes, Tasks: f.Tasks,
		Packets: f.Packets, Batches: f.Batches, Created: stamp(f.Created), Started: stamp(f.Started), Finished: stamp(f.Finished),
		Stopped: f.Stopped(),
	}
}
