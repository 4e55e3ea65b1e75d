package sqlite

import (
	"fmt"
	"math"
	"time"

	lib "modernc.org/sqlite/lib"

	"goshawk"
)

// exec runs a statement and ignores what it yields. Arguments are int64, bool,
// string and []byte.
func (c *conn) exec(sql string, args ...any) error {
	return c.each(sql, func(*record) bool { return true }, args...)
}

// insert runs an INSERT and returns the new row's id.
func (c *conn) insert(sql string, args ...any) (int64, error) {
	if err := c.exec(sql, args...); err != nil {
		return 0, err
	}
	return lib.Xsqlite3_last_insert_rowid(c.tls, c.db), nil
}

// do runs statements, ignoring what they yield.
func (c *conn) do(sqls ...string) error {
	for _, sql := range sqls {
		if err := c.exec(sql); err != nil {
			return err
		}
	}
	return nil
}

// each hands every row to scan until there are no more or scan returns false.
// Meanwhile the connection is not used for anything else.
func (c *conn) each(sql string, scan func(*record) bool, args ...any) error {
	st, err := c.prepare(sql)
	if err != nil {
		return err
	}
	if err := c.bind(st, args); err != nil {
		return err
	}
	defer lib.Xsqlite3_reset(c.tls, st) // repeats the error of step
	for r := (record{conn: c, st: st}); ; {
		switch rc := lib.Xsqlite3_step(c.tls, st); rc {
		case lib.SQLITE_ROW:
		case lib.SQLITE_DONE:
			return nil
		default:
			return c.check(rc)
		}
		r.next = 0
		if more := scan(&r); r.err != nil || !more {
			return r.err
		}
	}
}

// one hands the first row to scan and says whether there was any.
func (c *conn) one(sql string, scan func(*record), args ...any) (found bool, err error) {
	err = c.each(sql, func(r *record) bool {
		scan(r)
		found = true
		return false
	}, args...)
	return found, err
}

// record is one row; its columns are taken from left to right. A column of
// another type than asked for is a damaged database.
type record struct {
	conn *conn
	st   uintptr
	next int32
	err  error
}

// column goes to the next column and says whether it has the type.
func (r *record) column(kind int32) (i int32, ok bool) {
	i = r.next
	r.next++
	if got := lib.Xsqlite3_column_type(r.conn.tls, r.st, i); got != kind {
		r.fail(fmt.Errorf("%w: column %d has type %d, want %d", goshawk.ErrCorrupt, i, got, kind))
		return i, false
	}
	return i, true
}

func (r *record) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *record) int() int64 {
	i, ok := r.column(lib.SQLITE_INTEGER)
	if !ok {
		return 0
	}
	return lib.Xsqlite3_column_int64(r.conn.tls, r.st, i)
}

// bytes returns a text or blob, which is good until the next row.
func (r *record) bytes(kind int32) []byte {
	i, ok := r.column(kind)
	if !ok {
		return nil
	}
	p := lib.Xsqlite3_column_blob(r.conn.tls, r.st, i) // for a text its bytes, too
	return memory(p, int(lib.Xsqlite3_column_bytes(r.conn.tls, r.st, i)))
}

func (r *record) text() string    { return string(r.bytes(lib.SQLITE_TEXT)) }
func (r *record) blob() []byte    { return append([]byte(nil), r.bytes(lib.SQLITE_BLOB)...) }
func (r *record) bool() bool      { return r.int() != 0 }
func (r *record) time() time.Time { return timeOf(r.int()) }

func (r *record) strings() []string {
	list, err := decodeStrings(r.bytes(lib.SQLITE_BLOB))
	if err != nil {
		r.fail(err)
	}
	return list
}

// small takes a number that fits in a byte.
func (r *record) small() uint8 {
	n := r.int()
	if n < 0 || n > math.MaxUint8 {
		r.fail(fmt.Errorf("%w: column %d is %d", goshawk.ErrCorrupt, r.next-1, n))
	}
	return uint8(n)
}

// hash takes a hash; an empty column is none.
func (r *record) hash() (h goshawk.Hash) {
	if b := r.bytes(lib.SQLITE_BLOB); copy(h[:], b) != len(b) || len(b) != 0 && len(b) != len(h) {
		r.fail(fmt.Errorf("%w: hash of %d bytes", goshawk.ErrCorrupt, len(b)))
	}
	return h
}

// micros returns how a time is stored.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func timeOf(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
