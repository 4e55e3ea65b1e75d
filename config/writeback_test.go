package config

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"goshawk/internal/pki"
)

var clientKey = sync.OnceValue(func() string {
	k, err := pki.NewKey()
	if err != nil {
		panic(err)
	}
	return pki.KeyPEM(k)
})

// newState saves a client's state into a folder that does not exist yet.
func newState(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "state", "w.yaml")
	w := loadState(t, path)
	if w.PrivateKey != "" || w.InstallTime != 0 || w.EventQueries != nil {
		t.Fatalf("without files the state is %+v", w)
	}
	w.InstallTime, w.PrivateKey, w.ClientID = 1767225600, clientKey(), "C.0123456789abcdef"
	w.EventQueries = node(t, "{version: 1767225000000000000, event: [{query_id: 1, Query: [{VQL: 'SELECT 1'}]}]}")
	if err := w.Save(); err != nil {
		t.Fatal(err)
	}
	return path
}

func loadState(t *testing.T, path string) *Writeback {
	t.Helper()
	w, err := LoadWriteback(path, "")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWritebackHasTwoFiles(t *testing.T) {
	path := newState(t)
	level1, level2 := read(t, path), read(t, path+".bak")
	want := "install_time: 1767225600\nprivate_key: |\n" + strings.ReplaceAll(indent(clientKey()), "    ", "  ") + "client_id: C.0123456789abcdef\n"
	if level1 != want {
		t.Errorf("level 1 is\n%s\nwant\n%s", level1, want)
	}
	if !strings.HasPrefix(level2, want) || !strings.Contains(level2, "event_queries:") {
		t.Errorf("level 2 is\n%s\nwant level 1 and the event queries", level2)
	}
	for _, p := range []string{path, path + ".bak"} {
		if m := mode(t, p); m != 0o600 {
			t.Errorf("%s has mode %v, want 0600", p, m)
		}
	}
	if m := mode(t, filepath.Dir(path)).Perm(); m != 0o700 {
		t.Errorf("the folder has mode %v, want 0700", m)
	}
	w := loadState(t, path)
	if w.InstallTime != 1767225600 || w.PrivateKey != clientKey() || w.ClientID != "C.0123456789abcdef" || w.EventQueries == nil || w.Broken != nil {
		t.Errorf("loaded %+v", w)
	}
}

func TestLevel1IsWrittenRarely(t *testing.T) {
	path := newState(t)
	w := loadState(t, path)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	w.LastServerPEM = "pem"
	if err := w.Save(); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Stat(path); !os.SameFile(before, after) {
		t.Error("level 1 was written although it did not change")
	}
	if !strings.Contains(read(t, path+".bak"), "last_server_pem: pem\n") {
		t.Error("level 2 was not written")
	}
	w.ClientID = "C.fedcba9876543210"
	if err := w.Save(); err != nil {
		t.Fatal(err)
	}
	if got := loadState(t, path).ClientID; got != "C.fedcba9876543210" {
		t.Errorf("client id %s after a change", got)
	}
	w.LastServerPEM, w.EventQueries = "", nil
	if err := w.Save(); err != nil {
		t.Fatal(err)
	}
	if text := read(t, path+".bak"); strings.Contains(text, "last_server_pem") || strings.Contains(text, "event_queries") {
		t.Errorf("zero values were written:\n%s", text)
	}
}

func TestLevel1IsRestored(t *testing.T) {
	for name, spoil := range map[string]func(path string){
		"missing": func(path string) { os.Remove(path) },
		"empty":   func(path string) { write(t, path, "") },
		"zeros":   func(path string) { write(t, path, strings.Repeat("\x00", 512)) },
		"broken":  func(path string) { write(t, path, "private_key: |\n  -----BEGIN RSA PRI") },
		"no YAML": func(path string) { write(t, path, "private_key: [") },
	} {
		path := newState(t)
		want := read(t, path)
		spoil(path)
		w := loadState(t, path)
		if w.PrivateKey != clientKey() || read(t, path) != want {
			t.Errorf("%s: level 1 was not restored", name)
		}
		if broken := strings.HasPrefix(name, "b") || strings.HasPrefix(name, "n"); (w.Broken != nil) != broken {
			t.Errorf("%s: Broken is %v", name, w.Broken)
		}
	}
}

func TestLevel2MayBeLost(t *testing.T) {
	for name, spoil := range map[string]func(path string){
		"missing": func(path string) { os.Remove(path) },
		"broken":  func(path string) { write(t, path, "event_queries: [") },
		"unknown": func(path string) { write(t, path, "colour: red\n") },
	} {
		path := newState(t)
		spoil(path + ".bak")
		w := loadState(t, path)
		if w.PrivateKey != clientKey() || w.EventQueries != nil || (w.Broken == nil) != (name == "missing") {
			t.Errorf("%s: loaded %+v", name, w)
		}
		if err := w.Save(); err != nil {
			t.Fatal(err)
		}
		if read(t, path) != read(t, path+".bak") {
			t.Errorf("%s: level 2 was not written anew", name)
		}
	}
}

// A client whose files are all broken must not silently get a new identity.
func TestBrokenStateIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.yaml")
	for _, c := range []struct{ level1, level2, want string }{
		{"private_key: [", "", "w.yaml:1: is no YAML"},
		{"private_key: oops\n", "install_time: 5\n", "w.yaml:1:14: private_key: no PEM block"},
		{"", "colour: red\n", "w.yaml.bak:1:1: colour: unknown key"},
		{"install_time: 1\n", "install_time: x\n", "w.yaml.bak:1:15: install_time: must be a whole number"},
		{"private_kee: x\n", "", "did you mean private_key?"},
	} {
		write(t, path, c.level1)
		write(t, path+".bak", c.level2)
		if _, err := LoadWriteback(path, ".bak"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q and %q: error %v, want %q", c.level1, c.level2, err, c.want)
		}
		if read(t, path) != c.level1 || read(t, path+".bak") != c.level2 {
			t.Errorf("%q and %q: a file was changed", c.level1, c.level2)
		}
	}
}

func TestLevel1Overrides(t *testing.T) {
	path := newState(t)
	write(t, path+".bak", "install_time: 5\nclient_id: C.1111111111111111\nhunt_last_timestamp: 7\ncheckpoints:\n- flow_id: F.1\n")
	w := loadState(t, path)
	if w.InstallTime != 1767225600 || w.ClientID != "C.0123456789abcdef" || w.PrivateKey != clientKey() {
		t.Errorf("loaded %+v, want the values of level 1", w)
	}
	if err := w.Save(); err != nil {
		t.Fatal(err)
	}
	if text := read(t, path+".bak"); !strings.Contains(text, "hunt_last_timestamp: 7\n") || !strings.Contains(text, "checkpoints:\n- flow_id: F.1\n") {
		t.Errorf("keys that are not used were lost:\n%s", text)
	}
}

func TestStockWritebackStaysAsItIs(t *testing.T) {
	files := examples(t)
	path := filepath.Join(t.TempDir(), "w.yaml")
	write(t, path, files["writeback_l1_yaml"])
	write(t, path+".bak", files["writeback_l2_yaml"])
	w := loadState(t, path)
	if w.ClientID != "C.c148b7a3629baa4b" || !strings.HasPrefix(w.LastServerPEM, "-----BEGIN CERTIFICATE-----\n") || w.EventQueries == nil {
		t.Errorf("loaded %+v", w)
	}
	if err := w.Save(); err != nil {
		t.Fatal(err)
	}
	if read(t, path) != files["writeback_l1_yaml"] || read(t, path+".bak") != files["writeback_l2_yaml"] {
		t.Errorf("the files changed:\n%s\n%s", read(t, path), read(t, path+".bak"))
	}
}
