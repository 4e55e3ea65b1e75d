package config

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"goshawk/internal/pki"
)

// Seconds is a time as the files give it.
type Seconds uint64

// Duration returns the time, or the longest there is if it is longer.
func (s Seconds) Duration() time.Duration {
	if s > math.MaxInt64/Seconds(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(s) * time.Second
}

// Client is the section that a client reads, which a server's file holds too.
type Client struct {
	ServerURLs           []string          `yaml:"server_urls"`    // each ends in "/"
	CACertificate        string            `yaml:"ca_certificate"` // PEM, one or more
	Nonce                string            `yaml:"nonce"`          // of the org; compared as it stands
	PinnedServerName     string            `yaml:"pinned_server_name"`
	UseSelfSignedSSL     bool              `yaml:"use_self_signed_ssl"`
	Labels               []string          `yaml:"labels"`
	AdditionalEvents     []string          `yaml:"additional_event_artifacts"`
	FallbackAddresses    map[string]string `yaml:"fallback_addresses"` // host:port to host:port
	Proxy                string            `yaml:"proxy"`
	ProxyConfig          ProxyConfig       `yaml:"proxy_config"`
	Crypto               Crypto            `yaml:"Crypto"`
	WritebackLinux       string            `yaml:"writeback_linux"`
	WritebackDarwin      string            `yaml:"writeback_darwin"`
	WritebackWindows     string            `yaml:"writeback_windows"`
	WritebackSuffix      string            `yaml:"level2_writeback_suffix"`
	TempdirLinux         string            `yaml:"tempdir_linux"`
	TempdirDarwin        string            `yaml:"tempdir_darwin"`
	TempdirWindows       string            `yaml:"tempdir_windows"`
	LocalBuffer          LocalBuffer       `yaml:"local_buffer"`
	MaxUploadSize        uint64            `yaml:"max_upload_size"` // bytes of one POST
	DisableCompression   bool              `yaml:"disable_compression"`
	PreventExecve        bool              `yaml:"prevent_execve"`
	MaxMemoryHardLimit   uint64            `yaml:"max_memory_hard_limit"` // bytes, 0 for none
	Concurrency          uint64            `yaml:"concurrency"`           // flows at once
	MinPoll              Seconds           `yaml:"min_poll"`              // 0: 1 s between readers, 100 ms between posts
	MaxPoll              Seconds           `yaml:"max_poll"`
	MaxPollStd           Seconds           `yaml:"max_poll_std"`
	ConnectionTimeout    Seconds           `yaml:"connection_timeout"`
	NannyDelay           Seconds           `yaml:"nanny_max_connection_delay"` // 0 switches the nanny off
	FlowStatsUpdate      Seconds           `yaml:"default_server_flow_stats_update"`
	DefaultMaxWait       Seconds           `yaml:"default_max_wait"`
	WSPingWait           Seconds           `yaml:"ws_ping_wait_sec"`
	ClientInfoUpdateTime int64             `yaml:"client_info_update_time"` // seconds, -1 for never
}

// Crypto is what a client trusts besides the deployment's CA, and shows of itself.
type Crypto struct {
	RootCerts                   string   `yaml:"root_certs"`
	Thumbprints                 []string `yaml:"certificate_thumbprints"`
	VerificationMode            string   `yaml:"certificate_verification_mode"`
	AllowWeakTLSServer          bool     `yaml:"allow_weak_tls_server"`
	ClientCertificate           string   `yaml:"client_certificate"`
	ClientCertificatePrivateKey string   `yaml:"client_certificate_private_key"`
}

// ProxyConfig says which proxy leads where.
type ProxyConfig struct {
	HTTP              string            `yaml:"http"`
	HTTPS             string            `yaml:"https"`
	URLRegexp         map[string]string `yaml:"proxy_url_regexp"`
	PAC               string            `yaml:"pac"`
	IgnoreEnvironment bool              `yaml:"ignore_environment"`
}

// LocalBuffer bounds what a client keeps until the server has it.
type LocalBuffer struct {
	MemorySize      uint64 `yaml:"memory_size"` // bytes
	DiskSize        uint64 `yaml:"disk_size"`   // bytes; 0: memory alone
	FilenameLinux   string `yaml:"filename_linux"`
	FilenameDarwin  string `yaml:"filename_darwin"`
	FilenameWindows string `yaml:"filename_windows"`
}

// LoadClient reads a client's configuration. A server's file will do.
func LoadClient(path string) (*Client, error) {
	d, err := readDocument(path)
	if err != nil {
		return nil, err
	}
	var f struct {
		Client Client `yaml:"Client"`
	}
	if err := d.decode(rootConfig, checkClient, &f); err != nil {
		return nil, err
	}
	f.Client.fill()
	return &f.Client, nil
}

// decode checks a file against the schema and the rules, and fills a struct.
func (d *document) decode(root string, rules func(place) error, into any) error {
	if err := d.need(); err != nil {
		return err
	}
	if err := check(d.root(), stockSchema, root); err != nil {
		return err
	}
	if err := rules(d.root()); err != nil {
		return err
	}
	if err := d.node.Decode(into); err != nil {
		return d.root().fault("%v", err)
	}
	return nil
}

// fill puts defaults where the file has nothing.
func (c *Client) fill() {
	c.WritebackSuffix = cmp.Or(c.WritebackSuffix, ".bak")
	c.MaxUploadSize = cmp.Or(c.MaxUploadSize, 5<<20)
	c.LocalBuffer.MemorySize = cmp.Or(c.LocalBuffer.MemorySize, 50<<20)
	c.Concurrency = cmp.Or(c.Concurrency, 2)
	c.MaxPoll = cmp.Or(c.MaxPoll, 60)
	c.MaxPollStd = cmp.Or(c.MaxPollStd, 30)
	c.ConnectionTimeout = cmp.Or(c.ConnectionTimeout, 300)
	c.FlowStatsUpdate = cmp.Or(c.FlowStatsUpdate, 5)
	c.WSPingWait = cmp.Or(c.WSPingWait, 60)
	c.ClientInfoUpdateTime = cmp.Or(c.ClientInfoUpdateTime, 86400)
}

// PinnedName returns the name that the server's certificate must have.
func (c *Client) PinnedName() string { return cmp.Or(c.PinnedServerName, pki.ServerName) }

// WritebackPath returns where a client on an operating system (of GOOS) keeps
// its state, with variables such as $ProgramFiles and $NONCE replaced.
func (c *Client) WritebackPath(goos string, getenv func(string) string) (string, error) {
	path := pick(goos, c.WritebackLinux, c.WritebackDarwin, c.WritebackWindows)
	switch {
	case path == "":
		return "", fmt.Errorf("key Client.writeback_%s is missing", goos)
	case strings.HasPrefix(path, `HKLM\`):
		return "", fmt.Errorf("key Client.writeback_%s: the registry (%s) cannot hold the state; name a file", goos, path)
	}
	return c.expandPath(path, getenv)
}

// BufferPath returns the name that the configuration gives the buffer on disk,
// like WritebackPath, or nothing if there is to be none.
func (c *Client) BufferPath(goos string, getenv func(string) string) (string, error) {
	b := c.LocalBuffer
	if b.DiskSize == 0 {
		return "", nil
	}
	return c.expandPath(pick(goos, b.FilenameLinux, b.FilenameDarwin, b.FilenameWindows), getenv)
}

func pick(goos, linux, darwin, windows string) string {
	switch goos {
	case "windows":
		return windows
	case "darwin":
		return darwin
	}
	return linux
}

func (c *Client) expandPath(path string, getenv func(string) string) (out string, err error) {
	nonce := sanitise(c.Nonce)
	named := strings.NewReplacer("%NONCE%", nonce, "$NONCE", nonce).Replace(path)
	out = os.Expand(named, func(name string) string {
		value := getenv(name)
		if value == "" && err == nil {
			err = fmt.Errorf("%s: the environment has no variable %s", path, name)
		}
		return value
	})
	return out, err
}

// sanitise makes a text fit for a file name. Different texts stay different.
func sanitise(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '-', c == '_', c == '.':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
