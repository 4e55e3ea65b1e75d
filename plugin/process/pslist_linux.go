package process

import (
	"context"
	"os"
	"slices"
	"strconv"

	"goshawk/row"
	"goshawk/vql"
)

var (
	columns      = row.NewColumns("Pid", "Name", "Ppid", "CommandLine", "CreateTime", "Times", "Exe", "Cwd", "Username", "MemoryInfo")
	hiddenShown  = row.NewColumns(append(slices.Clone(columns.Names()), "Hidden")...)
	timesColumns = row.NewColumns("cpu", "user", "system", "idle", "nice", "iowait", "irq", "softirq", "steal", "guest", "guestNice")
	sizesColumns = row.NewColumns("rss", "vms", "hwm", "data", "stack", "locked", "swap")
)

// all emits all processes.
func all(ctx context.Context, out *vql.Out) error {
	pids, err := listed()
	if err != nil {
		return err
	}
	r, e := newReader(), newEmitter(out)
	for _, pid := range pids {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		p, ok := r.read(pid)
		if !ok {
			continue
		}
		if err := e.add(r.row(p)); err != nil {
			return err
		}
	}
	return e.flush()
}

// listed returns the ids that /proc shows, in order.
func listed() ([]int64, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var pids []int64
	for _, n := range names {
		if pid, err := strconv.ParseInt(n, 10, 32); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids, nil
}

// one emits a process. One that answers without being listed is hidden, and
// has a column that says so.
func one(_ context.Context, pid int64, out *vql.Out) error {
	r := newReader()
	p, ok := r.read(pid)
	if !ok {
		return nil
	}
	cols, vals := columns, r.row(p)
	if pids, err := listed(); err == nil && !slices.Contains(pids, pid) {
		if _, ok = r.read(pid); !ok { // it ended between the two looks
			return nil
		}
		cols, vals = hiddenShown, append(vals, row.True)
	}
	b := row.NewBatch(cols, 1)
	b.Append(vals...)
	return out.Batch(b)
}
