package sqlite

import (
	"errors"
	"fmt"

	lib "modernc.org/sqlite/lib"

	"goshawk"
)

var errClosed = fmt.Errorf("%w: the store is closed", goshawk.ErrUnavailable)

// coded is an error of SQLite with its extended result code: ours, or that of
// the driver, through which databases are opened and migrated.
type coded interface {
	error
	Code() int
}

// wrap adds what was done and the kind that SQLite's result code means.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	var ce coded
	if errors.As(err, &ce) {
		if kind := kindOf(ce.Code()); kind != nil {
			return fmt.Errorf("%s: %w: %w", what, kind, err)
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// kindOf returns the kind of error of a result code, nil for what only a bug
// of ours can cause.
func kindOf(code int) error {
	switch code {
	case lib.SQLITE_IOERR_SHMSIZE: // the shared index could not grow
		return goshawk.ErrFull
	case lib.SQLITE_IOERR_CORRUPTFS:
		return goshawk.ErrCorrupt
	}
	switch code & 0xff {
	case lib.SQLITE_FULL:
		return goshawk.ErrFull
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return goshawk.ErrCorrupt
	case lib.SQLITE_TOOBIG:
		return goshawk.ErrInvalid
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_IOERR, lib.SQLITE_NOMEM,
		lib.SQLITE_CANTOPEN, lib.SQLITE_READONLY, lib.SQLITE_PROTOCOL, lib.SQLITE_PERM:
		return goshawk.ErrUnavailable
	}
	return nil
}

func isBusy(err error) bool {
	var ce coded
	return errors.As(err, &ce) && ce.Code()&0xff == lib.SQLITE_BUSY
}
