package host

import "golang.org/x/sys/windows"

// isAdmin says whether the program runs with an administrator's rights.
func isAdmin() bool { return windows.GetCurrentProcessToken().IsElevated() }

// fqdn is the name that the system knows itself by in DNS.
func fqdn(hostname string) string {
	buf := make([]uint16, 512)
	n := uint32(len(buf))
	if windows.GetComputerNameEx(windows.ComputerNameDnsFullyQualified, &buf[0], &n) != nil || n == 0 {
		return hostname
	}
	return windows.UTF16ToString(buf[:n])
}
