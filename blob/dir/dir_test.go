package dir_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"goshawk"
	"goshawk/blob"
	"goshawk/blob/blobtest"
	"goshawk/blob/dir"
	"goshawk/internal/disk"
)

func open(t *testing.T, o dir.Options) *dir.Store {
	t.Helper()
	s, err := dir.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSuite(t *testing.T) {
	t.Run("OS", func(t *testing.T) {
		blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, dir.Options{Path: t.TempDir()}) })
	})
	t.Run("Memory", func(t *testing.T) {
		blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, dir.Options{FS: disk.NewMemory()}) })
	})
}

func TestModesAreForTheOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	root := filepath.Join(t.TempDir(), "blobs")
	s := open(t, dir.Options{Path: root})
	blobtest.MustPut(t, s, []byte("x"))
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := e.Info()
		if err == nil && st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, want none for group and others", path, st.Mode())
		}
		return err
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Error(err)
	}
}

func TestOpenRemovesLeftovers(t *testing.T) {
	root := t.TempDir()
	left := filepath.Join(root, "tmp", "LEFTOVER")
	if err := os.Mkdir(filepath.Dir(left), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir.Options{Path: root})
	defer s.Close()
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat of a temporary file after Open: %v, want ErrNotExist", err)
	}
}

func TestDamageIsSeenAndHealed(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"a flipped bit": func(path string) error {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b[len(b)/2] ^= 1
			return os.WriteFile(path, b, 0o600)
		},
		"a cut end": func(path string) error { return os.Truncate(path, 100) },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			s := open(t, dir.Options{Path: root})
			defer s.Close()
			b := blobtest.Bytes(9, 10_000)
			h := blobtest.MustPut(t, s, b)
			hex := h.String()
			if err := damage(filepath.Join(root, hex[:2], hex[2:4], hex)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Open(t.Context(), h); !errors.Is(err, goshawk.ErrCorrupt) {
				t.Errorf("Open: %v, want ErrCorrupt", err)
			}
			blobtest.MustPut(t, s, b)
			if err := blobtest.Check(t.Context(), s, h, b); err != nil {
				t.Errorf("after it was put again: %v", err)
			}
		})
	}
}

func TestStrangeFilesAreLeftOut(t *testing.T) {
	root := t.TempDir()
	hex := goshawk.Hash(sha256.Sum256(nil)).String()
	for _, name := range []string{"README", "ab/note", "ab/cd/note", "ab/cd/" + hex} { // hex is in the wrong folder
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir.Options{Path: root})
	defer s.Close()
	if m := blobtest.List(t, s); len(m) > 0 {
		t.Errorf("List has %v, want nothing", m)
	}
}

func TestFullDiskKeepsNothing(t *testing.T) {
	for k := 1; ; k++ {
		m := disk.NewMemory()
		s := open(t, dir.Options{FS: m})
		m.Fail(k, syscall.ENOSPC)
		h, _, err := s.Put(t.Context(), bytes.NewReader(blobtest.Bytes(1, 1000)))
		if !m.Fired() {
			break
		}
		if err != nil && (!errors.Is(err, goshawk.ErrFull) || !h.IsZero()) {
			t.Errorf("call %d: Put: %s, %v, want ErrFull", k, h, err)
		}
		left, e := m.ReadDir("tmp")
		if e != nil || err != nil && len(left) > 0 {
			t.Errorf("call %d: %d temporary files are left (%v)", k, len(left), e)
		}
		blobtest.MustPut(t, s, blobtest.Bytes(1, 1000)) // there is space again
	}
}

// TestFaultSweep fails each call that the workload makes of the disk, cuts the
// power, and looks whether all that was acknowledged is there, whole.
func TestFaultSweep(t *testing.T) {
	for _, fault := range []error{syscall.EIO, syscall.ENOSPC} {
		for k := 1; ; k++ {
			seed := rand.Uint64()
			m := disk.NewMemory()
			m.Fail(k, fault)
			acked, gone := workload(t, m)
			if !m.Fired() {
				t.Logf("%v: %d calls were failed one by one", fault, k-1)
				break
			}
			m.CrashKeeping(rand.New(rand.NewPCG(seed, 1)))
			if err := survived(t, m, acked, gone); err != nil {
				t.Errorf("call %d, %v, seed %d: %v", k, fault, seed, err)
			}
		}
	}
}

// workload returns the blobs whose Put, and whose Delete, was acknowledged.
func workload(t *testing.T, m *disk.Memory) (acked map[goshawk.Hash][]byte, gone []goshawk.Hash) {
	acked = map[goshawk.Hash][]byte{}
	s, err := dir.Open(dir.Options{FS: m})
	if err != nil {
		return acked, nil
	}
	put := func(b []byte) goshawk.Hash {
		h, _, err := s.Put(t.Context(), bytes.NewReader(b))
		if err == nil {
			acked[h] = b
		}
		return h
	}
	a, b := blobtest.Bytes(1, 3000), blobtest.Bytes(2, 600<<10)
	put(a)
	h := put(b)
	put(a)
	if blobtest.Check(t.Context(), s, h, b) == nil && s.Delete(t.Context(), h) == nil {
		delete(acked, h)
		gone = append(gone, h)
	} else {
		delete(acked, h) // deleted or not
	}
	put(nil)
	return acked, gone
}

func survived(t *testing.T, m *disk.Memory, acked map[goshawk.Hash][]byte, gone []goshawk.Hash) error {
	s, err := dir.Open(dir.Options{FS: m})
	if err != nil {
		return err
	}
	for h, b := range acked {
		if err := blobtest.Check(t.Context(), s, h, b); err != nil {
			return fmt.Errorf("an acknowledged blob: %w", err)
		}
	}
	for _, h := range gone {
		if _, err := s.Open(t.Context(), h); !errors.Is(err, goshawk.ErrNotFound) {
			return fmt.Errorf("a deleted blob: %w, want ErrNotFound", err)
		}
	}
	for h := range blobtest.List(t, s) { // none that stands under a hash is torn
		f, err := s.Open(t.Context(), h)
		if err != nil {
			return err
		}
		f.Close()
	}
	left, err := m.ReadDir("tmp")
	if len(left) > 0 {
		return fmt.Errorf("%d temporary files are left", len(left))
	}
	return errors.Join(err, s.Close())
}

func BenchmarkPut(b *testing.B) {
	s, err := dir.Open(dir.Options{Path: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	data := blobtest.Bytes(1, 1<<20)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for n := uint32(0); b.Loop(); n++ {
		data[0], data[1], data[2] = byte(n), byte(n>>8), byte(n>>16)
		if _, _, err := s.Put(b.Context(), bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}
