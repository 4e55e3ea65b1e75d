package server

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"goshawk"
	"goshawk/server/dispatch"
	"goshawk/store"
	"goshawk/vql"
	"goshawk/vql/syntax"
	"goshawk/wire"
)

// Collect asks for a flow of VQL statements on a client.
type Collect struct {
	Client  goshawk.ClientID
	Creator string
	VQL     []string // texts, each with one or more statements
	Env     []wire.Variable
	Limits  goshawk.Limits
	Urgent  bool
}

// What a request says if nobody else does. Batches wait at most maxWait for
// more rows; a batch is one row of the results table.
const (
	batchRows = 10_000
	maxWait   = 10 * time.Second
	logEvery  = 2 * time.Second
)

// StartQuery checks a query and queues it as a flow.
func (s *Server) StartQuery(ctx context.Context, q Collect) (goshawk.Flow, error) {
	col := wire.Collection{Env: q.Env}
	n := 0
	for i, text := range q.VQL {
		p, err := vql.Compile(text)
		if err != nil {
			return goshawk.Flow{}, fmt.Errorf("%w: query %d: %w", goshawk.ErrInvalid, i+1, err)
		}
		for _, st := range p.Statements {
			one := wire.Query{VQL: st.String()}
			if _, ok := st.(*syntax.Select); ok {
				one.Name = sourceName(n)
				n++
			}
			col.Queries = append(col.Queries, one)
		}
	}
	if n == 0 {
		return goshawk.Flow{}, fmt.Errorf("%w: the query has no SELECT, so there would be no rows", goshawk.ErrInvalid)
	}
	limits := q.Limits.Or(s.o.Limits)
	col.Timeout, col.CPULimit, col.IOPSLimit = limits.Time, limits.CPU, limits.IOPS
	return s.start(ctx, goshawk.Flow{Client: q.Client, Creator: q.Creator}, &wire.FlowRequest{
		Collections: []wire.Collection{col}, MaxRows: limits.Rows, MaxUploadBytes: limits.UploadBytes, MaxLogLines: limits.LogLines,
	}, q.Urgent)
}

// sourceName is the name of the n-th result set of a raw query.
func sourceName(n int) string {
	if n == 0 {
		return "Query"
	}
	return fmt.Sprintf("Query/%d", n+1)
}

// start queues a request as a new flow and wakes the client.
func (s *Server) start(ctx context.Context, f goshawk.Flow, req *wire.FlowRequest, urgent bool) (goshawk.Flow, error) {
	f.Created = s.o.Now()
	f.ID = goshawk.NewFlowID(f.Created)
	f.State = goshawk.FlowScheduled
	req.Compress, req.LogEvery = true, logEvery
	for i := range req.Collections {
		c := &req.Collections[i]
		c.MaxRows, c.MaxWait = batchRows, maxWait
		c.Index, c.Total = i+1, len(req.Collections)
	}
	task, err := dispatch.Run(f, req, urgent)
	if err != nil {
		return f, err
	}
	if err := s.o.Store.CreateFlow(ctx, f, task); err != nil {
		return f, fmt.Errorf("create flow for %s: %w", f.Client, err)
	}
	s.announce(ctx, topicTasks, string(f.Client))
	return f, nil
}

// CancelFlow stops a flow. One whose client is not there ends at once.
func (s *Server) CancelFlow(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, by string) (goshawk.Flow, error) {
	f, err := s.o.Store.Flow(ctx, client, id)
	if err != nil {
		return f, err
	}
	task, err := dispatch.Cancel(goshawk.Flow{ID: id, Client: client, Created: s.o.Now()}, by)
	if err != nil {
		return f, err
	}
	f, err = s.o.Store.CancelFlow(ctx, client, id, store.Cancel{
		Reason: "Cancelled by " + by, At: s.o.Now(), Now: !s.Online(client), Task: task,
	})
	if err != nil {
		return f, fmt.Errorf("cancel flow %s of %s: %w", id, client, err)
	}
	s.announce(ctx, topicTasks, string(client))
	s.changed(ctx, []goshawk.Flow{f})
	return f, nil
}

// Flow returns one flow.
func (s *Server) Flow(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID) (goshawk.Flow, error) {
	return s.o.Store.Flow(ctx, client, id)
}

// Flows lists a client's flows, the newest first.
func (s *Server) Flows(ctx context.Context, client goshawk.ClientID, before goshawk.FlowID, limit int) ([]goshawk.Flow, error) {
	if _, err := s.o.Store.Client(ctx, client); err != nil {
		return nil, err
	}
	return s.o.Store.ListFlows(ctx, client, before, limit)
}

// watchAnyway is how often a watcher looks although nothing was announced.
const watchAnyway = 2 * time.Second

// Watch yields a flow as it is now and then whenever it has changed, and ends
// after its final state.
func (s *Server) Watch(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID) iter.Seq2[goshawk.Flow, error] {
	return func(yield func(goshawk.Flow, error) bool) {
		sub, err := s.o.Bus.Subscribe(ctx, topicFlows, 1000)
		if err != nil {
			yield(goshawk.Flow{}, err)
			return
		}
		defer sub.Close()
		tick := time.NewTicker(watchAnyway)
		defer tick.Stop()
		for wanted := flowText(client, id); ; {
			f, err := s.o.Store.Flow(ctx, client, id)
			if !yield(f, err) || err != nil || f.State.Final() {
				return
			}
			for changed := false; !changed; {
				select {
				case text := <-sub.C():
					changed = text == wanted
				case <-tick.C:
					changed = true
				case <-ctx.Done():
					yield(goshawk.Flow{}, ctx.Err())
					return
				}
			}
		}
	}
}

// Sources lists the result sets of a flow.
func (s *Server) Sources(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID) ([]store.Source, error) {
	return s.o.Store.Sources(ctx, client, id)
}

// Rows yields a result set's batches from a row on.
func (s *Server) Rows(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, src store.Source, from int64) iter.Seq2[store.RowBatch, error] {
	return s.o.Store.Rows(ctx, client, id, src, from)
}

// Logs yields a flow's log lines from a batch on.
func (s *Server) Logs(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, from int64) iter.Seq2[store.LogBatch, error] {
	return s.o.Store.Logs(ctx, client, id, from)
}

// Uploads lists a flow's files.
func (s *Server) Uploads(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID) ([]goshawk.Upload, error) {
	return s.o.Store.Uploads(ctx, client, id)
}

// Upload returns one file of a flow.
func (s *Server) Upload(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, number int64) (goshawk.Upload, error) {
	return s.o.Store.Upload(ctx, client, id, number)
}

// CopyUpload writes the stored bytes of a file from an offset on to w.
func (s *Server) CopyUpload(ctx context.Context, w io.Writer, u goshawk.Upload, from int64) error {
	parts, err := s.o.Store.Parts(ctx, u.Client, u.Flow, u.Number)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.Offset+p.Length <= from {
			continue
		}
		if err := s.copyPart(ctx, w, p, max(0, from-p.Offset)); err != nil {
			return fmt.Errorf("file %d of %s: %w", u.Number, u.Flow, err)
		}
	}
	return nil
}

func (s *Server) copyPart(ctx context.Context, w io.Writer, p store.Part, from int64) error {
	f, err := s.o.Blobs.Open(ctx, p.Blob)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, io.NewSectionReader(f, from, p.Length-from))
	return err
}
