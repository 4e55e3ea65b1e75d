package goshawk

import "errors"

// The kinds of errors. An error of the house wraps one of them when its caller
// can do something about it; callers test with errors.Is and never by text.
var (
	ErrNotFound    = errors.New("not found")
	ErrExists      = errors.New("exists already")
	ErrInvalid     = errors.New("invalid")     // the caller must change what was asked
	ErrDenied      = errors.New("not allowed") // the caller lacks a permission
	ErrUnavailable = errors.New("unavailable") // the same call may succeed later
	ErrFull        = errors.New("no space left")
	ErrCorrupt     = errors.New("corrupt") // stored bytes are not what was stored
	ErrLimit       = errors.New("limit reached")
)
