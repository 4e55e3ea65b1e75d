// Package blobtest is the suite that each implementation of blob.Store passes.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"goshawk"
	"goshawk/blob"
)

// Run tests an implementation. Each call of open gives an empty store, which
// the suite closes.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, blob.Store)
	}{
		{"a blob comes back as it was put", comesBack},
		{"the same bytes again are no error", sameAgain},
		{"a reader that fails keeps nothing", failingReader},
		{"a context that ended keeps nothing", endedContext},
		{"what is not there is ErrNotFound", notThere},
		{"an open blob can be read in any order", anyOrder},
		{"a deleted blob is gone and can be put again", deleted},
		{"a list has each blob once", listed},
		{"many put the same and other bytes at once", atOnce},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			c.test(t, s)
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

// Bytes returns n bytes that depend on seed.
func Bytes(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b) // never fails
	return b
}

// MustPut puts b and checks the answer.
func MustPut(t *testing.T, s blob.Store, b []byte) goshawk.Hash {
	t.Helper()
	h, size, err := s.Put(t.Context(), bytes.NewReader(b))
	if err != nil {
		t.Fatalf("Put of %d bytes: %v", len(b), err)
	}
	if want := goshawk.Hash(sha256.Sum256(b)); h != want || size != int64(len(b)) {
		t.Fatalf("Put: %s, %d bytes, want %s, %d", h, size, want, len(b))
	}
	return h
}

// Check reads a blob and says in what it differs from b.
func Check(ctx context.Context, s blob.Store, h goshawk.Hash, b []byte) error {
	f, err := s.Open(ctx, h)
	if err != nil {
		return err
	}
	got, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if !bytes.Equal(got, b) || f.Size() != int64(len(b)) {
		return fmt.Errorf("%d bytes differ from the %d put", len(got), len(b))
	}
	return nil
}

// List returns the hashes and sizes of all blobs.
func List(t *testing.T, s blob.Store) map[goshawk.Hash]int64 {
	t.Helper()
	m := map[goshawk.Hash]int64{}
	for info, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		if _, twice := m[info.Hash]; twice {
			t.Errorf("List has %s twice", info.Hash)
		}
		m[info.Hash] = info.Size
		if time.Since(info.Stored).Abs() > time.Hour {
			t.Errorf("%s was stored at %s, want about now", info.Hash, info.Stored)
		}
	}
	return m
}

func wantEmpty(t *testing.T, s blob.Store) {
	t.Helper()
	if m := List(t, s); len(m) > 0 {
		t.Errorf("%d blobs are kept, want none", len(m))
	}
}

func comesBack(t *testing.T, s blob.Store) {
	for _, n := range []int{0, 1, 4096, 256 << 10, 256<<10 + 1, 3 << 20} {
		b := Bytes(1, n)
		if err := Check(t.Context(), s, MustPut(t, s, b), b); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func sameAgain(t *testing.T, s blob.Store) {
	b := Bytes(2, 5000)
	h := MustPut(t, s, b)
	MustPut(t, s, b)
	if err := Check(t.Context(), s, h, b); err != nil {
		t.Error(err)
	}
	if m := List(t, s); len(m) != 1 {
		t.Errorf("%d blobs are kept, want 1", len(m))
	}
}

func failingReader(t *testing.T, s blob.Store) {
	broken := errors.New("cut off")
	r := io.MultiReader(bytes.NewReader(Bytes(3, 300<<10)), failing{broken})
	if h, _, err := s.Put(t.Context(), r); !errors.Is(err, broken) || !h.IsZero() {
		t.Errorf("Put: %s, %v, want the reader's error", h, err)
	}
	wantEmpty(t, s)
}

// failing is a reader that fails.
type failing struct{ err error }

func (r failing) Read([]byte) (int, error) { return 0, r.err }

func endedContext(t *testing.T, s blob.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Put(ctx, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v, want context.Canceled", err)
	}
	wantEmpty(t, s)
}

func notThere(t *testing.T, s blob.Store) {
	h := goshawk.Hash(sha256.Sum256([]byte("never put")))
	if _, err := s.Open(t.Context(), h); !errors.Is(err, goshawk.ErrNotFound) {
		t.Errorf("Open: %v, want ErrNotFound", err)
	}
	if err := s.Delete(t.Context(), h); err != nil {
		t.Errorf("Delete: %v", err)
	}
	wantEmpty(t, s)
}

func anyOrder(t *testing.T, s blob.Store) {
	b := Bytes(4, 100_000)
	f, err := s.Open(t.Context(), MustPut(t, s, b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, off := range []int64{99_990, 0, 50_000} {
		got := make([]byte, 10)
		if _, err := f.ReadAt(got, off); err != nil || !bytes.Equal(got, b[off:off+10]) {
			t.Errorf("ReadAt(%d): %x, %v, want %x", off, got, err, b[off:off+10])
		}
	}
	if _, err := f.Seek(-5, io.SeekEnd); err != nil {
		t.Errorf("Seek: %v", err)
	}
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, b[len(b)-5:]) {
		t.Errorf("after Seek to the last five bytes: %x, %v, want %x", got, err, b[len(b)-5:])
	}
}

func deleted(t *testing.T, s blob.Store) {
	b := Bytes(5, 1000)
	h := MustPut(t, s, b)
	for range 2 {
		if err := s.Delete(t.Context(), h); err != nil {
			t.Fatalf("Delete: %v", err)
		}
	}
	if _, err := s.Open(t.Context(), h); !errors.Is(err, goshawk.ErrNotFound) {
		t.Errorf("Open of a deleted blob: %v, want ErrNotFound", err)
	}
	wantEmpty(t, s)
	if err := Check(t.Context(), s, MustPut(t, s, b), b); err != nil {
		t.Errorf("put again: %v", err)
	}
}

func listed(t *testing.T, s blob.Store) {
	want := map[goshawk.Hash]int64{}
	for i := range 50 {
		want[MustPut(t, s, Bytes(byte(i), 100+i))] = int64(100 + i)
	}
	got := List(t, s)
	for h, size := range want {
		if got[h] != size {
			t.Errorf("List says %d bytes of %s, want %d", got[h], h, size)
		}
	}
	if len(got) != len(want) {
		t.Errorf("List has %d blobs, want %d", len(got), len(want))
	}
	for range s.List(t.Context()) {
		break // must not panic
	}
}

func atOnce(t *testing.T, s blob.Store) {
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 8 {
				b := Bytes(byte(i%2*j), 20_000) // half of all are the same
				h, _, err := s.Put(t.Context(), bytes.NewReader(b))
				if err == nil {
					err = Check(t.Context(), s, h, b)
				}
				if err != nil {
					t.Errorf("writer %d, blob %d: %v", i, j, err)
				}
			}
		})
	}
	wg.Wait()
	if m := List(t, s); len(m) != 8 {
		t.Errorf("%d blobs are kept, want 8", len(m))
	}
}
