package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"goshawk/internal/disk"
)

const create = os.O_RDWR | os.O_CREATE

// each runs a test on the real disk and on the simulated one.
func each(t *testing.T, test func(t *testing.T, d disk.FS)) {
	t.Run("OS", func(t *testing.T) {
		d, err := disk.Open(filepath.Join(t.TempDir(), "a", "b"))
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		test(t, d)
	})
	t.Run("Memory", func(t *testing.T) { test(t, disk.NewMemory()) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// put writes a file; with sync set it and its name are durable.
func put(t *testing.T, d disk.FS, name, text string, sync bool) disk.File {
	t.Helper()
	f, err := d.OpenFile(name, create, 0o600)
	must(t, err)
	_, err = f.WriteAt([]byte(text), 0)
	must(t, err)
	if sync {
		must(t, f.Sync())
		must(t, d.SyncDir("."))
	}
	return f
}

func read(t *testing.T, d disk.FS, name string) string {
	t.Helper()
	f, err := d.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return "error: " + fmt.Sprint(errors.Unwrap(err))
	}
	defer f.Close()
	n, err := f.Size()
	must(t, err)
	b := make([]byte, n)
	if n, err := f.ReadAt(b, 0); n < len(b) {
		t.Fatalf("read %s: %d bytes of %d: %v", name, n, len(b), err)
	}
	return string(b)
}

func TestFiles(t *testing.T) {
	each(t, func(t *testing.T, d disk.FS) {
		must(t, d.MkdirAll("x/y", 0o700))
		f := put(t, d, "x/y/f", "hello world", false)
		if f.Name() != "x/y/f" {
			t.Errorf("Name is %q, want x/y/f", f.Name())
		}
		must(t, f.Truncate(5))
		_, err := f.WriteAt([]byte("!"), 7)
		must(t, err)
		must(t, f.Close())
		if got := read(t, d, "x/y/f"); got != "hello\x00\x00!" {
			t.Errorf("content is %q after Truncate and WriteAt", got)
		}
		must(t, d.Rename("x/y/f", "x/g"))
		if _, err := d.Stat("x/y/f"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Stat of the old name: %v, want ErrNotExist", err)
		}
		must(t, put(t, d, "x/a", "1", false).Close())
		es, err := d.ReadDir("x")
		must(t, err)
		var names string
		for _, e := range es {
			names += fmt.Sprint(e.Name(), e.IsDir(), " ")
		}
		if want := "afalse gfalse ytrue "; names != want {
			t.Errorf("ReadDir gives %s, want %s", names, want)
		}
		if err := d.Remove("x"); err == nil {
			t.Error("Remove of a folder that is not empty succeeded")
		}
		must(t, d.Remove("x/a"))
		if err := d.Remove("x/a"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("second Remove: %v, want ErrNotExist", err)
		}
		if _, err := d.OpenFile("x/g", create|os.O_EXCL, 0o600); !errors.Is(err, fs.ErrExist) {
			t.Errorf("O_EXCL on a file that is there: %v, want ErrExist", err)
		}
		if _, err := d.OpenFile("x/n", os.O_RDWR, 0o600); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open of a missing file: %v, want ErrNotExist", err)
		}
	})
}

func TestNamesCannotEscape(t *testing.T) {
	each(t, func(t *testing.T, d disk.FS) {
		for _, name := range []string{"../x", "a/../../x", "/etc/passwd", ""} {
			if f, err := d.OpenFile(name, create, 0o600); err == nil {
				t.Errorf("OpenFile(%q) opened %s", name, f.Name())
			}
			if err := d.MkdirAll(name, 0o700); err == nil && name != "" {
				t.Errorf("MkdirAll(%q) succeeded", name)
			}
		}
	})
}

func TestCreateTemp(t *testing.T) {
	each(t, func(t *testing.T, d disk.FS) {
		a, err := disk.CreateTemp(d, ".", "t-")
		must(t, err)
		b, err := disk.CreateTemp(d, ".", "t-")
		must(t, err)
		if a.Name() == b.Name() || len(a.Name()) < 10 {
			t.Errorf("names %q and %q", a.Name(), b.Name())
		}
		must(t, a.Close())
		must(t, b.Close())
		if _, err := disk.CreateTemp(d, "nowhere", "t-"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("CreateTemp in a missing folder: %v, want ErrNotExist", err)
		}
	})
}

func TestCrashDropsWhatWasNotSynced(t *testing.T) {
	m := disk.NewMemory()
	f := put(t, m, "f", "durable", true)
	put(t, m, "new", "never", false)
	_, err := f.WriteAt([]byte("DUR and more"), 0)
	must(t, err)
	must(t, m.Rename("f", "g"))
	m.Crash()
	if got := read(t, m, "f"); got != "durable" {
		t.Errorf("f is %q after the crash, want %q", got, "durable")
	}
	for _, name := range []string{"g", "new"} {
		if _, err := m.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Stat(%s) after the crash: %v, want ErrNotExist", name, err)
		}
	}
	if _, err := f.WriteAt([]byte("x"), 0); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("write to a file opened before the crash: %v, want ErrClosed", err)
	}
}

func TestNameIsDurableWithAllAbove(t *testing.T) {
	m := disk.NewMemory()
	must(t, m.MkdirAll("a/b", 0o700))
	must(t, put(t, m, "a/b/f", "x", false).Sync())
	must(t, m.SyncDir("a/b"))
	must(t, m.SyncDir("."))
	m.Crash() // a is durable, b in it is not
	if got := read(t, m, "a/b/f"); got != "error: file does not exist" {
		t.Errorf("a/b/f is %q, want it gone with its folder", got)
	}
	if _, err := m.Stat("a"); err != nil {
		t.Errorf("Stat(a): %v", err)
	}
}

func TestFailedSyncLosesForGood(t *testing.T) {
	m := disk.NewMemory()
	f := put(t, m, "f", "old", true)
	_, err := f.WriteAt([]byte("new"), 0)
	must(t, err)
	m.Fail(1, syscall.EIO)
	if err := f.Sync(); !errors.Is(err, syscall.EIO) || !m.Fired() {
		t.Fatalf("Sync: %v (fired: %t), want EIO", err, m.Fired())
	}
	must(t, f.Sync()) // says yes, as real systems do
	m.Crash()
	if got := read(t, m, "f"); got != "old" {
		t.Errorf("f is %q, want %q: the failed Sync's bytes must not come back", got, "old")
	}
}

func TestFailedWriteIsShort(t *testing.T) {
	m := disk.NewMemory()
	f := put(t, m, "f", "", false)
	m.Fail(1, syscall.ENOSPC)
	if n, err := f.WriteAt([]byte("1234"), 0); n != 2 || !disk.IsFull(err) {
		t.Errorf("WriteAt: %d, %v, want 2 and no space", n, err)
	}
	if n, err := f.WriteAt([]byte("34"), 2); n != 2 || err != nil {
		t.Errorf("WriteAt after the fault: %d, %v", n, err)
	}
	if got := read(t, m, "f"); got != "1234" {
		t.Errorf("f is %q, want 1234", got)
	}
}

func TestCrashKeepingIsSomewhereBetween(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	old, fresh := bytes.Repeat([]byte("o"), 4096), bytes.Repeat([]byte("n"), 4096)
	torn, renamed := 0, 0
	for range 100 {
		m := disk.NewMemory()
		f := put(t, m, "f", string(old), true)
		_, err := f.WriteAt(fresh, 0)
		must(t, err)
		must(t, m.Rename("f", "g"))
		m.CrashKeeping(r)
		got := read(t, m, "g")
		if _, err := m.Stat("g"); err == nil {
			renamed++
		} else {
			got = read(t, m, "f")
		}
		if n := bytes.Count([]byte(got), []byte("n")); n%512 != 0 {
			t.Fatalf("%d bytes are new, want whole sectors", n)
		} else if n > 0 && n < 4096 {
			torn++
		}
	}
	if torn == 0 || renamed == 0 || renamed == 100 {
		t.Errorf("of 100 crashes %d tore the write and %d kept the new name, want some of each", torn, renamed)
	}
}
