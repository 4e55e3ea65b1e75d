package config

import (
	"strings"
	"testing"

	"goshawk/internal/pki"
)

// refusal is a change to a good file, and the error that it must cause at the
// line of a mark.
type refusal struct {
	name     string
	old, new string
	mark     string // a text in the line of the error
	column   int
	key      string
	reason   string
}

func (r refusal) run(t *testing.T, text string, load func(path string) error) {
	t.Helper()
	text = replace(t, text, r.old, r.new)
	err, _ := load(writeTemp(t, "f.yaml", text)).(*Error)
	if err == nil {
		t.Errorf("%s: was accepted", r.name)
		return
	}
	line := lineOf(t, text, r.mark)
	if err.Line != line || err.Column != r.column || err.Key != r.key || !strings.Contains(err.Reason, r.reason) {
		t.Errorf("%s:\n got %v\nwant %d:%d: %s: … %s …", r.name, err, line, r.column, r.key, r.reason)
	}
}

func loadServer(path string) error { _, err := LoadServer(path); return err }
func loadClient(path string) error { _, err := LoadClient(path); return err }
func loadAPI(path string) error    { _, err := LoadAPI(path); return err }

// indent moves a text to the right, as it stands in a section.
func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n"
}

func TestServerRefuses(t *testing.T) {
	text := generated()
	s := generatedServer(t)
	other, err := pki.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	const server = "Frontend:\n  hostname"
	frontend, gui, ca, client := section(t, text, "Frontend"), section(t, text, "GUI"), section(t, text, "CA"), section(t, text, "Client")
	const extra = "ExtraFrontends:\n- hostname: a\n- hostname: b\n  private_key: zzz # here\n"
	for _, r := range []refusal{
		{"no Client", client, "", "version:", 1, "Client", "is missing"},
		{"no Frontend", frontend, "", "version:", 1, "Frontend", "is missing"},
		{"empty Frontend", frontend, "Frontend: {}\n", "Frontend:", 11, "Frontend", "must not be empty"},
		{"null Frontend", frontend, "Frontend:\n", "version:", 1, "Frontend", "is missing"},
		{"no Datastore", section(t, text, "Datastore"), "", "version:", 1, "Datastore", "is missing"},
		{"no location", "  location: /var/lib/goshawk/\n", "", "  implementation:", 3, "Datastore.location", "is missing"},
		{"empty location", "location: /var/lib/goshawk/", "location: ''", "  location:", 13, "Datastore.location", "must not be empty"},
		{"no nonce", "  nonce: " + s.Client.Nonce + "\n", "", "  server_urls:", 3, "Client.nonce", "is missing"},
		{"no certificate", frontend, replace(t, frontend, s.block("certificate", s.Frontend.Certificate), ""), "  hostname:", 3, "Frontend.certificate", "is missing"},
		{"URL without a slash", "localhost:8000/", "localhost:8000", "- https://", 5, "Client.server_urls[0]", `must end in "/"`},
		{"second URL", "- https://localhost:8000/\n", "- https://localhost:8000/\n  - ftp://x/\n", "ftp:", 5, "Client.server_urls[1]", "must begin with http"},
		{"URL without a host", "https://localhost:8000/", "https:///", "https:///", 5, "Client.server_urls[0]", "has no host name"},
		{"no URL", "https://localhost:8000/", "'http://[::1/'", "[::1/", 5, "Client.server_urls[0]", "is no URL"},
		{"port", "bind_port: 8000", "bind_port: 80000", "80000", 14, "Frontend.bind_port", "is no port"},
		{"scheme", "bind_scheme: tcp", "bind_scheme: udp", "udp", 16, "API.bind_scheme", `must be one of tcp, unix, not "udp"`},
		{"compression", "compression: zlib", "compression: zstd", "zstd", 16, "Datastore.compression", "must be one of zlib, none"},
		{"network", "  public_url:", "  allowed_cidr:\n  - 10.0.0.0/8\n  - here\n  public_url:", "- here", 5, "GUI.allowed_cidr[1]", "must be a network"},
		{"days", "security: {}", "security:\n  certificate_validity_days: 40000", "40000", 30, "security.certificate_validity_days", "at most 36500"},
		{"broken CA certificate", client, replace(t, client, s.block("ca_certificate", s.Client.CACertificate), "  ca_certificate: hello\n"), "hello", 19, "Client.ca_certificate", `no PEM certificate; what stands there begins with "hello"`},
		{"broken key", frontend, replace(t, frontend, s.block("private_key", s.Frontend.PrivateKey), "  private_key: oops\n"), "oops", 16, "Frontend.private_key", "no PEM block RSA PRIVATE KEY"},
		{"key in PKCS#8", frontend, strings.ReplaceAll(frontend, "RSA PRIVATE KEY", "PRIVATE KEY"), frontendMark(t, frontend, s), 16, "Frontend.private_key", "PKCS#8"},
		{"other key", s.block("private_key", s.Frontend.PrivateKey), "  private_key: | # other\n" + indent(pki.KeyPEM(other)), "# other", 16, "Frontend.private_key", "is not the key of Frontend.certificate"},
		{"other gateway key", s.block("gw_private_key", s.GUI.GWPrivateKey), "  gw_private_key: | # other\n" + indent(pki.KeyPEM(other)), "# other", 19, "GUI.gw_private_key", "is not the key of GUI.gw_certificate"},
		{"broken gateway certificate", gui, replace(t, gui, s.block("gw_certificate", s.GUI.GWCertificate), "  gw_certificate: x\n"), "gw_certificate: x", 19, "GUI.gw_certificate", "no PEM certificate"},
		{"other CA key", ca, "CA:\n  private_key: | # other\n" + indent(pki.KeyPEM(other)), "# other", 16, "CA.private_key", "is not the key of Client.ca_certificate"},
		{"broken CA key", ca, "CA:\n  private_key: nope\n", "nope", 16, "CA.private_key", "no PEM block"},
		{"root_certs", "  max_poll: 60", "  Crypto:\n    root_certs: bad\n  max_poll: 60", "bad", 17, "Client.Crypto.root_certs", "no PEM certificate"},
		{"further frontend", "Datastore:", extra + "Datastore:", "# here", 16, "ExtraFrontends[1].private_key", "no PEM block"},
	} {
		r.run(t, text, loadServer)
	}
	if !strings.Contains(text, server) {
		t.Errorf("Frontend does not begin at column 0")
	}
}

// block returns the lines of a PEM text as the file has them.
func (s *Server) block(key, pem string) string { return "  " + key + ": |\n" + indent(pem) }

// frontendMark names the line of the frontend's key by its first line of base64,
// which comes two lines after it.
func frontendMark(t *testing.T, frontend string, s *Server) string {
	t.Helper()
	if !strings.Contains(frontend, s.block("private_key", s.Frontend.PrivateKey)) {
		t.Fatal("the key is not in the section")
	}
	return "  private_key: |\n    -----BEGIN PRIVATE KEY"
}

func TestClientRefuses(t *testing.T) {
	text, err := ClientFile(generatedServer(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []refusal{
		{"no Client", section(t, string(text), "Client"), "", "version:", 1, "Client", "is missing"},
		{"no URLs", "  server_urls:\n  - https://localhost:8000/\n", "", "  ca_certificate:", 3, "Client.server_urls", "is missing"},
		{"empty list of URLs", "  server_urls:\n  - https://localhost:8000/\n", "  server_urls: []\n", "server_urls", 16, "Client.server_urls", "must not be empty"},
		{"slash", "localhost:8000/", "localhost:8000", "https", 5, "Client.server_urls[0]", "must end"},
		{"unknown key", "  nonce:", "  nonces:", "nonces", 3, "Client.nonces", "did you mean nonce?"},
		{"client certificate", "  max_poll: 60", "  Crypto:\n    client_certificate: bad\n  max_poll: 60", "bad", 25, "Client.Crypto.client_certificate", "no PEM certificate"},
	} {
		r.run(t, string(text), loadClient)
	}
}

func TestAPIClientRefuses(t *testing.T) {
	text, err := APIClient(generatedServer(t), "robot", testTime)
	if err != nil {
		t.Fatal(err)
	}
	encrypted := "client_private_key: |\n  -----BEGIN RSA PRIVATE KEY-----\n  Proc-Type: 4,ENCRYPTED\n  DEK-Info: AES-256-CBC,00\n\n  MIIE\n  -----END RSA PRIVATE KEY-----\n"
	for _, r := range []refusal{
		{"unknown key", "name: robot", "nam: robot", "nam:", 1, "nam", "did you mean name?"},
		{"no name", "name: robot\n", "", "ca_certificate:", 1, "name", "is missing"},
		{"no address", "api_connection_string: 127.0.0.1:8001\n", "", "ca_certificate:", 1, "api_connection_string", "is missing"},
		{"key with passphrase", section(t, string(text), "client_private_key"), encrypted, "client_private_key", 21, "client_private_key", "encrypted with a passphrase"},
	} {
		r.run(t, string(text), loadAPI)
	}
}
