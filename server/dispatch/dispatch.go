// Package dispatch hands tasks to clients: it turns what waits in the store
// into messages and notes what was sent.
package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"goshawk"
	"goshawk/store"
	"goshawk/wire"
)

// batch is how many tasks go into one answer: an agent acts on an answer as a
// whole, and a stock one rations how many it asks for.
const batch = 100

// Tasks hands out what waits for clients.
type Tasks struct {
	store store.Tasks
	now   func() time.Time
}

// New returns the tasks of a store.
func New(s store.Tasks, now func() time.Time) *Tasks { return &Tasks{s, now} }

// For returns the messages that wait for a client. sent notes that they were
// sent; with keep they are handed out again until the client has accepted them.
func (t *Tasks) For(ctx context.Context, client goshawk.ClientID, keep bool) (ms []wire.Message, sent func(context.Context) error, err error) {
	tasks, err := t.store.Waiting(ctx, client, keep, batch)
	if err != nil || len(tasks) == 0 {
		return nil, nil, err
	}
	ids := make([]int64, len(tasks))
	for i, task := range tasks {
		m, err := decode(task)
		if err != nil {
			return nil, nil, err
		}
		ids[i], ms = task.ID, append(ms, m)
	}
	return ms, func(ctx context.Context) error { return t.store.Sent(ctx, client, ids, t.now(), keep) }, nil
}

// payload is how a task is kept: exactly one field is set.
type payload struct {
	Run    *wire.FlowRequest `json:"run,omitempty"`
	Cancel *wire.Cancel      `json:"cancel,omitempty"`
}

// Run returns the task that starts a flow.
func Run(f goshawk.Flow, req *wire.FlowRequest, urgent bool) (store.Task, error) {
	return encode(f, payload{Run: req}, true, urgent)
}

// Cancel returns the task that stops a flow.
func Cancel(f goshawk.Flow, by string) (store.Task, error) {
	return encode(f, payload{Cancel: &wire.Cancel{By: by}}, false, true)
}

func encode(f goshawk.Flow, p payload, start, urgent bool) (store.Task, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return store.Task{}, fmt.Errorf("encode task of %s: %w", f.ID, err)
	}
	return store.Task{Client: f.Client, Flow: f.ID, Start: start, Urgent: urgent, Payload: b, Created: f.Created}, nil
}

func decode(t store.Task) (wire.Message, error) {
	var p payload
	if err := json.Unmarshal(t.Payload, &p); err != nil {
		return wire.Message{}, fmt.Errorf("%w: task %d of %s: %w", goshawk.ErrCorrupt, t.ID, t.Flow, err)
	}
	m := wire.Message{Session: string(t.Flow), Urgent: t.Urgent}
	switch {
	case p.Run != nil:
		m.Body = p.Run
	case p.Cancel != nil:
		m.Body = p.Cancel
	default:
		return wire.Message{}, fmt.Errorf("%w: task %d of %s is empty", goshawk.ErrCorrupt, t.ID, t.Flow)
	}
	return m, nil
}
