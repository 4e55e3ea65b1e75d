package host

import (
	"os"
	"strings"
)

// virtualization names what the system runs in, or offers, and its role in it:
// guest or host. Both are empty on bare metal.
func virtualization(kernel string) (system, role string) {
	if c := container(); c != "" {
		return c, "guest"
	}
	if strings.Contains(strings.ToLower(kernel), "microsoft") {
		return "wsl", "guest"
	}
	if exists("/proc/xen") {
		if strings.Contains(content("/proc/xen/capabilities"), "control_d") {
			return "xen", "host"
		}
		return "xen", "guest"
	}
	if s := hypervisor(); s != "" {
		return s, "guest"
	}
	modules := content("/proc/modules")
	for _, m := range []struct{ module, system string }{{"kvm", "kvm"}, {"vboxdrv", "vbox"}, {"vmmon", "vmware"}} {
		if strings.HasPrefix(modules, m.module+" ") || strings.Contains(modules, "\n"+m.module+" ") {
			return m.system, "host"
		}
	}
	return "", ""
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// container names the kind of container that the system runs in, if any.
func container() string {
	switch {
	case exists("/.dockerenv"):
		return "docker"
	case exists("/run/.containerenv"):
		return "podman"
	case exists("/proc/vz") && !exists("/proc/bc"):
		return "openvz"
	}
	for v := range strings.SplitSeq(content("/proc/1/environ"), "\x00") {
		if kind, ok := strings.CutPrefix(v, "container="); ok && kind != "" {
			return kind
		}
	}
	if kind := content("/run/systemd/container"); kind != "" {
		return kind
	}
	groups := content("/proc/self/cgroup", "/proc/1/cgroup")
	for _, kind := range []string{"docker", "lxc", "kubepods", "libpod", "garden"} {
		if strings.Contains(groups, "/"+kind) {
			return kind
		}
	}
	return ""
}

// vendors are hypervisors by what they write into the firmware's tables.
var vendors = []struct{ text, system string }{
	{"QEMU", "kvm"}, {"KVM", "kvm"}, {"Bochs", "bochs"}, {"VMware", "vmware"}, {"VirtualBox", "vbox"}, {"innotek", "vbox"},
	{"Xen", "xen"}, {"Microsoft Corporation Virtual", "hyperv"}, {"Parallels", "parallels"}, {"BHYVE", "bhyve"},
	{"Amazon EC2", "kvm"}, {"Google Compute Engine", "kvm"}, {"OpenStack", "kvm"}, {"Firecracker", "firecracker"},
}

// hypervisor names the machine that the processor or the firmware says it is.
func hypervisor() string {
	table := content("/sys/class/dmi/id/sys_vendor") + " " + content("/sys/class/dmi/id/product_name") + " " +
		content("/sys/class/dmi/id/bios_vendor")
	for _, v := range vendors {
		if strings.Contains(table, v.text) {
			return v.system
		}
	}
	if strings.Contains(content("/proc/cpuinfo"), " hypervisor") {
		return "kvm" // by far the most likely of those that do not say
	}
	return ""
}
