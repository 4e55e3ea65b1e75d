package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"goshawk"
	"goshawk/internal/disk"
)

// applicationID marks a database as ours: "GosH".
const applicationID = 0x476f7348

//go:embed migrations/*.sql
var migrations embed.FS

// errShared says that another connection has the database open.
var errShared = errors.New("the database is open elsewhere")

// prepare leaves a database at path that is ours, whole and of this program's
// version. Only who has the database to itself creates, checks or migrates it;
// who does not relies on the other having done so.
func prepare(ctx context.Context, path string, log *slog.Logger) error {
	found, err := create(path)
	if err != nil {
		return err
	}
	want, err := newest()
	if err != nil {
		return err
	}
	have, err := examine(path, found, log)
	if err == nil && have < want {
		err = migrate(ctx, path)
	}
	if errors.Is(err, errShared) {
		have, err = look(path)
		if err == nil && have < want {
			return fmt.Errorf("%w: another process has the database open, of version %d, and this program needs %d: stop it first", goshawk.ErrUnavailable, have, want)
		}
	}
	if err == nil && have > want {
		return fmt.Errorf("%w: the database has version %d, this program knows up to %d: use the newer program", goshawk.ErrInvalid, have, want)
	}
	return err
}

// found is how the file was found.
type found struct {
	empty   bool
	crashed bool // who had it open last left the log of changes behind
}

// create makes the file if there is none.
func create(path string) (f found, err error) {
	if st, err := os.Stat(path + "-wal"); err == nil {
		f.crashed = st.Size() > 0
	}
	// A file that is there is not opened: closing it would take away the locks
	// that a connection of this process has on it.
	if st, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		f.empty = err == nil && st.Size() == 0
		return f, unavailable(err)
	}
	f.empty = true
	folder, err := disk.Open(filepath.Dir(path))
	if err != nil {
		return f, unavailable(err)
	}
	file, err := folder.OpenFile(filepath.Base(path), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist): // another process was faster
		err = nil
	case err == nil:
		err = errors.Join(file.Close(), folder.SyncDir("."))
	}
	return f, unavailable(errors.Join(err, folder.Close()))
}

// unavailable adds the kind to an error of the file system.
func unavailable(err error) error {
	switch {
	case err == nil:
		return nil
	case disk.IsFull(err):
		return fmt.Errorf("%w: %w", goshawk.ErrFull, err)
	}
	return fmt.Errorf("%w: %w", goshawk.ErrUnavailable, err)
}

// examine looks at the database while nobody else can, makes an empty one ours
// and returns its version. A damaged one is left as it is, with its log.
func examine(path string, f found, log *slog.Logger) (version int64, err error) {
	pragmas := append([]string{"locking_mode = EXCLUSIVE", "busy_timeout = 0"}, durable()...)
	if f.empty {
		pragmas = append(pragmas, "auto_vacuum = INCREMENTAL") // later it has no effect
	}
	c, err := connect(path, pragmas...)
	if err != nil {
		return 0, shared(err)
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.keepLog(true); err != nil {
		return 0, err
	}
	if err := c.do("BEGIN EXCLUSIVE", "COMMIT"); err != nil {
		return 0, shared(err)
	}
	if err := identify(c); err != nil {
		return 0, err
	}
	if f.crashed {
		log.Warn("the database was not closed cleanly and is checked", "path", path)
		if err := check(c); err != nil {
			return 0, err
		}
	}
	if version, err = versionOf(c); err != nil {
		return 0, err
	}
	return version, c.keepLog(false)
}

// shared tells a database that is in use from one that is damaged.
func shared(err error) error {
	if isBusy(err) {
		return errShared
	}
	return damaged(err)
}

// identify refuses a database that is not ours, and makes an empty one ours.
func identify(c *conn) error {
	id, things, err := marks(c)
	if err != nil {
		return err
	}
	if id == 0 && things == 0 {
		id, err = applicationID, c.do(fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	}
	if err == nil && id != applicationID {
		err = fmt.Errorf("%w: the file is a database of another program", goshawk.ErrInvalid)
	}
	if err != nil {
		return err
	}
	var mode string
	if _, err := c.one("PRAGMA journal_mode = WAL", func(r *record) { mode = r.text() }); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("%w: the file system cannot keep a write-ahead log (mode is %s)", goshawk.ErrInvalid, mode)
	}
	return nil
}

// marks returns whose database it is, and how many tables and indexes it has.
func marks(c *conn) (id, things int64, err error) {
	if _, err = c.one("PRAGMA application_id", func(r *record) { id = r.int() }); err == nil {
		_, err = c.one("SELECT count(*) FROM sqlite_schema", func(r *record) { things = r.int() })
	}
	return id, things, damaged(err)
}

// check reads through the database after a crash.
func check(c *conn) error {
	var found string
	_, err := c.one("PRAGMA quick_check(1)", func(r *record) { found = r.text() })
	if err == nil && found != "ok" {
		err = fmt.Errorf("%w: %s", goshawk.ErrCorrupt, found)
	}
	return damaged(err)
}

// damaged tells what to do about an error that means damage.
func damaged(err error) error {
	if err = wrap("read", err); errors.Is(err, goshawk.ErrCorrupt) {
		return fmt.Errorf("%w; nothing was changed: keep a copy of the file and of its -wal, restore a backup, and look after the disk", err)
	}
	return err
}

// newest returns the version that this program makes.
func newest() (version int64, err error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		v, err := goose.NumericComponent(f)
		if err != nil {
			return 0, err
		}
		version = max(version, v)
	}
	return version, nil
}

// versionOf returns the version of a database, 0 for an empty one.
func versionOf(c *conn) (version int64, err error) {
	made, err := c.one("SELECT 1 FROM sqlite_schema WHERE name = 'goose_db_version'", func(*record) {})
	if made && err == nil {
		_, err = c.one("SELECT coalesce(max(version_id), 0) FROM goose_db_version", func(r *record) { version = r.int() })
	}
	return version, damaged(err)
}

// look returns the version of a database that another process has open.
func look(path string) (version int64, err error) {
	c, err := connectShared(path, "query_only = ON")
	if err != nil {
		return 0, damaged(err)
	}
	defer func() { err = errors.Join(err, c.close()) }()
	id, _, err := marks(c)
	if err == nil && id != applicationID {
		err = fmt.Errorf("%w: the file is a database of another program", goshawk.ErrInvalid)
	}
	if err != nil {
		return 0, err
	}
	return versionOf(c)
}

// migrate brings the tables to this program's version.
func migrate(ctx context.Context, path string) (err error) {
	options := []string{"_busy_timeout=0", "_pragma=locking_mode(EXCLUSIVE)"}
	for _, p := range durable() {
		options = append(options, "_pragma="+url.QueryEscape(p))
	}
	c, err := sqlite.NewConnector(dataSource(path, options...))
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1) // the one with the lock
	if _, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE; COMMIT"); err != nil {
		return shared(err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}
