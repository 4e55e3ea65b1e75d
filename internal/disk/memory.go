package disk

import (
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Memory is a simulated disk. It keeps apart what a program sees and what
// would be left after a loss of power: bytes become durable by Sync of the
// file, names by SyncDir of the folder, and by nothing else.
type Memory struct {
	mu    sync.Mutex // guards everything below, and all nodes
	names map[string]*node
	kept  map[string]*node // the names that survive a crash
	todo  []change         // names that SyncDir has not made durable, oldest first
	life  int              // counts crashes: files opened before one are dead

	calls, failAt int
	failErr       error
}

// change gives a name to a file or folder, or takes it away (nil). A file that
// is renamed loses the name from in the same stroke.
type change struct {
	name string
	node *node
	from string
}

// node is a file or folder, whatever its names.
type node struct {
	mode   fs.FileMode
	mtime  time.Time
	data   []byte
	kept   []byte
	writes []write // not yet synced
}

// write puts data at an offset; with data nil it cuts the file there.
type write struct {
	off  int64
	data []byte
}

// NewMemory returns an empty disk.
func NewMemory() *Memory {
	top := &node{mode: fs.ModeDir | 0o700}
	return &Memory{names: map[string]*node{".": top}, kept: map[string]*node{".": top}}
}

// Fail lets the k-th call from now, of the disk or of any file, fail with err,
// once. A write that fails has written half of its bytes; bytes that a failed
// Sync should have made durable never will be.
func (m *Memory) Fail(k int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls, m.failAt, m.failErr = 0, k, err
}

// Fired says whether the call chosen with Fail was made.
func (m *Memory) Fired() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failAt > 0 && m.calls >= m.failAt
}

// Crash is a loss of power: all that was not synced is gone. Open files are
// dead; the disk is used on as after a restart.
func (m *Memory) Crash() { m.crash(func() bool { return false }) }

// CrashKeeping is a loss of power in which each unsynced name and each
// unsynced sector of 512 bytes survives or not as r decides.
func (m *Memory) CrashKeeping(r *rand.Rand) { m.crash(func() bool { return r.IntN(2) == 0 }) }

func (m *Memory) crash(survives func() bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.todo {
		if survives() {
			m.keep(c)
		}
	}
	m.todo, m.failAt = nil, 0
	m.life++
	m.names = map[string]*node{}
	for _, name := range slices.Sorted(maps.Keys(m.kept)) { // a folder comes before what is in it
		if name == "." || m.names[path.Dir(name)] != nil {
			m.names[name] = m.kept[name]
		}
	}
	m.kept = maps.Clone(m.names)
	for _, n := range m.names {
		n.crash(survives)
	}
}

func (n *node) crash(survives func() bool) {
	for _, w := range n.writes {
		for _, s := range w.sectors() {
			if survives() {
				n.kept = s.apply(n.kept)
			}
		}
	}
	n.writes, n.data = nil, slices.Clone(n.kept)
}

func (m *Memory) keep(c change) {
	if c.node == nil {
		delete(m.kept, c.name)
	} else {
		m.kept[c.name] = c.node
	}
	if c.from != "" {
		delete(m.kept, c.from)
	}
}

// sectors splits a write at the sectors of a disk.
func (w write) sectors() (ws []write) {
	const sector = 512
	if w.data == nil {
		return []write{w}
	}
	for off, data := w.off, w.data; len(data) > 0; {
		n := min(int64(len(data)), sector-off%sector)
		ws = append(ws, write{off, data[:n]})
		off, data = off+n, data[n:]
	}
	return ws
}

func (w write) apply(b []byte) []byte {
	if w.data == nil && w.off < int64(len(b)) {
		b = b[:w.off]
	}
	if grow := w.off + int64(len(w.data)) - int64(len(b)); grow > 0 {
		b = append(b, make([]byte, grow)...)
	}
	copy(b[w.off:], w.data)
	return b
}

// enter is the beginning of each call: it locks and finds out whether this is
// the one that fails. The caller unlocks in any case.
func (m *Memory) enter(op, name string) error {
	m.mu.Lock()
	m.calls++
	if m.calls == m.failAt {
		return &fs.PathError{Op: op, Path: name, Err: m.failErr}
	}
	if !fs.ValidPath(name) {
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return nil
}

// find returns what has the name.
func (m *Memory) find(op, name string) (*node, error) {
	if n := m.names[name]; n != nil {
		return n, nil
	}
	return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

func (m *Memory) set(name string, n *node) {
	if n == nil {
		delete(m.names, name)
	} else {
		m.names[name] = n
	}
	m.todo = append(m.todo, change{name: name, node: n})
}

// OpenFile implements FS.
func (m *Memory) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	err := m.enter("open", name)
	defer m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	n, err := m.find("open", name)
	switch {
	case n != nil && n.mode.IsDir():
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	case n != nil && flag&os.O_EXCL != 0:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrExist}
	case n == nil && flag&os.O_CREATE == 0:
		return nil, err
	case n == nil:
		if _, err := m.find("open", path.Dir(name)); err != nil {
			return nil, err
		}
		n = &node{mode: perm, mtime: time.Now()}
		m.set(name, n)
	case flag&os.O_TRUNC != 0:
		n.write(write{})
	}
	return &memoryFile{m: m, n: n, name: name, life: m.life}, nil
}

// Rename implements FS, for files.
func (m *Memory) Rename(from, to string) error {
	err := m.enter("rename", from)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	n, err := m.find("rename", from)
	if err != nil {
		return err
	}
	if _, err := m.find("rename", path.Dir(to)); err != nil {
		return err
	}
	if old := m.names[to]; n.mode.IsDir() || old != nil && old.mode.IsDir() {
		return &fs.PathError{Op: "rename", Path: from, Err: syscall.EISDIR}
	}
	if from != to {
		m.names[to] = n
		delete(m.names, from)
		m.todo = append(m.todo, change{name: to, node: n, from: from})
	}
	return nil
}

// Remove implements FS.
func (m *Memory) Remove(name string) error {
	err := m.enter("remove", name)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	if _, err := m.find("remove", name); err != nil {
		return err
	}
	for other := range m.names {
		if strings.HasPrefix(other, name+"/") {
			return &fs.PathError{Op: "remove", Path: name, Err: syscall.ENOTEMPTY}
		}
	}
	m.set(name, nil)
	return nil
}

// MkdirAll implements FS.
func (m *Memory) MkdirAll(name string, perm fs.FileMode) error {
	err := m.enter("mkdir", name)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	for i := range len(name) + 1 {
		if i < len(name) && name[i] != '/' {
			continue
		}
		switch n := m.names[name[:i]]; {
		case n == nil:
			m.set(name[:i], &node{mode: fs.ModeDir | perm, mtime: time.Now()})
		case !n.mode.IsDir():
			return &fs.PathError{Op: "mkdir", Path: name, Err: syscall.ENOTDIR}
		}
	}
	return nil
}

// ReadDir implements FS.
func (m *Memory) ReadDir(name string) ([]fs.DirEntry, error) {
	err := m.enter("readdir", name)
	defer m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if _, err := m.find("readdir", name); err != nil {
		return nil, err
	}
	var es []fs.DirEntry
	for _, child := range slices.Sorted(maps.Keys(m.names)) {
		if child != "." && path.Dir(child) == name {
			es = append(es, fs.FileInfoToDirEntry(m.names[child].info(child)))
		}
	}
	return es, nil
}

// Stat implements FS.
func (m *Memory) Stat(name string) (fs.FileInfo, error) {
	err := m.enter("stat", name)
	defer m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	n, err := m.find("stat", name)
	if err != nil {
		return nil, err
	}
	return n.info(name), nil
}

// SyncDir implements FS.
func (m *Memory) SyncDir(name string) error {
	err := m.enter("syncdir", name)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	if _, err := m.find("syncdir", name); err != nil {
		return err
	}
	var rest []change
	for _, c := range m.todo {
		if path.Dir(c.name) != name && (c.from == "" || path.Dir(c.from) != name) {
			rest = append(rest, c)
			continue
		}
		m.keep(c)
		rest = slices.DeleteFunc(rest, func(old change) bool { return old.name == c.from })
	}
	m.todo = rest
	return nil
}

// Close implements FS. The disk can be used on, as by the next program.
func (m *Memory) Close() error { return nil }
