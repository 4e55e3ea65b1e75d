package process

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"goshawk/row"
	"goshawk/vql"
)

var (
	columns = row.NewColumns("Pid", "Name", "Ppid", "CommandLine", "_Argv", "CreateTime", "Times", "Exe", "Cwd", "Uid",
		"Username", "MemoryInfo")
	timesColumns = row.NewColumns("user", "system")
	sizesColumns = row.NewColumns("rss", "vms", "swap")
)

// all emits all processes.
func all(ctx context.Context, out *vql.Out) error {
	pids, err := process.PidsWithContext(ctx)
	if err != nil {
		return err
	}
	slices.Sort(pids)
	e := newEmitter(out)
	for _, pid := range pids {
		if vals := look(ctx, pid); vals != nil {
			if err := e.add(vals); err != nil {
				return err
			}
		}
	}
	return e.flush()
}

// one emits a process.
func one(ctx context.Context, pid int64, out *vql.Out) error {
	if vals := look(ctx, int32(pid)); vals != nil {
		return out.Row(vals...)
	}
	return nil
}

// look returns the columns of a process, nil for one that is not there.
func look(ctx context.Context, pid int32) []row.Value {
	p, err := process.NewProcessWithContext(ctx, pid)
	if err != nil {
		return nil
	}
	name, _ := p.NameWithContext(ctx)
	ppid, _ := p.PpidWithContext(ctx)
	argv, _ := p.CmdlineSliceWithContext(ctx)
	exe, _ := p.ExeWithContext(ctx)
	cwd, _ := p.CwdWithContext(ctx)
	user, _ := p.UsernameWithContext(ctx)
	uid := row.Int(0)
	if ids, err := p.UidsWithContext(ctx); err == nil && len(ids) > 0 {
		uid = row.Int(int64(ids[0]))
	}
	return []row.Value{
		row.Int(int64(pid)), row.String(name), row.Int(int64(ppid)), row.String(strings.Join(argv, " ")), row.Strings(argv),
		created(ctx, p), times(ctx, p), row.String(exe), row.String(cwd), uid, row.String(user), sizes(ctx, p),
	}
}

func created(ctx context.Context, p *process.Process) row.Value {
	ms, err := p.CreateTimeWithContext(ctx)
	if err != nil {
		return row.Time(time.Time{})
	}
	return row.Time(time.UnixMilli(ms))
}

func times(ctx context.Context, p *process.Process) row.Value {
	t, err := p.TimesWithContext(ctx)
	if err != nil {
		return row.Null
	}
	return newRecord(timesColumns, row.Float(t.User), row.Float(t.System))
}

func sizes(ctx context.Context, p *process.Process) row.Value {
	m, err := p.MemoryInfoWithContext(ctx)
	if err != nil {
		return row.Null
	}
	return newRecord(sizesColumns, row.Uint(m.RSS), row.Uint(m.VMS), row.Uint(m.Swap))
}
