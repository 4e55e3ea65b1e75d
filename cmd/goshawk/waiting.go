package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"connectrpc.com/connect"

	"goshawk"
	"goshawk/row"
	apiv1 "goshawk/web/api/v1"
)

var errEOF = io.EOF

// onClient runs the query as a flow on a client, waits for its end and prints
// its rows. Ctrl-C cancels the flow; losing the server does not.
func (q *queryCommand) onClient(ctx context.Context, all *commands, env map[string]string) error {
	api, err := q.dial(all)
	if err != nil {
		return err
	}
	started, err := api.flows.Start(ctx, connect.NewRequest(&apiv1.StartFlowRequest{
		ClientId: q.Client, Vql: q.VQL, Env: protoEnv(env), Limits: q.limits(),
	}))
	if err != nil {
		return err
	}
	ref := &apiv1.FlowRequest{ClientId: q.Client, FlowId: started.Msg.FlowId}
	if q.NoWait {
		fmt.Println(ref.FlowId)
		return nil
	}
	if all.Verbose {
		fmt.Fprintf(os.Stderr, "flow %s\n", ref.FlowId)
	}
	f, err := api.wait(ctx, ref)
	if err != nil {
		return err
	}
	l := &logged{verbose: all.Verbose}
	out := q.printer(os.Stdout)
	background := context.WithoutCancel(ctx) // a cancelled flow's rows are shown, too
	if f.Rows > 0 {
		if err := api.results(background, out, ref, ""); err != nil {
			return err
		}
	}
	if err := out.close(); err != nil {
		return err
	}
	if err := api.printLogs(background, l, ref); err != nil {
		return err
	}
	return q.outcome(f, l)
}

// unknownFlow is how the error of a flow begins whose agent was restarted.
const unknownFlow = "Flow not known"

// outcome turns the end of a flow into an exit status. Errors that the query
// logged are no failure of the command, unless --strict.
func (q *queryCommand) outcome(f *apiv1.Flow, l *logged) error {
	switch {
	case f.Stopped:
		return exitError{exitStopped, fmt.Errorf("flow %s: %s: %s", f.FlowId, f.State, f.Error)}
	case f.State != string(goshawk.FlowError):
		return q.status(l)
	}
	err := fmt.Errorf("flow %s ended with an error: %s", f.FlowId, f.Error)
	if len(f.Error) >= len(unknownFlow) && f.Error[:len(unknownFlow)] == unknownFlow {
		return err
	}
	if q.Strict {
		return exitError{exitStrict, err}
	}
	fmt.Fprintf(os.Stderr, "goshawk: %v\n", err)
	return nil
}

// patience is how long to wait between two tries to reach a server that was lost.
const patience = 500 * time.Millisecond

// wait follows a flow to its final state. When ctx ends the flow is cancelled.
func (a *apiClient) wait(ctx context.Context, ref *apiv1.FlowRequest) (*apiv1.Flow, error) {
	told := false
	for {
		f, err := a.follow(ctx, ref)
		switch {
		case err == nil && goshawk.FlowState(f.GetState()).Final():
			return f, nil
		case ctx.Err() != nil:
			return a.cancelAndWait(context.WithoutCancel(ctx), ref)
		case err != nil && !unreachable(err):
			return nil, err
		case err != nil && !told:
			fmt.Fprintf(os.Stderr, "goshawk: %s; the flow %s goes on, waiting for the server\n", message(err), ref.FlowId)
			told = true
		}
		select {
		case <-time.After(patience):
		case <-ctx.Done():
		}
	}
}

// follow watches a flow until it is final or the connection is lost, and
// returns its last known state.
func (a *apiClient) follow(ctx context.Context, ref *apiv1.FlowRequest) (*apiv1.Flow, error) {
	stream, err := a.flows.Watch(ctx, connect.NewRequest(ref))
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	var last *apiv1.Flow
	for stream.Receive() {
		last = stream.Msg()
	}
	if err := stream.Err(); err != nil {
		return nil, lost(err)
	}
	return last, nil
}

// lost marks an error of a stream that broke off as one of an unreachable
// server, which Connect calls by several codes.
func lost(err error) error {
	switch connect.CodeOf(err) {
	case connect.CodeInternal, connect.CodeUnknown, connect.CodeDataLoss, connect.CodeAborted:
		return connect.NewError(connect.CodeUnavailable, err)
	}
	return err
}

// cancelWait is how long a client may take to confirm a cancel.
const cancelWait = 10 * time.Second

// cancelAndWait cancels a flow and waits a moment for its end.
func (a *apiClient) cancelAndWait(ctx context.Context, ref *apiv1.FlowRequest) (*apiv1.Flow, error) {
	ctx, cancel := context.WithTimeout(ctx, cancelWait)
	defer cancel()
	fmt.Fprintf(os.Stderr, "goshawk: cancelling flow %s\n", ref.FlowId)
	f, err := a.flows.Cancel(ctx, connect.NewRequest(ref))
	if err != nil {
		return nil, exitError{exitStopped, err}
	}
	if goshawk.FlowState(f.Msg.State).Final() {
		return f.Msg, nil
	}
	last, err := a.follow(ctx, ref)
	if err != nil {
		return nil, exitError{exitStopped, err}
	}
	return last, nil
}

// results prints a flow's rows.
func (a *apiClient) results(ctx context.Context, out printer, ref *apiv1.FlowRequest, source string) error {
	stream, err := a.flows.Results(ctx, connect.NewRequest(&apiv1.ResultsRequest{ClientId: ref.ClientId, FlowId: ref.FlowId, Source: source}))
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Receive() {
		if err := printLines(out, stream.Msg().Jsonl); err != nil {
			return err
		}
	}
	return stream.Err()
}

// logLines calls f with each of a flow's log lines.
func (a *apiClient) logLines(ctx context.Context, ref *apiv1.FlowRequest, f func(d *row.Dict) error) error {
	stream, err := a.flows.Logs(ctx, connect.NewRequest(&apiv1.LogsRequest{ClientId: ref.ClientId, FlowId: ref.FlowId}))
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Receive() {
		p := row.NewParser(stream.Msg().Jsonl)
		for {
			v, err := p.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return fmt.Errorf("log line from the server: %w", err)
			}
			if v.Kind() != row.KindDict {
				continue
			}
			if err := f(v.Dict()); err != nil {
				return err
			}
		}
	}
	return stream.Err()
}

func (a *apiClient) printLogs(ctx context.Context, l *logged, ref *apiv1.FlowRequest) error {
	return a.logLines(ctx, ref, func(d *row.Dict) error {
		level, _ := d.Get("level")
		text, _ := d.Get("message")
		l.line(row.Text(level), row.Text(text))
		return nil
	})
}
