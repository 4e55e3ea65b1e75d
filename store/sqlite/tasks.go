package sqlite

import (
	"context"
	"fmt"
	"time"

	"goshawk"
	"goshawk/store"
)

// queueTask records a task for a client, as of at if it does not say when it
// was created.
func queueTask(c *conn, client, flow int64, t store.Task, at time.Time) error {
	if !t.Created.IsZero() {
		at = t.Created
	}
	_, err := c.insert("INSERT INTO tasks (client, flow, start, urgent, payload, created) VALUES (?, ?, ?, ?, ?, ?)",
		client, flow, t.Start, t.Urgent, t.Payload, micros(at))
	return err
}

// forgetTasks removes all tasks of a flow.
func forgetTasks(c *conn, f *flow) error {
	return c.exec("DELETE FROM tasks WHERE flow = ?", f.row)
}

// Waiting implements store.Tasks.
func (s *Store) Waiting(ctx context.Context, client goshawk.ClientID, unaccepted bool, limit int) (list []store.Task, err error) {
	if limit < 1 {
		return nil, errLimit(limit)
	}
	err = s.pool.read(ctx, func(c *conn) error {
		return c.each(`SELECT t.id, f.name, t.start, t.urgent, t.payload, t.created, t.sent
			FROM clients c JOIN tasks t ON t.client = c.id JOIN flows f ON f.id = t.flow
			WHERE c.name = ? AND (t.sent = 0 OR ?) ORDER BY t.urgent DESC, t.id LIMIT ?`,
			func(r *record) bool {
				list = append(list, store.Task{
					ID: r.int(), Client: client, Flow: goshawk.FlowID(r.text()), Start: r.bool(), Urgent: r.bool(),
					Payload: r.blob(), Created: r.time(), Sent: r.time(),
				})
				return true
			}, string(client), unaccepted, int64(limit))
	})
	return list, wrap(fmt.Sprintf("tasks of client %.80q", client), err)
}

// Sent implements store.Tasks.
func (s *Store) Sent(ctx context.Context, client goshawk.ClientID, ids []int64, at time.Time, keep bool) error {
	err := s.writer.write(ctx, func(c *conn) error {
		row, err := findClient(c, client)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := sent(c, row, id, at, keep); err != nil {
				return err
			}
		}
		return nil
	})
	return wrap(fmt.Sprintf("record tasks sent to client %.80q", client), err)
}

func sent(c *conn, client, id int64, at time.Time, keep bool) error {
	err := c.exec("UPDATE flows SET tasks = tasks + 1 WHERE id = (SELECT flow FROM tasks WHERE id = ? AND client = ? AND start)", id, client)
	if err != nil {
		return err
	}
	if keep {
		err = c.exec("UPDATE tasks SET sent = ? WHERE id = ? AND client = ?", max(1, micros(at)), id, client)
	} else {
		err = c.exec("DELETE FROM tasks WHERE id = ? AND client = ?", id, client)
	}
	return err
}
