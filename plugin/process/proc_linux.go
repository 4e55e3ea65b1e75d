package process

import (
	"bytes"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"goshawk/row"
)

const (
	// ticks is USER_HZ, the unit of times in /proc: 100 on every architecture that Go knows.
	ticks = 100
	// commLimit is the length at which the kernel cuts a process's name.
	commLimit = 15
	// maxArguments bounds what is read of a command line.
	maxArguments = 4 << 20
)

// process is what /proc says of one.
type process struct {
	pid, ppid            int64
	comm                 string
	argv                 []byte // each argument followed by a zero byte
	user, system, iowait float64
	start                int64 // ticks since the machine started
	uid                  uint64
	rss, vms, swap       int64 // bytes
	exe, cwd             string
}

// reader reads processes one after another.
type reader struct {
	boot  int64 // second at which the machine started
	users map[uint64]string
	buf   []byte
}

func newReader() *reader {
	return &reader{boot: bootTime(), users: users(), buf: make([]byte, 8<<10)}
}

// bootTime reads the line btime of /proc/stat.
func bootTime() int64 {
	b, _ := os.ReadFile("/proc/stat")
	n, _ := strconv.ParseInt(field(b, "btime "), 10, 64)
	return n
}

// users returns the names in /etc/passwd by their numbers, the first of each.
func users() map[uint64]string {
	out := map[uint64]string{}
	b, _ := os.ReadFile("/etc/passwd")
	for line := range strings.Lines(string(b)) {
		parts := strings.SplitN(line, ":", 4)
		if len(parts) < 4 {
			continue
		}
		uid, err := strconv.ParseUint(parts[2], 10, 32)
		if _, known := out[uid]; err == nil && !known {
			out[uid] = parts[0]
		}
	}
	return out
}

// read looks at a process through its open folder, so that all files are of the
// same process even if its number is given away again. ok is false for one
// that has ended, and for a number that is a thread's.
func (r *reader) read(pid int64) (p *process, ok bool) {
	fd, err := unix.Open("/proc/"+strconv.FormatInt(pid, 10), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, false
	}
	defer unix.Close(fd)
	p = &process{pid: pid}
	stat, ok := r.file(fd, "stat")
	if !ok || !p.parseStat(stat) {
		return nil, false
	}
	status, ok := r.file(fd, "status")
	if !ok || !p.parseStatus(status) {
		return nil, false
	}
	argv, ok := r.file(fd, "cmdline")
	if !ok {
		return nil, false
	}
	p.argv = bytes.Clone(argv)
	p.exe, p.cwd = link(fd, "exe"), link(fd, "cwd")
	return p, true
}

// file reads a file of the folder; the bytes are good until the next call.
func (r *reader) file(folder int, name string) ([]byte, bool) {
	fd, err := unix.Openat(folder, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err == unix.EACCES || err == unix.EPERM
	}
	defer unix.Close(fd)
	n := 0
	for n < maxArguments {
		if n == len(r.buf) {
			r.buf = append(r.buf, make([]byte, n)...)
		}
		got, err := unix.Read(fd, r.buf[n:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err != unix.ESRCH
		}
		if got == 0 {
			break
		}
		n += got
	}
	return r.buf[:n], true
}

func link(folder int, name string) string {
	var buf [unix.PathMax]byte
	n, err := unix.Readlinkat(folder, name, buf[:])
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

// parseStat reads the line of /proc/PID/stat: the name stands in parentheses
// and may hold any byte, the numbers after it are counted from 3 in proc(5).
func (p *process) parseStat(b []byte) bool {
	from, to := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if from < 0 || to < from {
		return false
	}
	p.comm = string(b[from+1 : to])
	f := strings.Fields(string(b[to+1:]))
	number := func(i int) int64 {
		if i-3 >= len(f) {
			return 0
		}
		n, _ := strconv.ParseInt(f[i-3], 10, 64)
		return n
	}
	p.ppid, p.start = number(4), number(22)
	p.user, p.system, p.iowait = float64(number(14))/ticks, float64(number(15))/ticks, float64(number(42))/ticks
	return true
}

// parseStatus reads the lines of /proc/PID/status.
func (p *process) parseStatus(b []byte) bool {
	kib := func(key string) int64 {
		n, _ := strconv.ParseInt(field(b, key), 10, 64)
		return n << 10
	}
	p.rss, p.vms, p.swap = kib("VmRSS:"), kib("VmSize:"), kib("VmSwap:")
	p.uid, _ = strconv.ParseUint(field(b, "Uid:"), 10, 32)
	return field(b, "Tgid:") == strconv.FormatInt(p.pid, 10)
}

// field returns the first word after a key that begins a line.
func field(b []byte, key string) string {
	for line := range bytes.Lines(b) {
		if rest, ok := bytes.CutPrefix(line, []byte(key)); ok {
			if words := bytes.Fields(rest); len(words) > 0 {
				return string(words[0])
			}
			return ""
		}
	}
	return ""
}

// name is the process's name. One that the kernel has cut is taken from the
// first argument, if it goes on like it.
func (p *process) name() string {
	if len(p.comm) < commLimit {
		return p.comm
	}
	first, _, _ := bytes.Cut(p.argv, []byte{0})
	if base := path.Base(string(first)); strings.HasPrefix(base, p.comm) {
		return base
	}
	return p.comm
}

// commandLine is the arguments with blanks between them.
func (p *process) commandLine() string {
	return string(bytes.ReplaceAll(bytes.TrimRight(p.argv, "\x00"), []byte{0}, []byte{' '}))
}

func (r *reader) row(p *process) []row.Value {
	none, zero := row.Float(0), row.Int(0)
	return []row.Value{
		row.Int(p.pid), row.String(p.name()), row.Int(p.ppid), row.String(p.commandLine()),
		row.String(time.Unix(r.boot+p.start/ticks, 0).Format(time.RFC3339)),
		newRecord(timesColumns, row.String("cpu"), row.Float(p.user), row.Float(p.system), none, none,
			row.Float(p.iowait), none, none, none, none, none),
		row.String(p.exe), row.String(p.cwd), row.String(r.users[p.uid]),
		newRecord(sizesColumns, row.Int(p.rss), row.Int(p.vms), zero, zero, zero, zero, row.Int(p.swap)),
	}
}
