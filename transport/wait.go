package transport

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// sleep waits, or returns ctx's error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// firstWait is how long a Goshawk agent waits after a first failure, at most.
const firstWait = 500 * time.Millisecond

// backoff is how long to wait after failures in a row. Between Goshawk peers
// the bound doubles and the wait is a random part of it; toward a stock server
// it is always the longest, and a random part more.
type backoff struct {
	max, std time.Duration
	bound    time.Duration
}

func (b *backoff) reset() { b.bound = 0 }

func (b *backoff) next(stock bool) time.Duration {
	if stock {
		return b.max + rand.N(b.std)
	}
	if b.bound *= 2; b.bound == 0 {
		b.bound = firstWait
	}
	b.bound = min(b.bound, b.max)
	return rand.N(b.bound) + time.Millisecond
}

// readerBurst is how many check-ins a stock server may be asked for in a row.
const readerBurst = 10

// bucket rations what may be done in a row and over time.
type bucket struct {
	every time.Duration
	size  int

	mu   *sync.Mutex // guards the fields below
	left int
	at   time.Time // when left was right
}

func newBucket(size int, every time.Duration) bucket {
	return bucket{every: every, size: size, left: size, mu: new(sync.Mutex)}
}

// take waits until it may go ahead.
func (b *bucket) take(ctx context.Context) error {
	for {
		wait := b.try(time.Now())
		if wait <= 0 {
			return nil
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (b *bucket) try(now time.Time) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at.IsZero() {
		b.at = now
	}
	if n := int(now.Sub(b.at) / b.every); n > 0 {
		b.left = min(b.size, b.left+n)
		b.at = b.at.Add(time.Duration(n) * b.every)
	}
	if b.left == 0 {
		return b.every - now.Sub(b.at)
	}
	b.left--
	return 0
}
