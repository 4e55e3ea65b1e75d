package sqlite

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	lib "modernc.org/sqlite/lib"
)

// conn is one connection to the database with its prepared statements. It
// speaks SQLite's C interface, as the driver translates it to Go, itself: what
// the driver does for database/sql on every call is a third of the cost of
// taking in a small packet. It is used by one goroutine at a time.
type conn struct {
	tls   *libc.TLS // what C keeps for a thread
	db    uintptr
	stmts map[string]uintptr

	// C memory that holds the texts and blobs of the call under way; a pointer
	// that SQLite hands out stands in it too.
	arena     uintptr
	arenaSize int
}

const (
	minArena     = 64 << 10
	maxArguments = 1 << 30 // together; SQLite takes no larger value
)

// durable are the settings of every connection.
func durable() []string {
	return []string{
		"foreign_keys = ON", "synchronous = FULL", "fullfsync = ON", "checkpoint_fullfsync = ON",
		"temp_store = MEMORY", "trusted_schema = OFF",
	}
}

// dataSource names the database file, for SQLite and its driver. The file is
// not created.
func dataSource(path string, options ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	u := url.URL{Path: path}
	return "file://" + u.EscapedPath() + "?mode=rw&" + strings.Join(options, "&")
}

// connect opens a connection with the given settings.
func connect(path string, pragmas ...string) (*conn, error) {
	c := &conn{tls: libc.NewTLS(), stmts: map[string]uintptr{}}
	if err := c.open(dataSource(path)); err != nil {
		return nil, errors.Join(err, c.close())
	}
	for _, p := range pragmas {
		if err := c.do("PRAGMA " + p); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

// connectShared opens a connection that waits up to ten seconds for others.
func connectShared(path string, pragmas ...string) (*conn, error) {
	return connect(path, slices.Concat([]string{"busy_timeout = 10000"}, durable(), pragmas)...)
}

// keepLog says whether the log of changes is left alone when the last
// connection closes. Otherwise it is moved to the database and removed.
func (c *conn) keepLog(keep bool) error {
	list, err := c.malloc(2 * 8) // of two arguments, eight bytes each
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, list)
	return c.check(lib.Xsqlite3_db_config(c.tls, c.db, lib.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
		libc.VaList(list, libc.Bool32(keep), uintptr(0))))
}

func (c *conn) open(name string) error {
	if err := c.reserve(len(name) + 1); err != nil {
		return err
	}
	copy(memory(c.arena, c.arenaSize), name+"\x00")
	out, err := c.malloc(int(unsafe.Sizeof(uintptr(0))))
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, out)
	const flags = lib.SQLITE_OPEN_READWRITE | lib.SQLITE_OPEN_URI | lib.SQLITE_OPEN_NOMUTEX
	rc := lib.Xsqlite3_open_v2(c.tls, c.arena, out, flags, 0)
	c.db = pointer(out)
	if rc == lib.SQLITE_OK {
		rc = lib.Xsqlite3_extended_result_codes(c.tls, c.db, 1)
	}
	return c.check(rc)
}

// close also ends the statements: until the last of them is gone SQLite keeps
// a connection open, and with it its locks.
func (c *conn) close() error {
	for _, st := range c.stmts {
		lib.Xsqlite3_finalize(c.tls, st) // repeats the statement's last error
	}
	err := c.check(lib.Xsqlite3_close_v2(c.tls, c.db))
	libc.Xfree(c.tls, c.arena)
	c.tls.Close()
	return err
}

// failure is an error of SQLite.
type failure struct {
	code int // extended result code
	text string
}

func (f *failure) Error() string { return fmt.Sprintf("%s (%d)", f.text, f.code) }

// Code returns the extended result code, as errors of the driver do.
func (f *failure) Code() int { return f.code }

// check turns a result code that is no success into an error.
func (c *conn) check(rc int32) error {
	if rc == lib.SQLITE_OK || rc == lib.SQLITE_ROW || rc == lib.SQLITE_DONE {
		return nil
	}
	f := &failure{int(rc), libc.GoString(lib.Xsqlite3_errstr(c.tls, rc))}
	if c.db != 0 && lib.Xsqlite3_extended_errcode(c.tls, c.db) == rc {
		f.text = libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db))
	}
	return f
}

// memory returns n bytes of C memory.
func memory(p uintptr, n int) []byte {
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&p))), n)
}

// pointer returns the pointer that stands at p.
func pointer(p uintptr) uintptr {
	return *(*uintptr)(*(*unsafe.Pointer)(unsafe.Pointer(&p)))
}

func (c *conn) malloc(n int) (uintptr, error) {
	p := libc.Xmalloc(c.tls, types.Size_t(n))
	if p == 0 {
		return 0, &failure{lib.SQLITE_NOMEM, fmt.Sprintf("no memory for %d bytes", n)}
	}
	return p, nil
}

// reserve makes the arena hold n bytes. What is in it is lost.
func (c *conn) reserve(n int) error {
	if n <= c.arenaSize {
		return nil
	}
	libc.Xfree(c.tls, c.arena)
	c.arena, c.arenaSize = 0, 0
	p, err := c.malloc(max(n, minArena))
	if err == nil {
		c.arena, c.arenaSize = p, max(n, minArena)
	}
	return err
}

// prepare returns a statement, from the second time on a kept one. All SQL is
// constant, so that they are few.
func (c *conn) prepare(sql string) (uintptr, error) {
	if st, ok := c.stmts[sql]; ok {
		return st, nil
	}
	const word = int(unsafe.Sizeof(uintptr(0)))
	if err := c.reserve(word + len(sql) + 1); err != nil {
		return 0, err
	}
	copy(memory(c.arena+uintptr(word), c.arenaSize-word), sql+"\x00")
	rc := lib.Xsqlite3_prepare_v2(c.tls, c.db, c.arena+uintptr(word), -1, c.arena, 0)
	if err := c.check(rc); err != nil {
		return 0, fmt.Errorf("%w in %s", err, sql)
	}
	c.stmts[sql] = pointer(c.arena)
	return c.stmts[sql], nil
}

// bind sets the arguments of a statement. It keeps no pointer to them.
func (c *conn) bind(st uintptr, args []any) error {
	size := 0
	for _, a := range args {
		switch a := a.(type) {
		case string:
			size += len(a)
		case []byte:
			size += len(a)
		}
	}
	if size > maxArguments {
		return &failure{lib.SQLITE_TOOBIG, fmt.Sprintf("arguments of %d bytes", size)}
	}
	if err := c.reserve(size + 1); err != nil {
		return err
	}
	free, rest := c.arena, memory(c.arena, c.arenaSize)
	for i, a := range args {
		var rc int32
		n := 0
		switch a := a.(type) {
		case int64:
			rc = lib.Xsqlite3_bind_int64(c.tls, st, int32(i+1), a)
		case bool:
			rc = lib.Xsqlite3_bind_int64(c.tls, st, int32(i+1), int64(libc.Bool32(a)))
		case string:
			n = copy(rest, a)
			rc = lib.Xsqlite3_bind_text(c.tls, st, int32(i+1), free, int32(n), lib.SQLITE_STATIC)
		case []byte:
			n = copy(rest, a)
			rc = lib.Xsqlite3_bind_blob(c.tls, st, int32(i+1), free, int32(n), lib.SQLITE_STATIC)
		default:
			panic(fmt.Sprintf("bug: argument %d is of type %T", i+1, a))
		}
		if err := c.check(rc); err != nil {
			return err
		}
		free, rest = free+uintptr(n), rest[n:]
	}
	return nil
}
