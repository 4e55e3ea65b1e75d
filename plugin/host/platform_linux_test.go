package host

import "testing"

func TestPlatforms(t *testing.T) {
	for _, c := range []struct{ release, platform, family, version string }{
		{"ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n", "ubuntu", "debian", "24.04"},
		{"ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\nVERSION_ID='15.6'\n", "opensuse-leap", "suse", "15.6"},
		{"ID=something\nID_LIKE=\"nothing arch\"\n# VERSION_ID=1\n", "something", "arch", ""},
		{"", "", "", ""},
		{"ID=\"\nID='x", "'x", "", ""},
	} {
		f := &facts{}
		f.setPlatform(assignments(c.release))
		if f.platform != c.platform || f.family != c.family || f.version != c.version {
			t.Errorf("%q: %s, %s, %s, want %s, %s, %s", c.release, f.platform, f.family, f.version, c.platform, c.family, c.version)
		}
	}
}
