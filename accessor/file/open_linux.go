package file

import (
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"goshawk/accessor"
)

// openFile opens without waiting for a writer, should the name have become that of a pipe.
func openFile(name string) (*os.File, error) {
	short, done, err := shorten(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer done()
	return os.OpenFile(short, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
}

// unblocked returns a file whose reads wait for nobody. A few files that pass
// for regular ones, such as /proc/kmsg, have their readers wait for more to
// come: package os tells them by the deadlines that they accept.
func unblocked(f *os.File) accessor.File {
	if f.SetReadDeadline(time.Time{}) != nil {
		return f
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return f
	}
	return &stream{f, conn}
}

// stream is a file that ends where a reader would have to wait.
type stream struct {
	f    *os.File
	conn syscall.RawConn
}

// Read reads what is there.
func (s *stream) Read(b []byte) (n int, err error) {
	failed := s.conn.Read(func(fd uintptr) bool {
		err = retry(func() (err error) { n, err = unix.Read(int(fd), b); return err })
		return true
	})
	switch {
	case failed != nil:
		return 0, failed
	case err == unix.EAGAIN || err == nil && n == 0 && len(b) > 0:
		return 0, io.EOF
	case err != nil:
		return 0, &fs.PathError{Op: "read", Path: s.f.Name(), Err: err}
	}
	return n, nil
}

// ReadAt reads at an offset.
func (s *stream) ReadAt(b []byte, offset int64) (int, error) { return s.f.ReadAt(b, offset) }

// Seek moves to an offset.
func (s *stream) Seek(offset int64, whence int) (int64, error) { return s.f.Seek(offset, whence) }

// Close closes the file.
func (s *stream) Close() error { return s.f.Close() }
