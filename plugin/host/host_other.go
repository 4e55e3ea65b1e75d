//go:build !linux

package host

import (
	"context"
	"strings"

	"github.com/shirou/gopsutil/v4/host"
)

func look(ctx context.Context, hostname string) *facts {
	f := &facts{admin: isAdmin(), fqdn: fqdn(hostname)}
	i, err := host.InfoWithContext(ctx)
	if err != nil {
		return f
	}
	f.uptime, f.boot = i.Uptime, i.BootTime
	f.platform, f.family, f.version, f.kernel = i.Platform, i.PlatformFamily, i.PlatformVersion, i.KernelVersion
	f.virtualization, f.role, f.id = i.VirtualizationSystem, i.VirtualizationRole, strings.ToLower(i.HostID)
	return f
}
