// Package data is the accessor whose paths are the content themselves: what
// reads files can so be given a text that a query has at hand.
package data

import (
	"context"
	"io"
	"strings"

	"goshawk/accessor"
)

// New returns the accessor.
func New() accessor.FileSystem { return content{} }

type content struct{}

// Parse takes the whole text as the one component.
func (content) Parse(text string) (accessor.Path, error) { return accessor.Raw.Parse(text) }

// Lstat tells the length.
func (content) Lstat(_ context.Context, p accessor.Path) (*accessor.Info, error) {
	return &accessor.Info{Path: p, Size: int64(len(text(p))), Mode: 0o444}, nil
}

// Stat is Lstat.
func (c content) Stat(ctx context.Context, p accessor.Path) (*accessor.Info, error) {
	return c.Lstat(ctx, p)
}

// ReadDir finds nothing: there are no folders.
func (content) ReadDir(context.Context, accessor.Path, func(accessor.Entry) error) error { return nil }

// Open gives the text.
func (content) Open(_ context.Context, p accessor.Path) (accessor.File, error) {
	return file{strings.NewReader(text(p))}, nil
}

// text is the content: the component of a raw path, and of another one, which a
// query passed as it was, what it prints as.
func text(p accessor.Path) string {
	if p.Type() == accessor.Raw && len(p.Components()) == 1 {
		return p.Base()
	}
	return p.String()
}

type file struct{ *strings.Reader }

// Close does nothing.
func (file) Close() error { return nil }

var _ io.ReaderAt = file{}
