// Package files is the part of the vocabulary that finds, describes, reads,
// hashes and sends files, through any accessor.
//
// A file that is missing, or that cannot be read, is met in the normal course
// of things: it is a log line of level WARN with its path, and never fails a
// query. glob and stat say nothing about what is missing.
package files

import (
	"sync"

	"goshawk/accessor"
	"goshawk/row"
	"goshawk/vql"
)

// Options of Plugins and Functions.
type Options struct {
	Accessors accessor.Set
	Uploader  Uploader // nil: there is nowhere to send files to
}

// Plugins lists the plugins of this package.
func Plugins(o Options) []vql.Plugin {
	t := &topic{Options: o}
	return []vql.Plugin{t.globPlugin(), t.readFilePlugin(), t.statPlugin()}
}

// Functions lists the functions of this package.
func Functions(o Options) []vql.Function {
	t := &topic{Options: o}
	return []vql.Function{
		basenameFunction, dirnameFunction, t.hashFunction(), pathJoinFunction, pathSplitFunction, pathspecFunction,
		t.readFileFunction(), relpathFunction, t.statFunction(), t.uploadFunction(),
	}
}

// topic is what the plugins and functions that touch files share.
type topic struct {
	Options
	buffers sync.Pool // of *[bufferSize]byte
}

// bufferSize is how much is read at once: four of the blocks that hash counts in.
const bufferSize = 4 * hashBlock

// buffer returns a buffer, to be given back by t.buffers.Put.
func (t *topic) buffer() *[bufferSize]byte {
	if b, ok := t.buffers.Get().(*[bufferSize]byte); ok {
		return b
	}
	return new([bufferSize]byte)
}

// target returns the accessor of that name and the path that a query gives it.
func (t *topic) target(name string, v row.Value) (accessor.FileSystem, accessor.Path, error) {
	fs, err := t.Accessors.Get(name)
	if err != nil {
		return nil, accessor.Path{}, err
	}
	p, err := accessor.PathOf(fs, v)
	return fs, p, err
}
