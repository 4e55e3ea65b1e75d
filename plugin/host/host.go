// Package host is the part of the vocabulary about the machine itself.
package host

import (
	"context"
	"os"
	"runtime"
	"sync"
	"time"

	"goshawk/row"
	"goshawk/vql"
)

// Options of Plugins and Functions.
type Options struct {
	Start time.Time // of this program; zero: when the list was made
}

// Plugins lists the plugins of this package.
func Plugins(o Options) []vql.Plugin { return []vql.Plugin{infoPlugin(o.start())} }

// Functions lists the functions of this package.
func Functions(o Options) []vql.Function { return []vql.Function{infoFunction(o.start())} }

func (o Options) start() time.Time {
	if o.Start.IsZero() {
		return time.Now()
	}
	return o.Start
}

type infoArgs struct{}

var columns = row.NewColumns("Hostname", "Uptime", "BootTime", "OS", "Platform", "PlatformFamily", "PlatformVersion",
	"KernelVersion", "VirtualizationSystem", "VirtualizationRole", "CompilerVersion", "HostID", "Exe", "CWD", "IsAdmin",
	"ClientStart", "LocalTZ", "LocalTZOffset", "Fqdn", "Architecture")

func infoPlugin(start time.Time) vql.Plugin {
	return vql.NewPlugin(vql.Spec{
		Name: "info", Doc: "one row of facts about the host", Columns: columns.Names(),
	}, func(ctx context.Context, c *vql.Call, _ *infoArgs, out *vql.Out) error {
		return out.Row(values(ctx, c, start)...)
	})
}

func infoFunction(start time.Time) vql.Function {
	return vql.NewFunction(vql.Spec{
		Name: "info", Doc: "facts about the host, as a dict",
	}, func(ctx context.Context, c *vql.Call, _ *infoArgs) (row.Value, error) {
		return row.FromDict(row.NewDict(columns, values(ctx, c, start))), nil
	})
}

// facts is what differs between systems in how it is found out. What cannot be
// found out is empty or zero.
type facts struct {
	uptime, boot              uint64 // seconds, and second since 1970
	platform, family, version string
	kernel                    string
	virtualization, role      string
	id                        string // of the machine
	fqdn                      string
	admin                     bool
}

// stateKey finds the memo of a session, in which facts are looked for once.
type stateKey struct{}

type memo struct {
	once  sync.Once
	facts *facts
}

func values(ctx context.Context, c *vql.Call, start time.Time) []row.Value {
	hostname, _ := os.Hostname()
	m := c.State(stateKey{}, func() any { return &memo{} }).(*memo)
	m.once.Do(func() { m.facts = look(ctx, hostname) })
	f := m.facts
	exe, _ := os.Executable()
	cwd, _ := os.Getwd()
	zone, offset := c.Now().Zone()
	return []row.Value{
		row.String(hostname), row.Uint(f.uptime), row.Uint(f.boot), row.String(runtime.GOOS), row.String(f.platform),
		row.String(f.family), row.String(f.version), row.String(f.kernel), row.String(f.virtualization), row.String(f.role),
		row.String(runtime.Version()), row.String(f.id), row.String(exe), row.String(cwd), row.Bool(f.admin),
		row.Time(start), row.String(zone), row.Int(int64(offset)), row.String(f.fqdn), row.String(runtime.GOARCH),
	}
}
