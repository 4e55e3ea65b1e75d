package sqlite

import "log/slog"

const (
	// checkpointPages is how many pages of the log of changes wait before they
	// are moved to the database file in the background.
	checkpointPages = 1000
	// maxLogPages is when the writer does it itself, after which the log starts
	// anew: 16 MiB. Beside a writer that never pauses the background alone
	// would never get to its end.
	maxLogPages = 4096
)

// checkpointer moves changes from the log to the database file while the
// writer goes on: half of the work of a commit, on another core.
type checkpointer struct {
	c    *conn
	log  *slog.Logger
	wake <-chan struct{}
	quit chan struct{} // closed to end it
	done chan struct{} // closed when it has ended
}

// loop ends when quit is closed.
func (k *checkpointer) loop() {
	defer close(k.done)
	for {
		select {
		case <-k.wake:
			if err := k.step(); err != nil {
				k.log.Warn("cannot move changes to the database file", "error", err)
			}
		case <-k.quit:
			return
		}
	}
}

func (k *checkpointer) step() error {
	var pages, moved int64
	_, err := k.c.one("PRAGMA wal_checkpoint(NOOP)", func(r *record) { _, pages, moved = r.int(), r.int(), r.int() })
	if err != nil || pages-moved < checkpointPages || pages >= maxLogPages {
		return err
	}
	return k.c.do("PRAGMA wal_checkpoint(PASSIVE)")
}
