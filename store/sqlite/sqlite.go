// Package sqlite keeps an org in one SQLite database, the default store.
//
// One goroutine writes. It takes what queued while the previous transaction
// was committed, at most 256 submissions, and never waits for more; each
// submission has a savepoint of its own, so that one that fails does not harm
// the others. Reading goes through a pool of connections that cannot write.
// The database is in WAL mode with synchronous=FULL: what was committed
// survives a loss of power. Another process may open it at the same time.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"goshawk/store"
)

// Options say where the database is. Only Path is needed.
type Options struct {
	Path    string       // of the file; it is made (mode 0600) if it is missing
	Readers int          // connections that read, 8 if it is 0
	Log     *slog.Logger // told of crashes found and of work in the background
}

// Store is an org in a SQLite database.
type Store struct {
	writer     *writer
	background *checkpointer
	pool       *pool
	readers    int
	closing    sync.Once
	closed     error // of Close
}

var _ store.Store = (*Store)(nil)

// Open opens the database. It refuses, and changes nothing of, a file that is
// no Goshawk database or one of a newer version (goshawk.ErrInvalid) or that is
// damaged (goshawk.ErrCorrupt): after a crash the whole file is read through.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Readers == 0 {
		o.Readers = 8
	}
	path, err := filepath.Abs(o.Path)
	if err == nil {
		err = prepare(ctx, path, o.Log)
	}
	if err != nil {
		return nil, wrap("open database "+o.Path, err)
	}
	s, err := start(path, o)
	return s, wrap("open database "+o.Path, err)
}

// start opens the connections and begins to work.
func start(path string, o Options) (*Store, error) {
	w, err := connectShared(path, "cache_size = -32768", "journal_size_limit = 67108864",
		fmt.Sprintf("wal_autocheckpoint = %d", maxLogPages))
	if err != nil {
		return nil, err
	}
	k, err := connectShared(path)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	p, err := newPool(path, o.Readers)
	if err != nil {
		return nil, errors.Join(err, w.close(), k.close())
	}
	s := &Store{pool: p, readers: o.Readers}
	s.writer = &writer{c: w, log: o.Log, queue: make(chan *submission), committed: make(chan struct{}, 1),
		quit: make(chan struct{}), done: make(chan struct{})}
	s.background = &checkpointer{c: k, log: o.Log, wake: s.writer.committed,
		quit: make(chan struct{}), done: make(chan struct{})}
	go s.writer.loop()     // ended by Close
	go s.background.loop() // ended by Close
	return s, nil
}

// Close waits for what is under way and closes the database. What is submitted
// afterwards is goshawk.ErrUnavailable.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.writer.quit)
		<-s.writer.done
		close(s.background.quit)
		<-s.background.done
		s.closed = wrap("close database", errors.Join(
			s.pool.close(s.readers), s.background.c.close(), s.writer.c.close()))
	})
	return s.closed
}
