package file

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"goshawk/accessor"
	"goshawk/row"
)

func TestOpenRefusesWhatMayBlock(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	check(t, syscall.Mkfifo(fifo, 0o600))
	check(t, os.Symlink(fifo, dir+"/link"))
	for _, name := range []string{fifo, dir + "/link", "/dev/null", "/dev/zero", "/dev/tty"} {
		p, _ := accessor.Linux.Parse(name)
		done := make(chan error, 1)
		go func() {
			_, err := New(Options{}).Open(t.Context(), p)
			done <- err
		}()
		select {
		case err := <-done:
			if !errors.Is(err, accessor.ErrNotRegular) && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("Open(%s) = %v, want ErrNotRegular", name, err)
			}
		case <-time.After(10 * time.Second): // only if it hangs
			t.Fatalf("Open(%s) hangs", name)
		}
	}
}

// A name that becomes that of a pipe between the look and the opening must not block.
func TestOpenFileDoesNotWait(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	check(t, syscall.Mkfifo(fifo, 0o600))
	f, err := openFile(fifo)
	check(t, err)
	f.Close()
}

func TestNamesAreBytes(t *testing.T) {
	dir := t.TempDir()
	names := []string{"new\nline", "\xff\xfe", "a\\b", `"q"`, "right\u202eleft", " ", "\x01", "*", "{x}", strings.Repeat("n", 255)}
	for _, n := range names {
		check(t, os.WriteFile(dir+"/"+n, []byte(n), 0o600))
	}
	root, _ := accessor.Linux.Parse(dir)
	seen := 0
	check(t, New(Options{}).ReadDir(t.Context(), root, func(e accessor.Entry) error {
		seen++
		i, err := e.Info()
		check(t, err)
		p, err := accessor.Linux.Parse(i.Path.String())
		check(t, err)
		f, err := New(Options{}).Open(t.Context(), p)
		check(t, err)
		defer f.Close()
		b := make([]byte, 300)
		n, _ := f.Read(b)
		if string(b[:n]) != e.Name() {
			t.Errorf("%q holds %q", e.Name(), b[:n])
		}
		return nil
	}))
	if seen != len(names) {
		t.Errorf("%d names, want %d", seen, len(names))
	}
}

func TestZeroByteInAName(t *testing.T) {
	p := accessor.Linux.Path("etc", "passwd\x00.txt")
	if _, err := New(Options{}).Open(t.Context(), p); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("Open = %v, want EINVAL", err)
	}
}

func TestShortenedPathsLeaveNoDescriptors(t *testing.T) {
	before := descriptors(t)
	p := accessor.Linux.Path(strings.Split(strings.Repeat("nothing ", 1000), " ")...)
	for range 50 {
		if _, err := New(Options{}).Lstat(t.Context(), p); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("Lstat = %.200v, want ErrNotExist", err)
		}
	}
	if _, err := New(Options{}).Lstat(t.Context(), accessor.Linux.Path(strings.Repeat("x", 9000))); !errors.Is(err, syscall.ENAMETOOLONG) {
		t.Errorf("Lstat of a long name = %.200v, want ENAMETOOLONG", err)
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	check(t, err)
	return len(names)
}

func TestNoTimeOfBirthIsTheEpoch(t *testing.T) {
	p, _ := accessor.Linux.Parse("/proc/version")
	i, err := New(Options{}).Lstat(t.Context(), p)
	check(t, err)
	if i.Btime.Unix() != 0 {
		t.Logf("this kernel knows when %s was born", p)
	}
	if fmt.Sprint(i.Btime.UTC().Year()) == "1" {
		t.Error("an unknown time of birth is the zero time, want 1970")
	}
}

func BenchmarkReadDirUsrBin(b *testing.B) {
	p, _ := accessor.Linux.Parse("/usr/bin")
	fsys := New(Options{})
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = 0
		err := fsys.ReadDir(b.Context(), p, func(e accessor.Entry) error {
			n++
			_, err := e.Info()
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n), "entries")
}

// On kernels without statx all but the time of birth is the same.
func TestOldKernels(t *testing.T) {
	for _, name := range []string{"/", "/etc/passwd", "/dev/null", "/proc/self", "/bin"} {
		c, err := newCString(name)
		check(t, err)
		var now, old unix.Statx_t
		check(t, statAt(unix.AT_FDCWD, c, unix.AT_SYMLINK_NOFOLLOW, &now))
		check(t, oldStatAt(unix.AT_FDCWD, name, unix.AT_SYMLINK_NOFOLLOW, &old))
		a, b := newInfo(accessor.Linux.Path(), &now), newInfo(accessor.Linux.Path(), &old)
		a.Btime, b.Btime = time.Time{}, time.Time{}
		if !row.Equal(a.Sys(), b.Sys()) || a.Mode != b.Mode || a.Dev != b.Dev || !a.Mtime.Equal(b.Mtime) || !row.Equal(a.Data(), b.Data()) {
			t.Errorf("%s: statx says %+v, fstatat %+v", name, *a, *b)
		}
	}
}

// Files of /proc and /sys that can be waited for read to their end like others.
func TestFilesThatCanBeWaitedFor(t *testing.T) {
	for _, name := range []string{"/proc/self/mounts", "/proc/self/mountinfo", "/sys/kernel/mm/transparent_hugepage/enabled", "/proc/kmsg"} {
		p, _ := accessor.Linux.Parse(name)
		f, err := New(Options{}).Open(t.Context(), p)
		if err != nil {
			t.Log(err)
			continue
		}
		if _, ok := f.(*stream); !ok {
			t.Logf("%s is like a file on disk", name)
		}
		done := make(chan error, 1)
		go func() { done <- readAll(f, name) }()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			f.Close()
		case <-time.After(10 * time.Second): // only if it hangs
			t.Fatalf("reading %s hangs", name)
		}
	}
}

// readAll reads a file to its end, where /proc/kmsg may forbid it.
func readAll(f accessor.File, name string) error {
	b, err := io.ReadAll(f)
	if err != nil || name == "/proc/kmsg" {
		return nil
	}
	want, err := os.ReadFile(name)
	if err == nil && string(b) != string(want) {
		err = fmt.Errorf("read %d bytes, want %d", len(b), len(want))
	}
	return err
}
