package sqlite

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"goshawk"
	"goshawk/store"
)

func openStore(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "org.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func user(c *conn, name string) error {
	return c.exec("INSERT INTO users (name, role, created) VALUES (?, '', 0)", name)
}

// occupy keeps the writer busy until the returned function is called.
func occupy(t *testing.T, s *Store) (release func()) {
	t.Helper()
	taken, hold, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() { // ends when it is released
		done <- s.writer.write(t.Context(), func(*conn) error {
			close(taken)
			<-hold
			return nil
		})
	}()
	<-taken
	return func() {
		t.Helper()
		close(hold)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestContextWithdrawsOnlyWhatWaits(t *testing.T) {
	s := openStore(t)
	release := occupy(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan error)
	go func() { waits <- s.writer.write(ctx, func(c *conn) error { return user(c, "withdrawn") }) }() // ends with ctx
	cancel()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Errorf("a submission that waited: %v, want context.Canceled", err)
	}
	release()

	ctx, cancel = context.WithCancel(t.Context())
	err := s.writer.write(ctx, func(c *conn) error {
		cancel() // too late: it was taken
		return user(c, "late")
	})
	if err != nil {
		t.Errorf("a submission that was taken: %v, want nil", err)
	}
	users, err := s.ListUsers(t.Context())
	if err != nil || len(users) != 1 || users[0].Name != "late" {
		t.Errorf("users are %v, %v, want only the one that was taken", users, err)
	}
}

// group submits changes such that they share a transaction.
func group(t *testing.T, s *Store, runs ...func(*conn) error) []error {
	t.Helper()
	subs := make([]*submission, len(runs))
	for i, run := range runs {
		subs[i] = &submission{run: run, done: make(chan struct{})}
	}
	release := occupy(t, s)
	go func() { // ends when all are taken
		for _, sub := range subs {
			s.writer.queue <- sub
		}
	}()
	release()
	errs := make([]error, len(runs))
	for i, sub := range subs {
		<-sub.done
		errs[i] = sub.err
	}
	return errs
}

func TestOneFailsAlone(t *testing.T) {
	s := openStore(t)
	own := errors.New("own")
	errs := group(t, s,
		func(c *conn) error { return user(c, "a") },
		func(c *conn) error { return errors.Join(user(c, "undone"), own) },
		func(c *conn) error { return user(c, "a") },              // is there
		func(c *conn) error { return c.exec("SELEKT nonsense") }, // is no SQL
		func(c *conn) error { return user(c, "b") })
	for i, bad := range []bool{false, true, true, true, false} {
		if (errs[i] != nil) != bad {
			t.Errorf("submission %d: %v, want an error: %t", i, errs[i], bad)
		}
	}
	if !errors.Is(errs[1], own) {
		t.Errorf("submission 1: %v, want its own error", errs[1])
	}
	users, err := s.ListUsers(t.Context())
	if err != nil || len(users) != 2 || users[0].Name != "a" || users[1].Name != "b" {
		t.Errorf("users are %v, %v, want a and b", users, err)
	}
}

func TestAllFailWithTheCommit(t *testing.T) {
	s := openStore(t)
	// A transaction that one of its submissions ends cannot be committed.
	errs := group(t, s,
		func(c *conn) error { return user(c, "a") },
		func(c *conn) error { return c.do("ROLLBACK") })
	failed := 0
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	users, err := s.ListUsers(t.Context())
	if err != nil || failed == 0 || len(users)+failed > 2 {
		t.Errorf("errors are %v, users %v (%v), want nobody who was told nil to be missing", errs, users, err)
	}
	for i := range 3 { // and the writer goes on
		if err := s.PutUser(t.Context(), goshawk.User{Name: string(rune('x' + i))}); err != nil {
			t.Errorf("PutUser afterwards: %v", err)
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	s := openStore(t)
	err := s.pool.read(t.Context(), func(c *conn) error { return user(c, "x") })
	if err == nil {
		t.Error("a reading connection wrote")
	}
}

func TestKinds(t *testing.T) {
	for code, want := range map[int]error{
		13: goshawk.ErrFull, 5: goshawk.ErrUnavailable, 5 | 2<<8: goshawk.ErrUnavailable, 11: goshawk.ErrCorrupt, 11 | 1<<8: goshawk.ErrCorrupt,
		26: goshawk.ErrCorrupt, 10 | 4<<8: goshawk.ErrUnavailable, 14: goshawk.ErrUnavailable, 8: goshawk.ErrUnavailable, 18: goshawk.ErrInvalid,
	} {
		if err := wrap("x", &failure{code: code}); !errors.Is(err, want) {
			t.Errorf("code %d is %v, want %v", code, err, want)
		}
	}
	if err := wrap("x", &failure{code: 19}); errors.Is(err, goshawk.ErrUnavailable) || err == nil {
		t.Errorf("a constraint that fails is %v, want no kind", err)
	}
}

func FuzzDecodeStrings(f *testing.F) {
	f.Add([]byte{})
	f.Add(stringsOf([]string{"a", "", "\x00", strings.Repeat("x", 300)}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := decodeStrings(b)
		if err != nil {
			return
		}
		again, err := decodeStrings(stringsOf(list))
		if err != nil || !reflect.DeepEqual(again, list) {
			t.Errorf("%q encodes and decodes to %q, %v", list, again, err)
		}
	})
}

func FuzzDecodeRanges(f *testing.F) {
	f.Add(rangesOf([]goshawk.Range{{Offset: 1, Length: -1, StoredOffset: 1 << 62, Stored: 0}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := decodeRanges(b)
		if err != nil {
			return
		}
		again, err := decodeRanges(rangesOf(list))
		if err != nil || !reflect.DeepEqual(again, list) {
			t.Errorf("%v encodes and decodes to %v, %v", list, again, err)
		}
	})
}

func FuzzDecodeKept(f *testing.F) {
	f.Add(kept(nil).with([]store.List{{Key: [32]byte{1}}, {}}), []byte{1})
	f.Fuzz(func(t *testing.T, b, key []byte) {
		k, err := decodeKept(b)
		if err != nil {
			return
		}
		var l store.List
		copy(l.Key[:], key)
		after, err := decodeKept(k.with([]store.List{l}))
		if err != nil || !after.has(l.Key) || len(after) > store.KeptPackets {
			t.Errorf("%d packets with one more are %d, %v; the new one is known: %t", len(k), len(after), err, after.has(l.Key))
		}
	})
}

// TestConnCarriesAnything puts values of all kinds and sizes through SQLite.
func TestConnCarriesAnything(t *testing.T) {
	s := openStore(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	err := s.pool.read(t.Context(), func(c *conn) error {
		for i := range 500 {
			b := make([]byte, r.IntN(1<<r.IntN(21)))
			for j := range b {
				b[j] = byte(r.Uint32())
			}
			text, n := string(b[:r.IntN(len(b)+1)]), int64(r.Uint64())
			var same bool
			_, err := c.one("SELECT ?, ?, ?, ?", func(r *record) {
				same = bytes.Equal(r.blob(), b) && r.text() == text && r.int() == n && r.bool() == (n%2 == 0)
			}, b, text, n, n%2 == 0)
			if err != nil || !same {
				t.Errorf("value %d of %d bytes: %v", i, len(b), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
