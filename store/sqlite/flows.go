package sqlite

import (
	"context"
	"fmt"
	"time"

	"goshawk"
	"goshawk/store"
)

// flow is a flow with what the store keeps beside it.
type flow struct {
	goshawk.Flow
	row        int64
	logBatches int64 // the next one's number
	claim      store.Claim
}

const flowColumns = `SELECT f.id, f.name, c.name, f.creator, f.artifacts, f.state, f.error,
	f.rows, f.logs, f.uploads, f.uploaded_bytes, f.tasks, f.packets, f.batches,
	f.created, f.started, f.finished, f.log_batches,
	f.claim_complete, f.claim_cancelled, f.claim_error, f.claim_rows, f.claim_uploads
	FROM flows f JOIN clients c ON c.id = f.client `

func scanFlow(r *record) *flow {
	f := &flow{row: r.int()}
	f.Flow = goshawk.Flow{
		ID: goshawk.FlowID(r.text()), Client: goshawk.ClientID(r.text()), Creator: r.text(), Artifacts: r.strings(),
		State: goshawk.FlowState(r.text()), Error: r.text(),
		Rows: r.int(), Logs: r.int(), Uploads: r.int(), UploadedBytes: r.int(), Tasks: r.int(), Packets: r.int(), Batches: r.int(),
		Created: r.time(), Started: r.time(), Finished: r.time(),
	}
	f.logBatches = r.int()
	f.claim = store.Claim{Complete: r.bool(), Cancelled: r.bool(), Error: r.text(), Rows: r.int(), Uploads: r.int()}
	return f
}

// findFlow returns a flow by name, or goshawk.ErrNotFound.
func findFlow(c *conn, client goshawk.ClientID, id goshawk.FlowID) (f *flow, err error) {
	found, err := c.one(flowColumns+"WHERE c.name = ? AND f.name = ?", func(r *record) { f = scanFlow(r) }, string(client), string(id))
	if err == nil && !found {
		err = goshawk.ErrNotFound
	}
	return f, err
}

// save writes back everything of a flow that can change.
func (f *flow) save(c *conn) error {
	return c.exec(`UPDATE flows SET state = ?, error = ?, rows = ?, logs = ?, uploads = ?, uploaded_bytes = ?,
		tasks = ?, packets = ?, batches = ?, started = ?, finished = ?, log_batches = ?,
		claim_complete = ?, claim_cancelled = ?, claim_error = ?, claim_rows = ?, claim_uploads = ? WHERE id = ?`,
		string(f.State), f.Error, f.Rows, f.Logs, f.Uploads, f.UploadedBytes,
		f.Tasks, f.Packets, f.Batches, micros(f.Started), micros(f.Finished), f.logBatches,
		f.claim.Complete, f.claim.Cancelled, f.claim.Error, f.claim.Rows, f.claim.Uploads, f.row)
}

// settle works out the state and saves the flow. One that has ended needs no
// tasks any more: a client that asks again must not start it anew.
func (f *flow) settle(c *conn, at time.Time) error {
	was := f.State.Final()
	store.Settle(&f.Flow, f.claim, at)
	if f.State.Final() && !was {
		if err := forgetTasks(c, f); err != nil {
			return err
		}
	}
	return f.save(c)
}

// begin notes that the client was heard of the flow.
func (f *flow) begin(at time.Time) {
	if f.State == goshawk.FlowScheduled {
		f.State, f.Started = goshawk.FlowRunning, at
	}
}

// blame notes an error if it is the first, and the flow has not ended.
func (f *flow) blame(err string) {
	if f.Error == "" && !f.State.Final() {
		f.Error = err
	}
}

// CreateFlow implements store.Flows.
func (s *Store) CreateFlow(ctx context.Context, f goshawk.Flow, t store.Task) error {
	err := s.writer.write(ctx, func(c *conn) error {
		client, err := findClient(c, f.Client)
		if err != nil {
			return err
		}
		exists, err := c.one("SELECT 1 FROM flows WHERE client = ? AND name = ?", func(*record) {}, client, string(f.ID))
		if err != nil {
			return err
		}
		if exists {
			return goshawk.ErrExists
		}
		row, err := c.insert("INSERT INTO flows (client, name, creator, artifacts, state, created) VALUES (?, ?, ?, ?, ?, ?)",
			client, string(f.ID), f.Creator, stringsOf(f.Artifacts), string(goshawk.FlowScheduled), micros(f.Created))
		if err != nil {
			return err
		}
		t.Start = true
		return queueTask(c, client, row, t, f.Created)
	})
	return wrap(flowName("create", f.Client, f.ID), err)
}

func flowName(what string, client goshawk.ClientID, id goshawk.FlowID) string {
	return fmt.Sprintf("%s flow %.80q of client %.80q", what, id, client)
}

// findClient returns the row of a client, or goshawk.ErrNotFound.
func findClient(c *conn, id goshawk.ClientID) (row int64, err error) {
	found, err := c.one("SELECT id FROM clients WHERE name = ?", func(r *record) { row = r.int() }, string(id))
	if err == nil && !found {
		err = goshawk.ErrNotFound
	}
	return row, err
}

// Flow implements store.Flows.
func (s *Store) Flow(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID) (f goshawk.Flow, err error) {
	err = s.withFlow(ctx, client, id, func(_ *conn, found *flow) error {
		f = found.Flow
		return nil
	})
	return f, err
}

// withFlow reads something of a flow.
func (s *Store) withFlow(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, f func(*conn, *flow) error) error {
	return wrap(flowName("read", client, id), s.pool.read(ctx, func(c *conn) error {
		found, err := findFlow(c, client, id)
		if err != nil {
			return err
		}
		return f(c, found)
	}))
}

// ListFlows implements store.Flows.
func (s *Store) ListFlows(ctx context.Context, client goshawk.ClientID, before goshawk.FlowID, limit int) (list []goshawk.Flow, err error) {
	if limit < 1 {
		return nil, errLimit(limit)
	}
	err = s.pool.read(ctx, func(c *conn) error {
		row, err := findClient(c, client)
		if err != nil {
			return err
		}
		created, id := endOfTime, endOfTime
		if before != "" {
			f, err := findFlow(c, client, before)
			if err != nil {
				return err
			}
			created, id = micros(f.Created), f.row
		}
		return c.each(flowColumns+"WHERE f.client = ? AND (f.created, f.id) < (?, ?) ORDER BY f.created DESC, f.id DESC LIMIT ?",
			func(r *record) bool {
				list = append(list, scanFlow(r).Flow)
				return true
			}, row, created, id, int64(limit))
	})
	return list, wrap(fmt.Sprintf("list flows of client %.80q", client), err)
}

// endOfTime comes after every time and row.
const endOfTime = int64(1<<63 - 1)

// CancelFlow implements store.Flows.
func (s *Store) CancelFlow(ctx context.Context, client goshawk.ClientID, id goshawk.FlowID, how store.Cancel) (after goshawk.Flow, err error) {
	err = s.writer.write(ctx, func(c *conn) error {
		f, err := findFlow(c, client, id)
		if err == nil && !f.State.Final() {
			err = f.cancel(c, how)
		}
		if err == nil {
			after = f.Flow
		}
		return err
	})
	if err != nil {
		return goshawk.Flow{}, wrap(flowName("cancel", client, id), err)
	}
	return after, nil
}

func (f *flow) cancel(c *conn, how store.Cancel) error {
	waits := false // the task that starts it
	if f.State == goshawk.FlowScheduled {
		var err error
		waits, err = c.one("SELECT 1 FROM tasks WHERE flow = ? AND start AND sent = 0", func(*record) {}, f.row)
		if err != nil {
			return err
		}
	}
	if !waits && !how.Now {
		client, err := findClient(c, f.Client)
		if err != nil {
			return err
		}
		how.Task.Start = false
		return queueTask(c, client, f.row, how.Task, how.At)
	}
	f.blame(how.Reason)
	f.State, f.Finished = goshawk.FlowCancelled, how.At
	if err := forgetTasks(c, f); err != nil {
		return err
	}
	return f.save(c)
}
