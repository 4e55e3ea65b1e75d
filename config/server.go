package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"strconv"
	"time"

	"goshawk/internal/pki"
)

// Server is a server's configuration.
type Server struct {
	Client           Client     `yaml:"Client"`
	API              API        `yaml:"API"`
	GUI              GUI        `yaml:"GUI"`
	CA               CA         `yaml:"CA"`
	Frontend         Frontend   `yaml:"Frontend"`
	ExtraFrontends   []Frontend `yaml:"ExtraFrontends"`
	Datastore        Datastore  `yaml:"Datastore"`
	Logging          Logging    `yaml:"Logging"`
	Monitoring       Monitoring `yaml:"Monitoring"`
	Defaults         Defaults   `yaml:"defaults"`
	Security         Security   `yaml:"security"`
	AutocertCache    string     `yaml:"autocert_cert_cache"`
	ObfuscationNonce string     `yaml:"obfuscation_nonce"`

	doc *document
}

// API is where programs connect to.
type API struct {
	BindAddress  string `yaml:"bind_address"` // a path if BindScheme is unix
	BindPort     uint32 `yaml:"bind_port"`
	BindScheme   string `yaml:"bind_scheme"` // tcp or unix
	Hostname     string `yaml:"hostname"`
	PinnedGWName string `yaml:"pinned_gw_name"`
}

// GUI is where people connect to.
type GUI struct {
	BindAddress          string        `yaml:"bind_address"`
	BindPort             uint32        `yaml:"bind_port"`
	PublicURL            string        `yaml:"public_url"`
	BasePath             string        `yaml:"base_path"`
	UsePlainHTTP         bool          `yaml:"use_plain_http"`
	GWCertificate        string        `yaml:"gw_certificate"`
	GWPrivateKey         string        `yaml:"gw_private_key"`
	InitialUsers         []InitialUser `yaml:"initial_users"`
	Authenticator        Authenticator `yaml:"authenticator"`
	AllowedCIDR          []string      `yaml:"allowed_cidr"` // networks; all if empty
	ForwardedProxyHeader string        `yaml:"forwarded_proxy_header"`
	TrustedOrigins       []string      `yaml:"trusted_origins"`
}

// InitialUser is a user that a new server begins with.
type InitialUser struct {
	Name         string `yaml:"name"`
	PasswordHash string `yaml:"password_hash"` // hex
	PasswordSalt string `yaml:"password_salt"` // hex
}

// Authenticator says how people prove who they are.
type Authenticator struct {
	Type string `yaml:"type"` // Basic: by password
}

// CA holds the key of the authority. It may be kept away from a running server.
type CA struct {
	PrivateKey string `yaml:"private_key"`
}

// Frontend is where clients connect to.
type Frontend struct {
	Hostname                  string    `yaml:"hostname"`
	BindAddress               string    `yaml:"bind_address"`
	BindPort                  uint32    `yaml:"bind_port"`
	BasePath                  string    `yaml:"base_path"` // before every path
	Certificate               string    `yaml:"certificate"`
	PrivateKey                string    `yaml:"private_key"`
	UsePlainHTTP              bool      `yaml:"use_plain_http"`
	ProxyHeader               string    `yaml:"proxy_header"` // names the header with the client's address
	RequireClientCertificates bool      `yaml:"require_client_certificates"`
	TLSCertificateFilename    string    `yaml:"tls_certificate_filename"`
	TLSPrivateKeyFilename     string    `yaml:"tls_private_key_filename"`
	ClientMonitoring          []string  `yaml:"default_client_monitoring_artifacts"`
	ServerMonitoring          []string  `yaml:"default_server_monitoring_artifacts"`
	InitialServerArtifacts    []string  `yaml:"initial_server_artifacts"`
	ArtifactDefinitions       string    `yaml:"artifact_definitions_directory"`
	CollectionErrorRegex      string    `yaml:"collection_error_regex"`
	Resources                 Resources `yaml:"resources"`

	// Older places of what stands in Resources now. Loading moves them there.
	ExpectedClients     int64  `yaml:"expected_clients"`
	Concurrency         uint64 `yaml:"concurrency"`
	MaxUploadSize       uint64 `yaml:"max_upload_size"`
	PerClientUploadRate int64  `yaml:"per_client_upload_rate"`
	GlobalUploadRate    int64  `yaml:"global_upload_rate"`
}

// Resources bounds what clients may take of a frontend.
type Resources struct {
	ExpectedClients        int64   `yaml:"expected_clients"`
	ConnectionsPerSecond   uint64  `yaml:"connections_per_second"` // 0, or more than 1000: no bound
	NotificationsPerSecond uint64  `yaml:"notifications_per_second"`
	EnrollmentsPerSecond   int64   `yaml:"enrollments_per_second"`
	Concurrency            uint64  `yaml:"concurrency"` // 0: twice the cores
	ConcurrencyTimeout     Seconds `yaml:"concurrency_timeout"`
	MaxUploadSize          uint64  `yaml:"max_upload_size"`        // bytes
	PerClientUploadRate    int64   `yaml:"per_client_upload_rate"` // bytes a second, 0: no bound
	GlobalUploadRate       int64   `yaml:"global_upload_rate"`     // bytes a second, 0: no bound
}

// Datastore says where a server keeps what it has.
type Datastore struct {
	Implementation     string `yaml:"implementation"`
	Location           string `yaml:"location"`
	FilestoreDirectory string `yaml:"filestore_directory"`
	Compression        string `yaml:"compression"` // zlib or none: of what clients send
}

// Logging says where a server writes its logs.
type Logging struct {
	OutputDirectory string `yaml:"output_directory"`
}

// Monitoring is where the server's own metrics are read.
type Monitoring struct {
	BindAddress string `yaml:"bind_address"`
	BindPort    uint32 `yaml:"bind_port"` // 0: nowhere
}

// Defaults are the settings of a server that have no other section.
type Defaults struct {
	HuntExpiryHours           int64    `yaml:"hunt_expiry_hours"`
	EventMaxWait              Seconds  `yaml:"event_max_wait"`
	EventMaxWaitJitter        Seconds  `yaml:"event_max_wait_jitter"`
	ArtifactDirectories       []string `yaml:"artifact_definitions_directories"`
	UnauthenticatedLRUTimeout int64    `yaml:"unauthenticated_lru_timeout_sec"` // negative: off
	CertificateValidityDays   int64    `yaml:"certificate_validity_days"`       // older place of the one in Security
}

// Security restricts what a server does.
type Security struct {
	CertificateValidityDays int64 `yaml:"certificate_validity_days"`
	AllowAncientClients     bool  `yaml:"allow_ancient_clients"`
}

// LoadServer reads a server's configuration.
func LoadServer(path string) (*Server, error) {
	d, err := readDocument(path)
	if err != nil {
		return nil, err
	}
	return newServer(d)
}

// ParseServer reads a server's configuration from memory. Errors name it file.
func ParseServer(file string, text []byte) (*Server, error) {
	d, err := parse(file, text)
	if err != nil {
		return nil, err
	}
	return newServer(d)
}

func newServer(d *document) (*Server, error) {
	s := &Server{doc: d}
	if err := d.decode(rootConfig, checkServer, s); err != nil {
		return nil, err
	}
	s.fill()
	return s, nil
}

// fill puts defaults where the file has nothing, and moves what stands in an
// older place.
func (s *Server) fill() {
	s.Client.fill()
	s.API.BindAddress = cmp.Or(s.API.BindAddress, "127.0.0.1")
	s.API.BindPort = cmp.Or(s.API.BindPort, 8001)
	s.API.BindScheme = cmp.Or(s.API.BindScheme, "tcp")
	s.GUI.BindAddress = cmp.Or(s.GUI.BindAddress, "127.0.0.1")
	s.GUI.BindPort = cmp.Or(s.GUI.BindPort, 8889)
	s.GUI.Authenticator.Type = cmp.Or(s.GUI.Authenticator.Type, "Basic")
	s.Frontend.fill()
	for i := range s.ExtraFrontends {
		s.ExtraFrontends[i].fill()
	}
	s.Datastore.Compression = cmp.Or(s.Datastore.Compression, "zlib")
	s.Defaults.UnauthenticatedLRUTimeout = cmp.Or(s.Defaults.UnauthenticatedLRUTimeout, 10)
	s.Defaults.HuntExpiryHours = cmp.Or(s.Defaults.HuntExpiryHours, 168)
	days := &s.Security.CertificateValidityDays
	if *days = cmp.Or(*days, s.Defaults.CertificateValidityDays); *days <= 0 {
		*days = int64(pki.DefaultValidity / (24 * time.Hour))
	}
}

func (f *Frontend) fill() {
	f.BindAddress = cmp.Or(f.BindAddress, "0.0.0.0")
	f.BindPort = cmp.Or(f.BindPort, 8000)
	r := &f.Resources
	r.ExpectedClients = cmp.Or(r.ExpectedClients, f.ExpectedClients, 30000)
	r.Concurrency = cmp.Or(r.Concurrency, f.Concurrency)
	r.MaxUploadSize = cmp.Or(r.MaxUploadSize, f.MaxUploadSize)
	r.PerClientUploadRate = cmp.Or(r.PerClientUploadRate, f.PerClientUploadRate)
	r.GlobalUploadRate = cmp.Or(r.GlobalUploadRate, f.GlobalUploadRate)
	r.EnrollmentsPerSecond = cmp.Or(r.EnrollmentsPerSecond, 100)
	r.ConcurrencyTimeout = cmp.Or(r.ConcurrencyTimeout, 600)
}

// PinnedName returns the name that the server's certificate has.
func (s *Server) PinnedName() string { return s.Client.PinnedName() }

// GatewayName returns the name that the gateway's certificate has.
func (s *Server) GatewayName() string { return cmp.Or(s.API.PinnedGWName, pki.GatewayName) }

// CertificateValidity returns how long the certificates that are made from this
// configuration are valid.
func (s *Server) CertificateValidity() time.Duration {
	return time.Duration(s.Security.CertificateValidityDays) * 24 * time.Hour
}

// ObfuscationKey returns the key under which names of queries are hidden from
// clients.
func (s *Server) ObfuscationKey() string {
	if s.ObfuscationNonce != "" {
		return s.ObfuscationNonce
	}
	sum := sha256.Sum256([]byte(s.Frontend.PrivateKey))
	return hex.EncodeToString(sum[:])
}

// APIAddress returns where programs reach the API, in the form of an API client
// file: host:port, or unix:// and a path.
func (s *Server) APIAddress() string {
	a := s.API
	if a.BindScheme == "unix" {
		return "unix://" + a.BindAddress
	}
	host := a.BindAddress
	if a.Hostname != "" {
		host = a.Hostname
	} else if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = cmp.Or(s.Frontend.Hostname, "localhost")
	}
	return net.JoinHostPort(host, strconv.FormatUint(uint64(a.BindPort), 10))
}
