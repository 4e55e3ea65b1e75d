package host_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	b, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Skipf("%s: %v", name, err)
	}
	return strings.TrimSpace(string(b))
}

func TestAgreesWithUname(t *testing.T) {
	d := query(t, "SELECT * FROM info()")[0]
	if got, want := text(d, "KernelVersion"), tool(t, "uname", "-r"); got != want {
		t.Errorf("KernelVersion = %s, want %s", got, want)
	}
	if got, want := text(d, "Hostname"), tool(t, "uname", "-n"); got != want {
		t.Errorf("Hostname = %s, want %s", got, want)
	}
	arch := map[string]string{"x86_64": "amd64", "aarch64": "arm64"}
	if want := arch[tool(t, "uname", "-m")]; want != "" && text(d, "Architecture") != want {
		t.Errorf("Architecture = %s, want %s", text(d, "Architecture"), want)
	}
}

func TestAgreesWithHostname(t *testing.T) {
	if got, want := text(query(t, "SELECT * FROM info()")[0], "Fqdn"), tool(t, "hostname", "-f"); got != want {
		t.Errorf("Fqdn = %s, want %s", got, want)
	}
}

func TestAgreesWithOSRelease(t *testing.T) {
	d := query(t, "SELECT * FROM info()")[0]
	f := strings.Split(tool(t, "sh", "-c", `. /etc/os-release; echo "$ID|$VERSION_ID"`), "|")
	if id := text(d, "Platform"); f[0] != "rhel" && f[0] != "ol" && f[0] != "amzn" && f[0] != "sles" && id != f[0] {
		t.Errorf("Platform = %s, want %s", id, f[0])
	}
	if got := text(d, "PlatformVersion"); !strings.HasPrefix(got, f[1]) {
		t.Errorf("PlatformVersion = %s, want %s or longer", got, f[1])
	}
}

func TestUptimeAndBootTime(t *testing.T) {
	d := query(t, "SELECT * FROM info()")[0]
	up, _ := strconv.ParseFloat(strings.Fields(tool(t, "cat", "/proc/uptime"))[0], 64)
	v, _ := d.Get("Uptime")
	if got := float64(v.Int()); got < up-5 || got > up+1 {
		t.Errorf("Uptime = %v, want about %v", got, up)
	}
	boot, err := strconv.ParseInt(tool(t, "date", "-d", tool(t, "uptime", "-s"), "+%s"), 10, 64)
	check(t, err)
	v, _ = d.Get("BootTime")
	if got := v.Int(); got < boot-2 || got > boot+2 {
		t.Errorf("BootTime = %d, want about %d", got, boot)
	}
}

func TestAgreesWithDate(t *testing.T) {
	d := query(t, "SELECT * FROM info()")[0]
	if os.Getenv("TZ") == "" {
		if got, want := text(d, "LocalTZ"), tool(t, "date", "+%Z"); got != want {
			t.Errorf("LocalTZ = %s, want %s", got, want)
		}
	}
	if got, want := text(d, "IsAdmin"), strconv.FormatBool(tool(t, "id", "-u") == "0"); got != want {
		t.Errorf("IsAdmin = %s, want %s", got, want)
	}
}
