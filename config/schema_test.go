package config

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"goshawk"
)

// stockField is a field as the vectors' schema has it.
type stockField struct {
	Name, Type string
	Repeated   bool
}

// want returns the field in our form.
func (f stockField) want() field {
	out := field{kind: f.Type}
	if rest, ok := strings.CutPrefix(f.Type, "map<string,"); ok {
		out = field{'{', strings.TrimSuffix(rest, ">")}
	}
	if f.Repeated {
		out.form = '['
	}
	return out
}

func stockMessages(t testing.TB) map[string][]stockField {
	t.Helper()
	var v struct{ Messages map[string][]stockField }
	readVectors(t, "schema_config.json", &v)
	return v.Messages
}

func TestSchemaIsTheStockOne(t *testing.T) {
	messages, ours := stockMessages(t), parseSchema(stockSchema)
	for name, fields := range messages {
		want := map[string]field{}
		for _, f := range fields {
			want[f.Name] = f.want()
		}
		if !maps.Equal(ours[name], want) {
			t.Errorf("section %s:\n got %v\nwant %v", name, ours[name], want)
		}
	}
	if len(ours) != len(messages) {
		t.Errorf("%d sections, want %d", len(ours), len(messages))
	}
}

// Every type that a schema names must be a section or a type that is checked.
func TestSchemasAreClosed(t *testing.T) {
	scalars := []string{"string", "bool", "int64", "uint64", "uint32", "float"}
	for _, text := range []string{stockSchema, settingsSchema} {
		s := parseSchema(text)
		for name, fields := range s {
			for key, f := range fields {
				if _, ok := s[f.kind]; !ok && !slices.Contains(scalars, f.kind) {
					t.Errorf("%s.%s has the unknown type %q", name, key, f.kind)
				}
			}
		}
	}
}

// The positions are exact: the key for what is unknown or given twice, the value
// for what has the wrong type.
func TestSchemaRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown section", "version: {}\nClint: {}\n", "f:2:1: Clint: unknown key; did you mean Client?"},
		{"unknown key", "Client:\n  server_urls: []\n  nounce: x\n", "f:3:3: Client.nounce: unknown key; did you mean nonce?"},
		{"other case", "client: {}\n", "f:1:1: client: unknown key; did you mean Client?"},
		{"dash for underline", "Client:\n  server-urls: []\n", "f:2:3: Client.server-urls: unknown key; did you mean server_urls?"},
		{"nothing near", "Frontend:\n  teapot: 1\n", "f:2:3: Frontend.teapot: unknown key"},
		{"a key of ours", "frontend:\n  trusted_proxies: []\n", "f:1:1: frontend: unknown key; did you mean Frontend?"},
		{"in a list", "ExtraFrontends:\n- hostname: a\n- hostnam: b\n", "f:3:3: ExtraFrontends[1].hostnam: unknown key; did you mean hostname?"},
		{"in a map of sections", "GUI:\n  authenticator:\n    claims:\n      role_map:\n        adm:\n          rolez: [x]\n",
			"f:6:11: GUI.authenticator.claims.role_map.adm.rolez: unknown key; did you mean roles?"},
		{"twice", "Client: {}\nAPI: {}\nClient: {}\n", "f:3:1: Client: is given twice, first in line 1"},
		{"list for key", "? [a]\n: b\n", "f:1:3: a key must be text, not a list"},
		{"text for list", "Client:\n  server_urls: https://x/\n", "f:2:16: Client.server_urls: must be a list, not text"},
		{"section for list", "Client:\n  server_urls: {a: b}\n", "f:2:16: Client.server_urls: must be a list, not a section"},
		{"text for section", "Client: yes\n", "f:1:9: Client: must be a section (key: value), not text"},
		{"list for section", "Client:\n- a\n", "f:2:1: Client: must be a section (key: value), not a list"},
		{"list for text", "Client:\n  nonce: [a]\n", "f:2:10: Client.nonce: must be text, not a list"},
		{"section in list of texts", "Client:\n  labels:\n  - a\n  - b: c\n", "f:4:5: Client.labels[1]: must be text, not a section"},
		{"text for number", "Client:\n  max_poll: soon\n", "f:2:13: Client.max_poll: must be a whole number, not text"},
		{"quoted number", "Frontend:\n  bind_port: \"8000\"\n", "f:2:14: Frontend.bind_port: must be a whole number, not text"},
		{"fraction", "Client:\n  max_poll: 1.5\n", "f:2:13: Client.max_poll: must be a whole number, not a number with a fraction or out of range"},
		{"negative", "Client:\n  max_poll: -1\n", "f:2:13: Client.max_poll: must be a whole number from 0 within uint64, not -1"},
		{"too large for its type", "Frontend:\n  bind_port: 5000000000\n", "f:2:14: Frontend.bind_port: must be a whole number from 0 within uint32, not 5000000000"},
		{"true for number", "Client:\n  max_poll: true\n", "f:2:13: Client.max_poll: must be a whole number, not true or false"},
		{"number for truth", "verbose: 1\n", "f:1:10: verbose: must be true or false, not a whole number"},
		{"text for truth", "verbose: maybe\n", "f:1:10: verbose: must be true or false, not text"},
		{"text in map", "Client:\n  fallback_addresses:\n    a: [b]\n", "f:3:8: Client.fallback_addresses.a: must be text, not a list"},
		{"foreign tag", "Client:\n  nonce: !secret abc\n", "f:2:10: Client.nonce: must be text, not a value with the tag !secret"},
		{"not a mapping", "- a\n- b\n", "f:1:1: must be a mapping (key: value), not a list"},
		{"a text", "hello\n", "f:1:1: must be a mapping (key: value), not text"},
		{"empty", "", "f: is empty"},
		{"only a comment", "# nothing\n", "f: is empty"},
		{"two documents", "Client: {}\n---\nAPI: {}\n", "f:2:1: a second YAML document begins here, but a file holds one"},
		{"tab", "Client:\n\tnonce: x\n", "f:2: is no YAML: found character that cannot start any token (YAML is indented with spaces, not tabs)"},
		{"no closing bracket", "API:\n  bind_port: 1\nClient:\n  labels: [a\n  nonce: b\n", "f:4: is no YAML: did not find expected ',' or ']'"},
		{"two colons", "verbose: true: false\n", "f:1: is no YAML: mapping values are not allowed in this context"},
		{"unknown alias", "Client: {}\nAPI: *nope\n", "f:2: is no YAML: unknown anchor 'nope' referenced"},
		{"alias in itself", "Client: &c\n  labels: [*c]\n", "f:2:12: the alias *c contains itself"},
		{"merge of a text", "Client:\n  <<: abc\n", "f:2:7: << merges mappings, not text"},
	} {
		_, err := ParseServer("f", []byte(c.text))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
		if !errors.Is(err, goshawk.ErrInvalid) {
			t.Errorf("%s: the error is no ErrInvalid", c.name)
		}
	}
}

func TestSchemaAccepts(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                "Client:\nAPI: ~\nFrontend: {}\nExtraFrontends:\n",
		"a number for text":      "version:\n  version: 0.77\n  commit: 12345678\n  build_time: 2026-11-21T00:33:49Z\n  name: true\n",
		"truth of YAML 1.1":      "verbose: yes\ndebug_mode: off\nlockdown: False\n",
		"numbers in other bases": "Client:\n  max_poll: 0x3c\n  min_poll: 0o17\n",
		"the largest number":     "Client:\n  max_upload_size: 18446744073709551615\n",
		"a whole number":         "autoexec:\n  artifact_definitions:\n  - resources:\n      cpu_limit: 50\n      iops_limit: 0.5\n",
		"flow style":             "{Client: {labels: [a, b], Crypto: {allow_weak_tls_server: true}}}",
		"old and new places":     "Frontend:\n  expected_clients: 5\n  resources:\n    expected_clients: 6\n",
	} {
		d, err := parse("f", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := check(d.root(), stockSchema, rootConfig); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := d.node.Decode(&Server{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAliasesStandForWhatTheyName(t *testing.T) {
	const text = `
Client:
  labels: &l [a, b]
  additional_event_artifacts: *l
  Crypto: &c
    root_certs: x
  proxy_config: {https: p}
API: &api {bind_address: 1.2.3.4, bind_port: 1}
Monitoring:
  <<: *api
  bind_port: 2
Frontend:
  <<: [*api, {bind_port: 3, hostname: h}]
`
	d, err := parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := encode(d.node)
	if err != nil {
		t.Fatal(err)
	}
	const want = `Client:
  labels: [a, b]
  additional_event_artifacts: [a, b]
  Crypto:
    root_certs: x
  proxy_config: {https: p}
API: {bind_address: 1.2.3.4, bind_port: 1}
Monitoring:
  bind_port: 2
  bind_address: 1.2.3.4
Frontend:
  bind_address: 1.2.3.4
  bind_port: 1
  hostname: h
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAliasBombIsRefused(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 9) + "]\n"
	}
	_, err := ParseServer("f", []byte(bomb))
	if err == nil || !strings.Contains(err.Error(), "aliases make this file larger than") {
		t.Errorf("error %v, want one about aliases", err)
	}
}

func TestLargeFileIsRefused(t *testing.T) {
	path := writeTemp(t, "f", strings.Repeat("#", maxBytes+1))
	if _, err := LoadServer(path); err == nil || !strings.Contains(err.Error(), "is larger than 4 MiB") {
		t.Errorf("error %v, want one about the size", err)
	}
}
