package config

import (
	"cmp"
	_ "embed"
	"errors"
	"io/fs"
	"net/netip"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

//go:embed settings.txt
var settingsSchema string

const (
	rootSettings        = "Settings"
	settingsName        = "goshawk.yaml"
	defaultMemoryBuffer = 50 << 20 // what stock clients keep in memory
)

// Settings are ours alone: what no stock file has a key for. Every key is
// optional. A file with all of them:
//
//	store:
//	  driver: sqlite
//	frontend:
//	  trusted_proxies: [10.0.0.0/8, "::1"]
//	  max_in_process: 64
//	  body_budget_bytes: 268435456
//	agent:
//	  memory_buffer_bytes: 52428800
type Settings struct {
	Store    StoreSettings    `yaml:"store"`
	Frontend FrontendSettings `yaml:"frontend"`
	Agent    AgentSettings    `yaml:"agent"`
}

// StoreSettings choose where a server keeps what it knows.
type StoreSettings struct {
	Driver string `yaml:"driver"` // sqlite
}

// FrontendSettings bound what a frontend takes on. Zero is the frontend's own
// default.
type FrontendSettings struct {
	TrustedProxies  []netip.Prefix `yaml:"-"`                 // whose word counts for a client's address
	MaxInProcess    int            `yaml:"max_in_process"`    // packets processed at once
	BodyBudgetBytes int64          `yaml:"body_budget_bytes"` // of request bodies held in memory
}

// AgentSettings are those of an agent.
type AgentSettings struct {
	MemoryBufferBytes int64 `yaml:"memory_buffer_bytes"` // results held in memory
}

// SettingsPath returns where the settings of a configuration are if nobody says
// otherwise: goshawk.yaml beside it.
func SettingsPath(configPath string) string {
	return filepath.Join(filepath.Dir(configPath), settingsName)
}

// LoadSettings reads a file of settings. A file that is missing or empty gives
// the defaults; whoever was told its name may want to look for it first.
func LoadSettings(path string) (*Settings, error) {
	d, err := readDocument(path)
	if errors.Is(err, fs.ErrNotExist) {
		d, err = &document{file: path}, nil
	}
	if err != nil {
		return nil, err
	}
	s := &Settings{}
	if err := s.read(d); err != nil {
		return nil, err
	}
	s.Store.Driver = cmp.Or(s.Store.Driver, "sqlite")
	s.Agent.MemoryBufferBytes = cmp.Or(s.Agent.MemoryBufferBytes, defaultMemoryBuffer)
	return s, nil
}

// AgentFile returns the part of the settings that agents need, to stand beside
// their configuration; it is empty if they need none.
func (s *Settings) AgentFile() ([]byte, error) {
	if s.Agent.MemoryBufferBytes == defaultMemoryBuffer {
		return nil, nil
	}
	return yaml.Marshal(map[string]AgentSettings{"agent": s.Agent})
}

func (s *Settings) read(d *document) error {
	if d.node == nil {
		return nil
	}
	root := d.root()
	if err := check(root, settingsSchema, rootSettings); err != nil {
		return err
	}
	if err := d.node.Decode(s); err != nil {
		return root.fault("%v", err)
	}
	for _, p := range root.at("frontend.trusted_proxies").items() {
		network, err := parseNetwork(p.text())
		if err != nil {
			return p.fault("must be a network such as 10.0.0.0/8 or an address, not %q", clip(p.text()))
		}
		s.Frontend.TrustedProxies = append(s.Frontend.TrustedProxies, network)
	}
	return cmp.Or(
		oneOf(root.at("store.driver"), "sqlite"),
		notNegative(root.at("frontend.body_budget_bytes"), s.Frontend.BodyBudgetBytes),
		notNegative(root.at("agent.memory_buffer_bytes"), s.Agent.MemoryBufferBytes),
	)
}

// parseNetwork reads a network, or an address as the network of it alone.
func parseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	n, err := netip.ParsePrefix(s)
	return n.Masked(), err
}

func notNegative(p place, n int64) error {
	if n < 0 {
		return p.fault("must not be negative")
	}
	return nil
}
