package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

func TestStockExamplesLoad(t *testing.T) {
	files := examples(t)
	s, err := ParseServer("server", []byte(files["server_yaml"]))
	if err != nil {
		t.Fatal(err)
	}
	got := []any{s.PinnedName(), s.GatewayName(), s.Frontend.BindPort, s.Frontend.Resources.ExpectedClients, s.Client.Nonce,
		s.Client.ServerURLs, s.Datastore.Location, s.ObfuscationKey(), s.APIAddress(), s.CertificateValidity(), s.Client.MaxPoll.Duration()}
	want := []any{"VelociraptorServer", "GRPC_GW", uint32(8000), int64(30000), "AAECAwQFBgc=",
		[]string{"https://localhost:8000/"}, "/var/tmp/velociraptor/", "CAkKCwwNDg8=", "127.0.0.1:8001", 365 * 24 * time.Hour, time.Minute}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("server:\n got %v\nwant %v", got, want)
	}
	c, err := LoadClient(writeTemp(t, "client", files["client_yaml"]))
	if err != nil || !reflect.DeepEqual(*c, s.Client) {
		t.Errorf("the client's file gives %+v, %v, want the section of the server's", c, err)
	}
	a, err := LoadAPI(writeTemp(t, "api", files["api_client_yaml"]))
	if err != nil || a.Name != "robot" || a.ConnectionString != "127.0.0.1:8001" || a.PinnedName() != "VelociraptorServer" {
		t.Errorf("LoadAPI = %+v, %v", a, err)
	}
}

func TestStockExamplesRoundTrip(t *testing.T) {
	files := examples(t)
	for _, name := range []string{"server_yaml", "client_yaml"} {
		got, err := Show(writeTemp(t, name, files[name]))
		if err != nil || string(got) != files[name] {
			t.Errorf("Show of %s: %v, or the text differs:\n%s", name, err, got)
		}
	}
	for _, name := range []string{"api_client_yaml", "writeback_l1_yaml", "writeback_l2_yaml"} {
		d, err := parse(name, []byte(files[name]))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := encode(d.node); err != nil || string(got) != files[name] {
			t.Errorf("%s: %v, or the text differs:\n%s", name, err, got)
		}
	}
}

func TestClientFileOfStockServerIsTheStockOne(t *testing.T) {
	files := examples(t)
	s, err := ParseServer("server", []byte(files["server_yaml"]))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ClientFile(s); err != nil || string(got) != files["client_yaml"] {
		t.Errorf("ClientFile: %v, or the text differs:\n%s", err, got)
	}
}

func TestShowKeepsWhatWeDoNotUse(t *testing.T) {
	client, err := ClientFile(generatedServer(t))
	if err != nil {
		t.Fatal(err)
	}
	text := "# of the lab\n" + string(client) + "autoexec:\n  argv:\n  - gui # always\n  artifact_definitions:\n  - name: A\n    sources:\n    - query: |\n        SELECT *\n        FROM info()\n"
	if got, err := Show(writeTemp(t, "f", text)); err != nil || string(got) != text {
		t.Errorf("Show: %v, or the text differs:\n%s", err, got)
	}
}

func TestMissingFileIsTold(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.yaml")
	for _, load := range []func(string) error{loadServer, loadClient, loadAPI} {
		if err := load(missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
			t.Errorf("error %v, want one that names the file", err)
		}
	}
}

func TestServerWithoutCALoads(t *testing.T) {
	text := replace(t, generated(), section(t, generated(), "CA"), "")
	if _, err := ParseServer("f", []byte(text)); err != nil {
		t.Error(err)
	}
}

func TestOldPlacesCount(t *testing.T) {
	text := replace(t, generated(), "  resources:\n", "  expected_clients: 7\n  concurrency: 3\n  resources:\n")
	text = replace(t, text, "    expected_clients: 30000\n", "")
	text = replace(t, text, "defaults:\n", "defaults:\n  certificate_validity_days: 20\n")
	s, err := ParseServer("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if r := s.Frontend.Resources; r.ExpectedClients != 7 || r.Concurrency != 3 || s.CertificateValidity() != 20*24*time.Hour {
		t.Errorf("expected_clients %d, concurrency %d, validity %v, want 7, 3, 20 days", r.ExpectedClients, r.Concurrency, s.CertificateValidity())
	}
	text = replace(t, text, "  resources:\n", "  resources:\n    expected_clients: 9\n")
	if s, err = ParseServer("f", []byte(text)); err != nil || s.Frontend.Resources.ExpectedClients != 9 {
		t.Errorf("expected_clients %d, %v, want that of resources", s.Frontend.Resources.ExpectedClients, err)
	}
}

func TestObfuscationKeyWithoutNonce(t *testing.T) {
	s := &Server{Frontend: Frontend{PrivateKey: "abc"}}
	if got, want := s.ObfuscationKey(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; got != want {
		t.Errorf("ObfuscationKey = %s, want the SHA-256 of the key's text", got)
	}
}

func TestAPIAddress(t *testing.T) {
	for want, s := range map[string]Server{
		"127.0.0.1:8001":    {API: API{BindAddress: "127.0.0.1", BindPort: 8001}},
		"api.corp:9":        {API: API{BindAddress: "0.0.0.0", Hostname: "api.corp", BindPort: 9}},
		"front.corp:8001":   {API: API{BindAddress: "0.0.0.0", BindPort: 8001}, Frontend: Frontend{Hostname: "front.corp"}},
		"localhost:8001":    {API: API{BindAddress: "::", BindPort: 8001}},
		"[fe80::1]:8001":    {API: API{BindAddress: "fe80::1", BindPort: 8001}},
		"unix:///run/g.sck": {API: API{BindAddress: "/run/g.sck", BindScheme: "unix", BindPort: 8001}},
	} {
		if got := s.APIAddress(); got != want {
			t.Errorf("APIAddress = %s, want %s", got, want)
		}
	}
}

func TestPathsOfClient(t *testing.T) {
	c := Client{Nonce: "a/b+c=", WritebackLinux: "/etc/w-%NONCE%.yaml", WritebackDarwin: "/etc/w_$NONCE",
		WritebackWindows: `$ProgramFiles\Goshawk\w.yaml`, LocalBuffer: LocalBuffer{DiskSize: 1, FilenameWindows: "$TEMP/b.bin"}}
	env := func(name string) string { return map[string]string{"ProgramFiles": `C:\PF`, "TEMP": `C:\T`}[name] }
	for goos, want := range map[string]string{
		"linux": "/etc/w-a%2Fb%2Bc%3D.yaml", "freebsd": "/etc/w-a%2Fb%2Bc%3D.yaml", "darwin": "/etc/w_a%2Fb%2Bc%3D", "windows": `C:\PF\Goshawk\w.yaml`,
	} {
		if got, err := c.WritebackPath(goos, env); err != nil || got != want {
			t.Errorf("WritebackPath(%s) = %s, %v, want %s", goos, got, err, want)
		}
	}
	if got, err := c.BufferPath("windows", env); err != nil || got != `C:\T/b.bin` {
		t.Errorf("BufferPath = %s, %v", got, err)
	}
	c.LocalBuffer.DiskSize = 0
	if got, err := c.BufferPath("windows", env); err != nil || got != "" {
		t.Errorf("BufferPath = %s, %v, want none", got, err)
	}
	if _, err := c.WritebackPath("windows", func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "ProgramFiles") {
		t.Errorf("error %v, want one that names the variable", err)
	}
	c.WritebackWindows = `HKLM\SOFTWARE\X`
	if _, err := c.WritebackPath("windows", env); err == nil || !strings.Contains(err.Error(), "registry") {
		t.Errorf("error %v, want one about the registry", err)
	}
	if _, err := (&Client{}).WritebackPath("linux", env); err == nil || !strings.Contains(err.Error(), "writeback_linux is missing") {
		t.Errorf("error %v, want one that names the key", err)
	}
}

func TestSecondsDoNotOverflow(t *testing.T) {
	if got := Seconds(1 << 62).Duration(); got < 290*365*24*time.Hour {
		t.Errorf("Duration = %v, want the longest", got)
	}
}

func FuzzLoadServer(f *testing.F) {
	f.Add([]byte(regexp.MustCompile(`(?s)\|\n +-----BEGIN.*?-----END [A-Z ]+-----`).ReplaceAllString(generated(), "x")))
	for _, s := range []string{
		"Client: &a {labels: [*a]}", "a: &a [1]\nb: [*a, *a]", "Client:\n  <<: {nonce: x}\n", "{a: b, ? [c] : d}", "- 1", "%YAML 1.2\n---\nverbose: yes",
		"Client:\n  server_urls: [x]\n  ca_certificate: |\n    -----BEGIN CERTIFICATE-----\n    -----END CERTIFICATE-----\n",
		"version: !!binary aGk=\n", "API:\n  bind_port: 0x10\n", "Client: {fallback_addresses: {a: b}}\n---\n", "# c\nClient: # d\n  nonce: 'x' # e\n# f\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		ParseServer("f", text)
		d, err := parse("f", text)
		if err != nil || d.node == nil || check(d.root(), stockSchema, rootConfig) != nil {
			return
		}
		// What is accepted is written so that it reads as the same.
		out, err := encode(d.node)
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		again, err := parse("f", out)
		if err != nil || again.node == nil || !sameValues(d.node.Content[0], again.node.Content[0]) {
			t.Errorf("%q was written as %q, %v", text, out, err)
		}
	})
}

// sameValues compares trees by what they say, not by how.
func sameValues(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.ShortTag() != b.ShortTag() || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !sameValues(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}
