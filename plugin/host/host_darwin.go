package host

import "os"

// isAdmin says whether the program runs as root.
func isAdmin() bool { return os.Geteuid() == 0 }

// fqdn is the host's name: the system gives it with its domain where there is one.
func fqdn(hostname string) string { return hostname }
