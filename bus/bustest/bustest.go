// Package bustest is the suite that each implementation of bus.Bus passes. It
// allows for announcements that are lost, as the contract does: what should
// arrive is published until it has.
package bustest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"goshawk/bus"
)

// patience is how long something that should happen may take.
const patience = 20 * time.Second

// Run tests an implementation. Each call of open gives a bus of its own.
func Run(t *testing.T, open func(t *testing.T) bus.Bus) {
	for _, c := range []struct {
		name string
		test func(*testing.T, bus.Bus)
	}{
		{"every subscriber of the topic hears, and no other", hears},
		{"any text and topic arrives as it is", anyText},
		{"nobody is waited for", neverWaits},
		{"one that was behind hears again", catchesUp},
		{"Close closes the channel, once or twice", closes},
		{"a context that ended is refused", endedContext},
		{"subscribers come and go while others publish", comeAndGo},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func subscribe(t *testing.T, b bus.Bus, topic string, buffer int) bus.Subscription {
	t.Helper()
	s, err := b.Subscribe(t.Context(), topic, buffer)
	if err != nil {
		t.Fatalf("Subscribe(%q): %v", topic, err)
	}
	t.Cleanup(s.Close)
	return s
}

func publish(t *testing.T, b bus.Bus, topic, text string) {
	t.Helper()
	if err := b.Publish(t.Context(), topic, text); err != nil {
		t.Fatalf("Publish(%q): %v", topic, err)
	}
}

// wantHeard publishes text until s hears it, passing over what else s hears.
func wantHeard(t *testing.T, b bus.Bus, s bus.Subscription, topic, text string) {
	t.Helper()
	again, deadline := time.NewTicker(10*time.Millisecond), time.After(patience)
	defer again.Stop()
	publish(t, b, topic, text)
	for {
		select {
		case got, open := <-s.C():
			if !open {
				t.Fatal("the channel was closed")
			}
			if got == text {
				return
			}
		case <-again.C:
			publish(t, b, topic, text)
		case <-deadline:
			t.Fatalf("%q on %q was not heard in %s", text, topic, patience)
		}
	}
}

func hears(t *testing.T, b bus.Bus) {
	s1, s2, other := subscribe(t, b, "a", 8), subscribe(t, b, "a", 8), subscribe(t, b, "b", 8)
	wantHeard(t, b, s1, "a", "for a")
	wantHeard(t, b, s2, "a", "for a")
	publish(t, b, "b", "for b")
	wantHeard(t, b, other, "b", "end")
	publish(t, b, "nobody", "x")
	other.Close()
	for text := range other.C() {
		if text != "for b" && text != "end" {
			t.Errorf("a subscriber of b heard %q", text)
		}
	}
}

func anyText(t *testing.T, b bus.Bus) {
	for _, text := range []string{"", "two\nlines", "\x00\xff", strings.Repeat("long ", 1000)} {
		s := subscribe(t, b, "C.0123456789abcdef", 1)
		wantHeard(t, b, s, "C.0123456789abcdef", text)
		s.Close()
	}
}

func neverWaits(t *testing.T, b bus.Bus) {
	s := subscribe(t, b, "t", 3)
	done := make(chan struct{})
	go func() { // ends when all is published
		defer close(done)
		for range 1000 {
			if err := b.Publish(t.Context(), "t", "x"); err != nil {
				t.Errorf("Publish: %v", err)
			}
		}
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("Publish waits for a subscriber that does not listen")
	}
	s.Close()
	n := 0
	for range s.C() {
		n++
	}
	if n > 3 {
		t.Errorf("%d announcements were kept, want at most the 3 that the buffer holds", n)
	}
}

func catchesUp(t *testing.T, b bus.Bus) {
	s := subscribe(t, b, "t", 1)
	for range 100 {
		publish(t, b, "t", "old")
	}
	wantHeard(t, b, s, "t", "new")
}

func closes(t *testing.T, b bus.Bus) {
	s := subscribe(t, b, "t", 1)
	s.Close()
	s.Close()
	select {
	case _, open := <-s.C():
		if open {
			t.Error("heard something after Close")
		}
	case <-time.After(patience):
		t.Error("Close left the channel open")
	}
	publish(t, b, "t", "x")
}

func endedContext(t *testing.T, b bus.Bus) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Publish(ctx, "t", "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Publish: %v, want context.Canceled", err)
	}
	if _, err := b.Subscribe(ctx, "t", 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Subscribe: %v, want context.Canceled", err)
	}
}

func comeAndGo(t *testing.T, b bus.Bus) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				if err := b.Publish(t.Context(), "t", "x"); err != nil {
					t.Errorf("Publish: %v", err)
				}
			}
		})
		wg.Go(func() {
			for range 100 {
				s, err := b.Subscribe(t.Context(), "t", 1)
				if err != nil {
					t.Errorf("Subscribe: %v", err)
					return
				}
				select {
				case <-s.C():
				default:
				}
				s.Close()
			}
		})
	}
	wg.Wait()
}
