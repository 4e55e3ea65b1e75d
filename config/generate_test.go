package config

import (
	"crypto/x509"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"goshawk/internal/pki"
)

func TestGeneratedFileHasTheStockSections(t *testing.T) {
	var got []string
	for line := range strings.Lines(generated()) {
		if m := regexp.MustCompile(`^([A-Za-z_]+):`).FindStringSubmatch(line); m != nil {
			got = append(got, m[1])
		}
	}
	const want = "version Client API GUI CA Frontend Datastore Logging Monitoring api_config obfuscation_nonce defaults security"
	if strings.Join(got, " ") != want {
		t.Errorf("sections %v, want %s", got, want)
	}
	for _, l := range []string{
		"  ca_certificate: |\n    -----BEGIN CERTIFICATE-----\n", "  private_key: |\n    -----BEGIN RSA PRIVATE KEY-----\n",
		"  server_urls:\n  - https://localhost:8000/\n", "  dyn_dns: {}\n", "api_config: {}\n", "security: {}\n",
		"  writeback_linux: /etc/goshawk.writeback.yaml\n", "  writeback_windows: $ProgramFiles\\Goshawk\\goshawk.writeback.yaml\n",
	} {
		if !strings.Contains(generated(), l) {
			t.Errorf("the file has no %q", l)
		}
	}
	if strings.Contains(generated(), `""`) {
		t.Error("the file has empty values")
	}
}

// The generated texts are checked by a second way, which shares nothing with our
// loader: the vectors' schema.
func TestGeneratedFilesFitTheStockSchema(t *testing.T) {
	messages := stockMessages(t)
	s := generatedServer(t)
	client, err := ClientFile(s)
	if err != nil {
		t.Fatal(err)
	}
	api, err := APIClient(s, "robot", testTime)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct{ name, root, text string }{
		{"server", "Config", generated()}, {"client", "Config", string(client)}, {"API client", "ApiClientConfig", string(api)},
	} {
		var v map[string]any
		if err := yaml.Unmarshal([]byte(f.text), &v); err != nil {
			t.Fatal(err)
		}
		fitsMessage(t, messages, f.name, f.root, v)
	}
}

func fitsMessage(t *testing.T, messages map[string][]stockField, path, kind string, v any) {
	t.Helper()
	section, ok := v.(map[string]any)
	if !ok {
		t.Errorf("%s is %T, want a section", path, v)
		return
	}
	types := map[string]stockField{}
	for _, f := range messages[kind] {
		types[f.Name] = f
	}
	for key, value := range section {
		f, ok := types[key]
		if !ok {
			t.Errorf("%s.%s is no key of the stock schema", path, key)
			continue
		}
		values := []any{value}
		if f.Repeated {
			if values, ok = value.([]any); !ok {
				t.Errorf("%s.%s is %T, want a list", path, key, value)
			}
		}
		for _, one := range values {
			fitsType(t, messages, path+"."+key, f.Type, one)
		}
	}
}

func fitsType(t *testing.T, messages map[string][]stockField, path, kind string, v any) {
	t.Helper()
	if _, ok := messages[kind]; ok {
		fitsMessage(t, messages, path, kind, v)
		return
	}
	ok := false
	switch kind {
	case "string":
		_, ok = v.(string)
	case "bool":
		_, ok = v.(bool)
	case "uint32", "uint64", "int64":
		_, ok = v.(int)
	}
	if !ok {
		t.Errorf("%s is %T, want %s", path, v, kind)
	}
}

func oneCertificate(t *testing.T, text string) *x509.Certificate {
	t.Helper()
	certs, err := pki.ParseCertificates(text)
	if err != nil || len(certs) != 1 {
		t.Fatalf("%d certificates, %v, want one", len(certs), err)
	}
	return certs[0]
}

// verify checks that a certificate of the file is one that clients accept.
func verify(t *testing.T, s *Server, text, name string, validity time.Duration) {
	t.Helper()
	trust := pki.Trust{Authorities: []*x509.Certificate{oneCertificate(t, s.Client.CACertificate)}, Name: name}
	c, err := trust.VerifyServer([]byte(text), testTime.Add(time.Minute))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if got := c.NotAfter.Sub(c.NotBefore); got != validity {
		t.Errorf("%s is valid for %v, want %v", name, got, validity)
	}
}

const days = 24 * time.Hour

func TestGeneratedCertificatesVerify(t *testing.T) {
	s := generatedServer(t)
	verify(t, s, s.Frontend.Certificate, "VelociraptorServer", 365*days)
	verify(t, s, s.GUI.GWCertificate, "GRPC_GW", 365*days)
	if ca := oneCertificate(t, s.Client.CACertificate); ca.NotAfter.Sub(ca.NotBefore) != 3650*days || !ca.NotBefore.Equal(testTime) {
		t.Errorf("the CA is valid from %v to %v", ca.NotBefore, ca.NotAfter)
	}
	for _, nonce := range []string{s.Client.Nonce, s.ObfuscationNonce} {
		if b, err := base64.StdEncoding.DecodeString(nonce); err != nil || len(b) != 8 || len(nonce) != 12 {
			t.Errorf("nonce %q is not 8 bytes in base64", nonce)
		}
	}
	if s.Client.Nonce == s.ObfuscationNonce {
		t.Error("both nonces are the same")
	}
}

func TestGenerateMerges(t *testing.T) {
	const patch = `{
	  "Client": {"server_urls": ["https://a.example/", "https://b.example/"], "pinned_server_name": "Eagle", "max_poll": 10,
	             "nonce": "mine", "windows_installer": null, "use_self_signed_ssl": true, "labels": []},
	  "Frontend": {"bind_port": 443, "use_plain_http": false},
	  "API": {"pinned_gw_name": "GATE"},
	  "security": {"certificate_validity_days": 730},
	  "CA": null, "autocert_cert_cache": "/x", "lockdown": true,
	  "GUI": {"initial_users": [{"name": "ä\"\u0001", "password_hash": "12"}]}
	}`
	text, err := Generate(testTime, []byte(patch))
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseServer("f", text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	verify(t, s, s.Frontend.Certificate, "Eagle", 730*days)
	verify(t, s, s.GUI.GWCertificate, "GATE", 730*days)
	if len(s.Client.ServerURLs) != 2 || s.Client.MaxPoll != 10 || s.Client.Nonce != "mine" || !s.Client.UseSelfSignedSSL || s.Frontend.BindPort != 443 {
		t.Errorf("the merge did not take: %+v", s.Client)
	}
	if u := s.GUI.InitialUsers[0]; u.Name != "ä\"\x01" || u.PasswordHash != "12" {
		t.Errorf("initial user %+v", u)
	}
	for _, gone := range []string{"\nCA:", "windows_installer", "use_plain_http", "labels", "null"} {
		if strings.Contains(string(text), gone) {
			t.Errorf("the file still has %s:\n%s", gone, text)
		}
	}
}

func TestGenerateSignsWithGivenCA(t *testing.T) {
	s := generatedServer(t)
	cert := `"Client":{"ca_certificate":` + quote(t, s.Client.CACertificate) + `}`
	key := `"CA":{"private_key":` + quote(t, s.CA.PrivateKey) + `}`
	text, err := Generate(testTime, []byte("{"+cert+","+key+"}"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseServer("f", text)
	if err != nil || got.Client.CACertificate != s.Client.CACertificate {
		t.Fatalf("the given CA was not used: %v", err)
	}
	verify(t, got, got.Frontend.Certificate, "VelociraptorServer", 365*days)
	if _, err := Generate(testTime, []byte("{"+cert+"}")); err == nil || !strings.Contains(err.Error(), "CA.private_key: is needed to sign") {
		t.Errorf("error %v, want one about CA.private_key", err)
	}
	if _, err := Generate(testTime, []byte("{"+key+"}")); err == nil || !strings.Contains(err.Error(), "Client.ca_certificate: is needed") {
		t.Errorf("error %v, want one about Client.ca_certificate", err)
	}
}

func TestGenerateRefuses(t *testing.T) {
	for name, c := range map[string]struct{ patch, want string }{
		"unknown key":     {"{\n  \"Client\": {\"max_pol\": 1}\n}", `merge:2:14: Client.max_pol: unknown key; did you mean max_poll?`},
		"unknown section": {`{"Cliente": {}}`, `merge:1:2: Cliente: unknown key; did you mean Client?`},
		"wrong type":      {"{\n\n\"Frontend\": {\"bind_port\":\"x\"}}", `merge:3:26: Frontend.bind_port: must be a whole number, not text`},
		"given twice":     {`{"API": {}, "API": {}}`, `merge:1:13: API: is given twice, first in line 1`},
		"no object":       {`[1]`, `merge:1:1: must be a JSON object, not a list`},
		"no JSON":         {"{\n\"a\": }", `merge:2:6: is no JSON: invalid character '}' looking for beginning of value`},
		"cut JSON":        {`{"API"`, `merge:1:6: is no JSON: unexpected end of JSON input`},
		"rest after it":   {`{} {}`, `merge:1:4: is no JSON: invalid character '{' after top-level value`},
		"deep":            {strings.Repeat("[", 20000), `merge:1:10001: is no JSON: invalid character '[' exceeded max depth`},
		"bad URL":         {`{"Client": {"server_urls": ["https://x"]}}`, `merge:1:29: Client.server_urls[0]: must end in "/"`},
		"section gone":    {`{"Frontend": null}`, `merge: Frontend: is missing`},
		"key gone":        {`{"Client": {"nonce": null}}`, `merge: Client.nonce: is missing`},
		"validity":        {`{"security": {"certificate_validity_days": 99999999}}`, `merge:1:44: security.certificate_validity_days: must be at most 36500 days`},
		"broken key":      {`{"Frontend": {"private_key": "x"}}`, `merge:1:30: Frontend.private_key: no PEM block RSA PRIVATE KEY`},
		"key missing":     {`{"Frontend": {"certificate": "x"}}`, `merge: Frontend.private_key: is needed beside certificate`},
	} {
		text, err := Generate(testTime, []byte(c.patch))
		if err == nil || err.Error() != c.want || text != nil {
			t.Errorf("%s:\n got %v\nwant %s", name, err, c.want)
		}
	}
}

func TestRotateAndReissue(t *testing.T) {
	text := replace(t, generated(), "Datastore:", "ExtraFrontends:\n- hostname: b\nDatastore:")
	old, err := ParseServer("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		make    func(*Server, time.Time) ([]byte, error)
		newKeys bool
	}{"rotate": {RotateKeys, true}, "reissue": {ReissueCerts, false}} {
		text, err := c.make(old, testTime)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseServer("f", text)
		if err != nil {
			t.Fatal(err)
		}
		verify(t, s, s.Frontend.Certificate, "VelociraptorServer", 365*days)
		verify(t, s, s.GUI.GWCertificate, "GRPC_GW", 365*days)
		if s.Client.CACertificate != old.Client.CACertificate || s.Client.Nonce != old.Client.Nonce {
			t.Errorf("%s: the CA or the nonce changed", name)
		}
		if s.Frontend.Certificate == old.Frontend.Certificate || s.GUI.GWCertificate == old.GUI.GWCertificate {
			t.Errorf("%s: a certificate stayed", name)
		}
		if (s.Frontend.PrivateKey != old.Frontend.PrivateKey) != c.newKeys || (s.GUI.GWPrivateKey != old.GUI.GWPrivateKey) != c.newKeys {
			t.Errorf("%s: new keys are wanted: %v", name, c.newKeys)
		}
	}
	if again, err := encode(old.doc.node); err != nil || string(again) != text {
		t.Errorf("the loaded server was changed: %v", err)
	}
	bare, err := ParseServer("f", []byte(replace(t, generated(), section(t, generated(), "CA"), "")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := RotateKeys(bare, testTime); err == nil || !strings.Contains(err.Error(), "CA.private_key: is needed to sign") {
		t.Errorf("error %v, want one about CA.private_key", err)
	}
	if _, err := APIClient(bare, "robot", testTime); err == nil || !strings.Contains(err.Error(), "CA.private_key: is needed to sign") {
		t.Errorf("error %v, want one about CA.private_key", err)
	}
}

func TestAPIClient(t *testing.T) {
	s := generatedServer(t)
	text, err := APIClient(s, "robot", testTime)
	if err != nil {
		t.Fatal(err)
	}
	a, err := LoadAPI(writeTemp(t, "api.yaml", string(text)))
	if err != nil {
		t.Fatal(err)
	}
	verify(t, s, a.ClientCert, "robot", 365*days)
	if a.Name != "robot" || a.ConnectionString != "127.0.0.1:8001" || a.CACertificate != s.Client.CACertificate || a.MaxGRPCRecvSize != 4<<20 {
		t.Errorf("APIClient gave %+v", a)
	}
	for name, want := range map[string]string{
		"": "needs a name", "VelociraptorServer": "the server itself", "GRPC_GW": "the gateway", "a b": "visible ASCII", "jürgen": "visible ASCII",
	} {
		if _, err := APIClient(s, name, testTime); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("APIClient(%q): error %v, want %q", name, err, want)
		}
	}
}

func TestClientFileHoldsNoSecrets(t *testing.T) {
	text, err := ClientFile(generatedServer(t))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "PRIVATE KEY") || strings.Contains(string(text), "Frontend") {
		t.Errorf("the client's file has more than it should:\n%s", text)
	}
	c, err := LoadClient(writeTemp(t, "client.yaml", string(text)))
	if err != nil || c.PinnedName() != "VelociraptorServer" || c.WritebackSuffix != ".bak" {
		t.Errorf("LoadClient = %+v, %v", c, err)
	}
	bare, err := ParseServer("f", []byte(replace(t, generated(), "  server_urls:\n  - https://localhost:8000/\n", "")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ClientFile(bare); err == nil || !strings.Contains(err.Error(), "Client.server_urls: is missing") {
		t.Errorf("error %v, want one about server_urls", err)
	}
}
