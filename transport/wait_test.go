package transport

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestBackoff(t *testing.T) {
	b := backoff{max: time.Minute, std: 30 * time.Second}
	bound := firstWait
	for i := range 12 {
		if got := b.next(false); got <= 0 || got > bound+time.Millisecond {
			t.Errorf("wait %d between Goshawk peers = %v, want at most %v", i, got, bound)
		}
		bound = min(2*bound, time.Minute)
	}
	b.reset()
	if got := b.next(false); got > firstWait+time.Millisecond {
		t.Errorf("wait after a success = %v, want at most %v", got, firstWait)
	}
	for range 100 {
		if got := b.next(true); got < time.Minute || got >= 90*time.Second {
			t.Errorf("wait at a stock server = %v, want 60 to 90 s", got)
		}
	}
}

func TestBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(10, 30*time.Second)
		began := time.Now()
		for i := range 12 {
			if err := b.take(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := time.Duration(max(0, i-9)) * 30 * time.Second
			if got := time.Since(began); got != want {
				t.Errorf("check-in %d after %v, want %v", i+1, got, want)
			}
		}
	})
}
