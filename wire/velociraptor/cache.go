package velociraptor

import (
	"container/list"
	"sync"
	"time"

	"goshawk/wire"
)

// inbox holds verified sessions, one to a peer: a new one replaces the old.
type inbox struct {
	mu        sync.Mutex // guards the fields below
	byPeer    *lru[wire.Peer, *inbound]
	byCipher  map[string]*inbound
	verifying map[*inbound]bool // false: the peer was forgotten meanwhile
}

func newInbox(size int) inbox {
	return inbox{
		byPeer:    newLRU[wire.Peer, *inbound](size),
		byCipher:  map[string]*inbound{},
		verifying: map[*inbound]bool{},
	}
}

// find returns the session with exactly this encrypted key, or nil.
func (b *inbox) find(cipher []byte) *inbound {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.byCipher[string(cipher)]
	if s != nil {
		b.byPeer.get(s.peer) // was used
	}
	return s
}

// begin goes before the verification of a session, end after it. A peer that is
// forgotten between the two may have been verified by an old key.
func (b *inbox) begin(s *inbound) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.verifying[s] = true
}

// end keeps the session if it is verified.
func (b *inbox) end(s *inbound, verified bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if verified && b.verifying[s] {
		b.unlink(b.byPeer.put(s.peer, s))
		b.byCipher[s.cipher] = s
	}
	delete(b.verifying, s)
}

func (b *inbox) forget(peer wire.Peer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.verifying {
		if s.peer == peer {
			b.verifying[s] = false
		}
	}
	b.unlink(b.byPeer.remove(peer))
}

// unlink follows a session that left byPeer, if one did.
func (b *inbox) unlink(s *inbound, left bool) {
	if left && b.byCipher[s.cipher] == s {
		delete(b.byCipher, s.cipher)
	}
}

// outbox holds the sessions to send by.
type outbox struct {
	mu     sync.Mutex // guards the field below
	byPeer *lru[wire.Peer, *outbound]
}

// session returns the session with the peer, a fresh one if there is none that
// began within life (0: ever).
func (b *outbox) session(peer wire.Peer, now time.Time, life time.Duration) *outbound {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, ok := b.byPeer.get(peer)
	if !ok || life > 0 && now.Sub(s.began) >= life {
		s = &outbound{began: now}
		b.byPeer.put(peer, s)
	}
	return s
}

// drop forgets a session unless there is a newer one.
func (b *outbox) drop(peer wire.Peer, s *outbound) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if kept, ok := b.byPeer.get(peer); ok && kept == s {
		b.byPeer.remove(peer)
	}
}

func (b *outbox) forget(peer wire.Peer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.byPeer.remove(peer)
}

// lru is a map that keeps the entries used last.
type lru[K comparable, V any] struct {
	size  int
	order list.List // of lruEntry, used last in front
	byKey map[K]*list.Element
}

type lruEntry[K comparable, V any] struct {
	key   K
	value V
}

func newLRU[K comparable, V any](size int) *lru[K, V] {
	return &lru[K, V]{size: size, byKey: map[K]*list.Element{}}
}

func (l *lru[K, V]) get(key K) (value V, ok bool) {
	e, ok := l.byKey[key]
	if !ok {
		return value, false
	}
	l.order.MoveToFront(e)
	return e.Value.(lruEntry[K, V]).value, true
}

// put sets the value of key, and returns the value that had to leave for it:
// the former one of key, or the one used least recently.
func (l *lru[K, V]) put(key K, value V) (old V, left bool) {
	old, left = l.remove(key)
	if !left && len(l.byKey) == l.size {
		old, left = l.remove(l.order.Back().Value.(lruEntry[K, V]).key)
	}
	l.byKey[key] = l.order.PushFront(lruEntry[K, V]{key, value})
	return old, left
}

func (l *lru[K, V]) remove(key K) (old V, found bool) {
	e, found := l.byKey[key]
	if !found {
		return old, false
	}
	delete(l.byKey, key)
	return l.order.Remove(e).(lruEntry[K, V]).value, true
}
