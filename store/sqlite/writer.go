package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

const (
	maxGroup    = 256         // submissions to a commit
	idleAfter   = time.Second // without a submission the writer is idle
	shrinkPause = 50 * time.Millisecond
	shrinkPages = 1000 // given back to the file system in one go
)

// writer is the one goroutine that changes the database. It puts what queued
// during a commit into the next one, and never waits for more.
type writer struct {
	c         *conn
	log       *slog.Logger
	queue     chan *submission // unbuffered: what was received is taken
	committed chan struct{}    // tells the checkpointer; holds one
	quit      chan struct{}    // closed to end the writer
	done      chan struct{}    // closed when it has ended
}

// submission is a change that shares a transaction with others.
type submission struct {
	run  func(*conn) error
	err  error
	done chan struct{} // closed when err is final
}

// write runs f in a transaction and returns when it is durable, or was undone.
// Until the writer takes it ctx can withdraw it; afterwards its outcome is
// awaited, so that nothing is reported as failed that became durable.
func (w *writer) write(ctx context.Context, f func(*conn) error) error {
	s := &submission{run: f, done: make(chan struct{})}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case w.queue <- s:
		<-s.done
		return s.err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return errClosed
	}
}

// loop ends when quit is closed.
func (w *writer) loop() {
	defer close(w.done)
	idle := time.NewTimer(idleAfter)
	defer idle.Stop()
	for {
		select {
		case s := <-w.queue:
			w.commit(w.gather(s))
			idle.Reset(idleAfter)
		case <-idle.C:
			if w.shrink() {
				idle.Reset(shrinkPause)
			}
		case <-w.quit:
			return
		}
	}
}

// gather adds to s what waits.
func (w *writer) gather(s *submission) []*submission {
	group := []*submission{s}
	for len(group) < maxGroup {
		select {
		case s := <-w.queue:
			group = append(group, s)
		default:
			return group
		}
	}
	return group
}

// commit settles each submission: with its own error if it has one, and all
// with the same if the transaction came to nothing.
func (w *writer) commit(group []*submission) {
	err := w.transact(group)
	for _, s := range group {
		if err != nil {
			s.err = err
		}
		close(s.done)
	}
	select {
	case w.committed <- struct{}{}:
	default:
	}
}

func (w *writer) transact(group []*submission) (err error) {
	defer func() {
		if err != nil {
			w.c.do("ROLLBACK") // fails if SQLite has rolled back already
		}
	}()
	if err := w.c.do("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, s := range group {
		if err := w.apply(s); err != nil {
			return err
		}
	}
	return w.c.do("COMMIT")
}

// apply runs one submission and, if it fails, undoes it alone. An error of
// apply itself ends the whole transaction.
func (w *writer) apply(s *submission) error {
	if err := w.c.do("SAVEPOINT one"); err != nil {
		return err
	}
	if s.err = s.run(w.c); s.err == nil {
		return w.c.do("RELEASE one")
	}
	if err := w.c.do("ROLLBACK TO one", "RELEASE one"); err != nil {
		return errors.Join(s.err, err) // such as a full disk, which undid everything
	}
	return nil
}

// shrink gives free pages back to the file system and says whether there may
// be more.
func (w *writer) shrink() bool {
	var free int64
	_, err := w.c.one("PRAGMA freelist_count", func(r *record) { free = r.int() })
	if err == nil && free <= shrinkPages {
		return false
	}
	if err == nil {
		err = w.c.do("PRAGMA incremental_vacuum(1000)")
	}
	if err != nil {
		w.log.Warn("cannot shrink the database", "error", err)
	}
	return err == nil
}
