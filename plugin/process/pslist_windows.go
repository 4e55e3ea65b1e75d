package process

import (
	"context"
	"errors"
	"sort"
	"time"
	"unsafe"

	gops "github.com/shirou/gopsutil/v4/process"
	"golang.org/x/sys/windows"

	"goshawk/row"
	"goshawk/vql"
)

var columns = row.NewColumns("Pid", "Ppid", "Name", "Threads", "Username", "OwnerSid", "CommandLine", "Exe",
	"TokenIsElevated", "CreateTime", "User", "System", "IoCounters", "Memory", "PebBaseAddress", "IsWow64")

// all emits all processes but the idle one.
func all(ctx context.Context, out *vql.Out) error {
	entries, err := snapshot()
	if err != nil {
		return err
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].ProcessID < entries[j].ProcessID })
	e := newEmitter(out)
	for i := range entries {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if entries[i].ProcessID == 0 {
			continue
		}
		if err := e.add(look(&entries[i])); err != nil {
			return err
		}
	}
	return e.flush()
}

// one emits a process.
func one(_ context.Context, pid int64, out *vql.Out) error {
	entries, err := snapshot()
	if err != nil {
		return err
	}
	for i := range entries {
		if int64(entries[i].ProcessID) == pid {
			return out.Row(look(&entries[i])...)
		}
	}
	return nil
}

func snapshot() (out []windows.ProcessEntry32, err error) {
	h, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return nil, err
	}
	defer windows.CloseHandle(h)
	e := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(h, &e); err == nil; err = windows.Process32Next(h, &e) {
		out = append(out, e)
	}
	if errors.Is(err, windows.ERROR_NO_MORE_FILES) {
		err = nil
	}
	return out, err
}

// look returns the columns of a process. One that cannot be opened has the first few only.
func look(e *windows.ProcessEntry32) []row.Value {
	p := process{
		username: row.String(""), sid: row.String(""), commandLine: row.String(""), exe: row.String(""),
		elevated: row.False, created: row.Time(time.Time{}), user: row.Float(0), system: row.Float(0), wow64: row.False,
	}
	if h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, e.ProcessID); err == nil {
		p.read(h, e.ProcessID)
		windows.CloseHandle(h)
	}
	return []row.Value{
		row.Int(int64(e.ProcessID)), row.Int(int64(e.ParentProcessID)), row.String(windows.UTF16ToString(e.ExeFile[:])),
		row.Int(int64(e.Threads)), p.username, p.sid, p.commandLine, p.exe, p.elevated, p.created, p.user, p.system,
		p.io, p.memory, p.peb, p.wow64,
	}
}

// process is what an open process tells.
type process struct {
	username, sid, commandLine, exe, elevated row.Value
	created, user, system                     row.Value
	io, memory, peb, wow64                    row.Value
}

func (p *process) read(h windows.Handle, pid uint32) {
	p.readToken(h)
	p.readTimes(h)
	p.io, p.memory = ioCounters(h), memoryCounters(h)
	p.commandLine = row.String(commandLine(h, pid))
	buf := make([]uint16, windows.MAX_LONG_PATH)
	n := uint32(len(buf))
	if windows.QueryFullProcessImageName(h, 0, &buf[0], &n) == nil {
		p.exe = row.String(windows.UTF16ToString(buf[:n]))
	}
	var basic windows.PROCESS_BASIC_INFORMATION
	if query(h, windows.ProcessBasicInformation, unsafe.Pointer(&basic), unsafe.Sizeof(basic)) == nil {
		p.peb = row.Uint(uint64(uintptr(unsafe.Pointer(basic.PebBaseAddress))))
	}
	var wow64 bool
	if windows.IsWow64Process(h, &wow64) == nil {
		p.wow64 = row.Bool(wow64)
	}
}

func query(h windows.Handle, class int32, to unsafe.Pointer, size uintptr) error {
	var n uint32
	return windows.NtQueryInformationProcess(h, class, to, uint32(size), &n)
}

func (p *process) readToken(h windows.Handle) {
	var t windows.Token
	if windows.OpenProcessToken(h, windows.TOKEN_QUERY, &t) != nil {
		return
	}
	defer t.Close()
	p.elevated = row.Bool(t.IsElevated())
	u, err := t.GetTokenUser()
	if err != nil {
		return
	}
	p.sid = row.String(u.User.Sid.String())
	if name, domain, _, err := u.User.Sid.LookupAccount(""); err == nil {
		p.username = row.String(domain + `\` + name)
	}
}

func (p *process) readTimes(h windows.Handle) {
	var created, exited, system, user windows.Filetime
	if windows.GetProcessTimes(h, &created, &exited, &system, &user) != nil {
		return
	}
	p.created = row.Time(time.Unix(0, created.Nanoseconds()))
	p.user, p.system = row.Float(seconds(user)), row.Float(seconds(system))
}

// seconds reads a duration, which counts in 100 ns.
func seconds(f windows.Filetime) float64 {
	return float64(uint64(f.HighDateTime)<<32|uint64(f.LowDateTime)) / 1e7
}

// commandLine asks for the text, which the system writes behind its header.
// Systems that do not answer leave it in the process's own memory.
func commandLine(h windows.Handle, pid uint32) string {
	var size uint32
	windows.NtQueryInformationProcess(h, windows.ProcessCommandLineInformation, nil, 0, &size)
	if size >= uint32(unsafe.Sizeof(windows.NTUnicodeString{})) && size <= 1<<20 {
		buf := make([]uint64, (size+7)/8) // of uint64, so that the header is aligned
		if query(h, windows.ProcessCommandLineInformation, unsafe.Pointer(&buf[0]), uintptr(size)) == nil {
			return (*windows.NTUnicodeString)(unsafe.Pointer(&buf[0])).String()
		}
	}
	p, err := gops.NewProcess(int32(pid))
	if err != nil {
		return ""
	}
	line, _ := p.Cmdline()
	return line
}
