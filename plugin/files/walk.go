package files

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"goshawk/accessor"
	"goshawk/row"
	"goshawk/vql"
)

// walk goes through the folders where a search may find something, level by
// level, so that what it remembers is the folders of one level.
type walk struct {
	fs      accessor.FileSystem
	args    *globArgs
	call    *vql.Call
	out     *vql.Out
	match   *matcher
	volumes *volumes
	queue   []folder
	batch   *row.Batch
	modes   map[fs.FileMode]row.Value
	entered map[identity]bool // targets of links
	spare   []found

	ctx    context.Context
	here   folder         // the one that is read now
	path   *accessor.Path // its path
	warned bool           // of an entry of it
	failed error          // what out said, or the context
}

// folder is one to be read.
type folder struct {
	parent *accessor.Path
	name   string // empty: the parent itself, which is the root
	place  *place
	links  int // how many links in a row its path ends with
}

// identity tells files apart.
type identity struct{ dev, inode uint64 }

const (
	// maxLinks is how many links in a row are followed.
	maxLinks = 10
	// batchRows is how many rows are passed on at once, or fewer at the end of a folder.
	batchRows = 128
)

func newWalk(fsys accessor.FileSystem, a *globArgs, s *search, c *vql.Call, out *vql.Out) *walk {
	w := &walk{
		fs: fsys, args: a, call: c, out: out, match: newMatcher(s.patterns), volumes: &volumes{},
		batch: row.NewBatch(globColumns, batchRows), modes: map[fs.FileMode]row.Value{}, entered: map[identity]bool{},
	}
	if start := w.match.start(); start != nil {
		w.queue = append(w.queue, folder{parent: &s.root, place: start})
	}
	return w
}

// run emits the rows. It returns an error only when it must stop.
func (w *walk) run(ctx context.Context) error {
	w.ctx = ctx
	for at := 0; at < len(w.queue); at++ {
		if at >= 1024 && at*2 > len(w.queue) { // forget what was read
			w.queue = append(w.queue[:0:0], w.queue[at:]...)
			at = 0
		}
		if err := w.read(w.queue[at]); err != nil {
			return err
		}
		w.queue[at] = folder{}
	}
	return nil
}

// read visits a folder.
func (w *walk) read(f folder) error {
	path := *f.parent
	if f.name != "" {
		path = path.Append(f.name)
	}
	w.here, w.path, w.warned = f, &path, false
	err := w.fs.ReadDir(w.ctx, path, w.visit)
	if w.failed == nil {
		w.flush()
	}
	switch {
	case w.failed != nil:
		return w.failed
	case w.ctx.Err() != nil:
		return context.Cause(w.ctx)
	case err != nil && !hasGone(err):
		w.call.Log(vql.Warn, "glob: %v", err)
	}
	return nil
}

// hasGone says whether an error means that a file is not there, or no longer.
func hasGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}

// visit takes one entry of the folder.
func (w *walk) visit(e accessor.Entry) error {
	typ := e.Type()
	var info *accessor.Info
	if typ == fs.ModeIrregular {
		if info = w.info(e); info == nil {
			return nil
		}
		typ = info.Mode.Type()
	}
	isLink := typ&fs.ModeSymlink != 0
	step := w.match.take(w.here.place, e.Name(), isLink || typ.IsDir())
	enter := step.next != nil && (typ.IsDir() || isLink && !w.args.NoSymlink)
	isHit := !step.globs.IsNull()
	if !isHit && !enter {
		return nil
	}
	if info == nil && (isHit || isLink || w.args.Callback != nil) {
		if info = w.info(e); info == nil {
			return nil
		}
	}
	if isHit {
		w.add(info, step.globs)
	}
	if enter {
		w.enter(e.Name(), info, step, isLink)
	}
	return w.failed
}

// info looks at an entry. It is nil for one that has gone, and for one that
// cannot be examined, which is logged once for a folder.
func (w *walk) info(e accessor.Entry) *accessor.Info {
	info, err := e.Info()
	if err != nil && !hasGone(err) && !w.warned {
		w.warned = true
		w.call.Log(vql.Warn, "glob: %v", err)
	}
	if err != nil {
		return nil
	}
	return info
}

// enter puts a folder, or a link that leads to one, into the queue.
func (w *walk) enter(name string, info *accessor.Info, s step, isLink bool) {
	f := folder{parent: w.path, name: name, place: s.next}
	if w.args.Callback != nil {
		vals := make([]row.Value, globColumns.Len())
		w.fill(vals, info, s.globs)
		if v := w.args.Callback.Call(row.FromDict(row.NewDict(globColumns, vals))); !w.call.Truth(v) {
			return
		}
	}
	if isLink {
		if f.links = w.here.links + 1; f.links > maxLinks || !w.leadsOn(info) {
			return
		}
	}
	w.queue = append(w.queue, f)
}

// leadsOn says whether a link leads to a folder that no link before led to.
func (w *walk) leadsOn(link *accessor.Info) bool {
	target, err := w.fs.Stat(w.ctx, link.Path)
	if err != nil || !target.IsDir() || w.args.OneFilesystem && target.Dev != link.Dev {
		return false
	}
	id := identity{target.Dev, target.Inode}
	if id == (identity{}) {
		return true // it has none: maxLinks must do
	}
	if w.entered[id] {
		return false
	}
	w.entered[id] = true
	return true
}

// add puts a file into the batch.
func (w *walk) add(info *accessor.Info, globs row.Value) {
	w.fill(w.batch.Extend(), info, globs)
	if w.batch.Len() == batchRows {
		w.flush()
	}
}

func (w *walk) flush() {
	if w.batch.Len() > 0 {
		w.failed = w.out.Batch(w.batch)
		w.batch.Reset(globColumns)
	}
}

// fill writes the columns of a file.
func (w *walk) fill(vals []row.Value, i *accessor.Info, globs row.Value) {
	f := w.found(i)
	vals = vals[:17]
	vals[0], vals[1] = row.String(i.Name()), i.Path.Value()
	vals[2], vals[3], vals[4], vals[5] = row.Time(i.Mtime), row.Time(i.Atime), row.Time(i.Ctime), row.Time(i.Btime)
	vals[6], vals[7] = row.Int(i.Size), w.mode(i.Mode)
	vals[8], vals[9] = row.Bool(i.IsDir()), row.Bool(i.IsLink())
	vals[10], vals[11] = row.FromObject((*dataOf)(f)), globs
	vals[12], vals[13] = row.FromObject((*fullPathOf)(f)), vals[2]
	vals[14], vals[15], vals[16] = row.FromObject((*sysOf)(f)), row.Uint(i.Dev), row.FromObject((*linkOf)(f))
}

// found returns a new base for the lazy values of a file. They are made many at a time.
func (w *walk) found(i *accessor.Info) *found {
	if len(w.spare) == 0 {
		w.spare = make([]found, 32)
	}
	f := &w.spare[0]
	w.spare = w.spare[1:]
	*f = found{i, w.volumes, w.call}
	return f
}

// mode returns the value of a mode: a tree has few different ones.
func (w *walk) mode(m fs.FileMode) row.Value {
	v, ok := w.modes[m]
	if !ok {
		v = row.FromObject(mode(m))
		w.modes[m] = v
	}
	return v
}
