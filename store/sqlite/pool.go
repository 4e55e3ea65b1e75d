package sqlite

import (
	"context"
	"errors"
)

// pool is the connections that read.
type pool struct {
	free chan *conn
	quit chan struct{} // closed when no more are given out
}

func newPool(path string, size int) (*pool, error) {
	p := &pool{free: make(chan *conn, size), quit: make(chan struct{})}
	for range size {
		c, err := connectShared(path, "query_only = ON")
		if err != nil {
			return nil, errors.Join(err, p.close(len(p.free)))
		}
		p.free <- c
	}
	return p, nil
}

// read lends a connection to f.
func (p *pool) read(ctx context.Context, f func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c := <-p.free:
		defer func() { p.free <- c }()
		return f(c)
	case <-ctx.Done():
		return ctx.Err()
	case <-p.quit:
		return errClosed
	}
}

// close waits until the connections are back, and closes them.
func (p *pool) close(size int) error {
	close(p.quit)
	var errs []error
	for range size {
		errs = append(errs, (<-p.free).close())
	}
	return errors.Join(errs...)
}
