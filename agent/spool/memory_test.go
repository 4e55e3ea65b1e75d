package spool

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"goshawk/wire"
)

func entry(session, data string) Entry { return Entry{Session: session, List: wire.Packed(data)} }

func leased(t *testing.T, m *Memory, max int) (lists []string, done, back func()) {
	t.Helper()
	l, err := m.Lease(t.Context(), false, max)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range l.Lists() {
		lists = append(lists, string(p))
	}
	return lists, l.Done, l.Back
}

func TestLeasesComeInOrderAndComeBack(t *testing.T) {
	m := NewMemory(100)
	if err := m.Add(t.Context(), entry("F.1", "aaaa"), entry("F.1", "bbbb"), entry("F.2", "cccc")); err != nil {
		t.Fatal(err)
	}
	got, _, back := leased(t, m, 8)
	if !slices.Equal(got, []string{"aaaa", "bbbb"}) {
		t.Errorf("first lease = %v", got)
	}
	back()
	got, done, _ := leased(t, m, 8)
	if !slices.Equal(got, []string{"aaaa", "bbbb"}) {
		t.Errorf("lease after one that came back = %v", got)
	}
	done()
	if m.Held() != 4 {
		t.Errorf("held %d bytes, want 4", m.Held())
	}
	got, done, _ = leased(t, m, 1) // one record at least, however large
	if !slices.Equal(got, []string{"cccc"}) {
		t.Errorf("last lease = %v", got)
	}
	done()
	if m.Held() != 0 {
		t.Errorf("held %d bytes, want none", m.Held())
	}
}

func TestDropSparesWhatIsLeasedAndKept(t *testing.T) {
	m := NewMemory(100)
	kept := entry("F.1", "kkkk")
	kept.Keep = true
	if err := m.Add(t.Context(), entry("F.1", "aaaa"), entry("F.1", "bbbb"), kept, entry("F.2", "cccc")); err != nil {
		t.Fatal(err)
	}
	_, done, _ := leased(t, m, 4)
	m.Drop("F.1")
	done()
	if got, _, _ := leased(t, m, 100); !slices.Equal(got, []string{"kkkk", "cccc"}) {
		t.Errorf("left after Drop: %v", got)
	}
	if m.Held() != 8 {
		t.Errorf("held %d bytes, want 8", m.Held())
	}
}

// TestFullSpoolMakesAddWait: who adds goes on when there is room, or when it is
// called off.
func TestFullSpoolMakesAddWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(8)
		if err := m.Add(t.Context(), entry("F.1", "aaaa"), entry("F.1", "bbbb")); err != nil {
			t.Fatal(err)
		}
		added := make(chan error, 1)
		go func() { added <- m.Add(t.Context(), entry("F.1", "cccc")) }()
		synctest.Wait()
		select {
		case <-added:
			t.Fatal("Add did not wait")
		default:
		}
		_, done, _ := leased(t, m, 4)
		done()
		if err := <-added; err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("called off")
		go func() { added <- m.Add(ctx, entry("F.1", "dddd")) }()
		synctest.Wait()
		cancel(why)
		if err := <-added; !errors.Is(err, why) {
			t.Errorf("Add that was called off: %v", err)
		}
	})
}

func TestLeaseWaitsForSomething(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(100)
		var wg sync.WaitGroup
		wg.Go(func() {
			l, err := m.Lease(t.Context(), true, 100)
			if err != nil || string(l.Lists()[0]) != "urgent" {
				t.Errorf("Lease = %v, %v", l, err)
			}
		})
		synctest.Wait()
		if err := m.Add(t.Context(), entry("F.1", "normal"), Entry{Urgent: true, List: wire.Packed("urgent")}); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
	})
}
