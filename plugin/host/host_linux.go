package host

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// look reads files only: it starts no program and asks no server.
func look(_ context.Context, hostname string) *facts {
	f := &facts{admin: os.Geteuid() == 0, id: machineID(), fqdn: fqdn(hostname)}
	seconds, _, _ := strings.Cut(content("/proc/uptime"), ".")
	f.uptime, _ = strconv.ParseUint(seconds, 10, 64)
	for line := range strings.Lines(content("/proc/stat")) {
		if n, ok := strings.CutPrefix(line, "btime "); ok {
			f.boot, _ = strconv.ParseUint(strings.TrimSpace(n), 10, 64)
		}
	}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		f.kernel = unix.ByteSliceToString(name.Release[:])
	}
	f.setPlatform(assignments(content("/etc/os-release", "/usr/lib/os-release")))
	f.virtualization, f.role = virtualization(f.kernel)
	return f
}

// content returns the first of the files that can be read, without white space around it.
func content(names ...string) string {
	for _, n := range names {
		if b, err := os.ReadFile(n); err == nil {
			return string(bytes.TrimSpace(b))
		}
	}
	return ""
}

// assignments reads lines of NAME=value, where the value may be in quotes.
func assignments(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			value = value[1 : n-1]
		}
		out[name] = value
	}
	return out
}

// platforms are names that differ from the ID of os-release.
var platforms = map[string]string{"rhel": "redhat", "ol": "oracle", "amzn": "amazon", "sles": "suse", "archarm": "arch"}

// families are distributions by those that they derive from.
var families = map[string]string{
	"debian": "debian", "ubuntu": "debian", "linuxmint": "debian", "raspbian": "debian", "kali": "debian", "devuan": "debian",
	"pop": "debian", "neon": "debian", "deepin": "debian", "proxmox": "debian",
	"fedora": "fedora",
	"rhel":   "rhel", "centos": "rhel", "rocky": "rhel", "almalinux": "rhel", "ol": "rhel", "scientific": "rhel", "amzn": "rhel",
	"xenserver": "rhel", "cloudlinux": "rhel", "virtuozzo": "rhel",
	"suse": "suse", "sles": "suse", "sled": "suse", "opensuse": "suse", "opensuse-leap": "suse", "opensuse-tumbleweed": "suse",
	"arch": "arch", "archarm": "arch", "manjaro": "arch", "endeavouros": "arch",
	"alpine": "alpine", "gentoo": "gentoo", "slackware": "slackware", "coreos": "coreos", "solus": "solus", "nixos": "nixos",
}

var dottedNumber = regexp.MustCompile(`\d+(\.\d+)*`)

// setPlatform takes the distribution from os-release, and the version from the
// file in which some distributions tell more of it.
func (f *facts) setPlatform(release map[string]string) {
	id := strings.ToLower(release["ID"])
	f.platform, f.version = id, release["VERSION_ID"]
	if p, ok := platforms[id]; ok {
		f.platform = p
	}
	for _, name := range append([]string{id}, strings.Fields(release["ID_LIKE"])...) {
		if f.family == "" {
			f.family = families[name]
		}
	}
	exact := ""
	switch {
	case id == "debian":
		exact = content("/etc/debian_version")
	case f.family == "rhel":
		exact = content("/etc/redhat-release", "/etc/centos-release")
	case id == "alpine":
		exact = content("/etc/alpine-release")
	}
	if v := dottedNumber.FindString(exact); v != "" {
		f.version = v
	}
}

// machineID is the UUID of the machine's firmware, else of its installation,
// else of this start.
func machineID() string {
	if id := strings.ToLower(content("/sys/class/dmi/id/product_uuid")); len(id) == 36 {
		return id
	}
	if id := strings.ToLower(content("/etc/machine-id", "/var/lib/dbus/machine-id")); len(id) == 32 {
		return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
	}
	return strings.ToLower(content("/proc/sys/kernel/random/boot_id"))
}

// fqdn is the first name that /etc/hosts has on a line with the host's name.
// DNS is not asked: a query that tells where it runs must not wait for it.
func fqdn(hostname string) string {
	for line := range strings.Lines(content("/etc/hosts")) {
		line, _, _ = strings.Cut(line, "#")
		names := strings.Fields(line)
		for i := 1; i < len(names); i++ {
			if strings.EqualFold(names[i], hostname) && names[1] != "localhost" {
				return names[1]
			}
		}
	}
	return hostname
}
