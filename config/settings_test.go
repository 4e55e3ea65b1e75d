package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestSettingsBesideTheConfiguration(t *testing.T) {
	if got, want := SettingsPath(filepath.Join("etc", "server.config.yaml")), filepath.Join("etc", "goshawk.yaml"); got != want {
		t.Errorf("SettingsPath = %s, want %s", got, want)
	}
	if got := SettingsPath("server.config.yaml"); got != "goshawk.yaml" {
		t.Errorf("SettingsPath = %s, want goshawk.yaml", got)
	}
}

func TestSettingsWithoutAFileAreTheDefaults(t *testing.T) {
	want := &Settings{Store: StoreSettings{Driver: "sqlite"}, Agent: AgentSettings{MemoryBufferBytes: 52428800}}
	for name, path := range map[string]string{
		"missing":  filepath.Join(t.TempDir(), "goshawk.yaml"),
		"empty":    writeTemp(t, "a", ""),
		"comment":  writeTemp(t, "b", "# none yet\n"),
		"sections": writeTemp(t, "c", "store:\nfrontend: {}\nagent:\n"),
	} {
		if got, err := LoadSettings(path); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, want)
		}
	}
}

func TestAllSettings(t *testing.T) {
	path := writeTemp(t, "goshawk.yaml", `store:
  driver: sqlite
frontend:
  trusted_proxies: [10.1.2.3/8, "::1", 192.0.2.1]
  max_in_process: 64
  body_budget_bytes: 268435456
agent:
  memory_buffer_bytes: 1000
`)
	want := &Settings{
		Store: StoreSettings{Driver: "sqlite"},
		Frontend: FrontendSettings{
			TrustedProxies:  []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("192.0.2.1/32")},
			MaxInProcess:    64,
			BodyBudgetBytes: 268435456,
		},
		Agent: AgentSettings{MemoryBufferBytes: 1000},
	}
	if got, err := LoadSettings(path); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestSettingsRefuse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"stroe: {}\n", "1:1: stroe: unknown key; did you mean store?"},
		{"frontend:\n  trusted_proxy: []\n", "2:3: frontend.trusted_proxy: unknown key; did you mean trusted_proxies?"},
		{"store:\n  driver: postgres\n", `2:11: store.driver: must be one of sqlite, not "postgres"`},
		{"frontend:\n  trusted_proxies:\n  - 10.0.0.0/8\n  - proxy.example\n", `4:5: frontend.trusted_proxies[1]: must be a network such as 10.0.0.0/8 or an address, not "proxy.example"`},
		{"frontend:\n  max_in_process: -1\n", "2:19: frontend.max_in_process: must be a whole number from 0 within uint32, not -1"},
		{"frontend:\n  max_in_process: many\n", "2:19: frontend.max_in_process: must be a whole number, not text"},
		{"agent:\n  memory_buffer_bytes: -1\n", "2:24: agent.memory_buffer_bytes: must not be negative"},
		{"frontend:\n  body_budget_bytes: -5\n", "2:22: frontend.body_budget_bytes: must not be negative"},
		{"- a\n", "1:1: must be a mapping (key: value), not a list"},
	} {
		path := writeTemp(t, "goshawk.yaml", c.text)
		if _, err := LoadSettings(path); err == nil || err.Error() != path+":"+c.want {
			t.Errorf("%q:\n got %v\nwant %s:%s", c.text, err, path, c.want)
		}
	}
	if _, err := LoadSettings(t.TempDir()); err == nil || os.IsNotExist(err) {
		t.Errorf("a folder was read as settings: %v", err)
	}
}

func TestAgentFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "goshawk.yaml")
	for text, want := range map[string]int64{"": 0, "agent:\n  memory_buffer_bytes: 1000\n": 1000} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := LoadSettings(path)
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.AgentFile()
		if err != nil || (want == 0) != (len(out) == 0) {
			t.Errorf("AgentFile of %q = %q, %v", text, out, err)
		}
		if want == 0 {
			continue
		}
		if err := os.WriteFile(path, out, 0o600); err != nil {
			t.Fatal(err)
		}
		if again, err := LoadSettings(path); err != nil || again.Agent.MemoryBufferBytes != want {
			t.Errorf("what AgentFile wrote loads as %+v, %v", again, err)
		}
	}
}
