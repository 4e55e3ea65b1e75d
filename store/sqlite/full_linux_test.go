package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"goshawk"
	"goshawk/store"
)

// TestFullDisk fills a small disk, frees it, and fills it again: what is
// refused is refused with ErrFull, and the same store goes on.
func TestFullDisk(t *testing.T) {
	mount := t.TempDir()
	if err := unix.Mount("tmpfs", mount, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	defer func() {
		if err := unix.Unmount(mount, 0); err != nil {
			t.Error(err)
		}
	}()
	path, ballast := filepath.Join(mount, "org.db"), filepath.Join(mount, "ballast")
	s := open(t, path)
	c, f := fill(t, s, 0)
	acked := 0
	for range 10 {
		if err := os.WriteFile(ballast, make([]byte, 16<<20), 0o600); err != nil && !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
		full := false
		for !full {
			switch err := commitRows(t, s, c, f, acked); {
			case err == nil:
				acked++
			case errors.Is(err, goshawk.ErrFull):
				full = true
			default:
				t.Fatalf("Commit on a full disk: %v, want ErrFull", err)
			}
		}
		crowd(t, func() error { return commitRows(t, s, c, f, acked) })
		if got, err := s.Flow(t.Context(), c, f); err != nil || got.Rows != int64(10*acked) {
			t.Fatalf("Flow on a full disk: %d rows, %v, want %d", got.Rows, err, 10*acked)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		if err := commitRows(t, s, c, f, acked); err != nil {
			t.Fatalf("Commit when there is space again: %v", err)
		}
		acked++
	}
	t.Logf("%d batches were acknowledged", acked)
	closeStore(t, s)
	s = open(t, path)
	if n, err := drain(s.Rows(t.Context(), c, f, store.Source{Name: "S"}, 0)); n != acked || err != nil {
		t.Errorf("%d batches are stored, %v, want %d", n, err, acked)
	}
	closeStore(t, s)
	if n := number(t, path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"); n > 0 {
		t.Errorf("integrity_check finds %d faults", n)
	}
}

// crowd tries the same from many sides: all are refused.
func crowd(t *testing.T, commit func() error) {
	t.Helper()
	var wg sync.WaitGroup
	began := time.Now()
	for range 16 {
		wg.Go(func() {
			if err := commit(); !errors.Is(err, goshawk.ErrFull) {
				t.Errorf("Commit on a full disk: %v, want ErrFull", err)
			}
		})
	}
	wg.Wait()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the refusal took %s", took)
	}
}
