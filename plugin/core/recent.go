package core

import (
	"sync"
	"time"
)

// recent holds back messages that were said a short time ago.
type recent struct {
	mu sync.Mutex // guards at
	at said
}

// take says whether text may be said now, and notes that it was.
func (r *recent) take(text string, now time.Time, again time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, ok := r.at[text]; ok && now.Sub(last) < again {
		return false
	}
	if len(r.at) >= maxSaid {
		clear(r.at)
	}
	r.at[text] = now
	return true
}
