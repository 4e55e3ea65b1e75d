package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// vectors is the folder of shared test data, seen from this package.
const vectors = "../../shared/reference/velociraptor-vectors"

// readVectors decodes one JSON file of the vectors, or skips the test.
func readVectors(t testing.TB, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectors, name))
	if err != nil {
		t.Skipf("no test vectors beside the repository: %v", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// examples returns the files that stock commands write.
func examples(t testing.TB) map[string]string {
	t.Helper()
	var v map[string]string
	readVectors(t, "config_examples.json", &v)
	return v
}

var testTime = time.Date(2027, 3, 4, 5, 6, 7, 0, time.UTC)

// generated makes one server file for all tests, since keys take long to make.
var generated = sync.OnceValue(func() string {
	text, err := Generate(testTime, nil)
	if err != nil {
		panic(err)
	}
	return string(text)
})

func generatedServer(t testing.TB) *Server {
	t.Helper()
	s, err := ParseServer("server.config.yaml", []byte(generated()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// writeTemp writes a file into the test's folder.
func writeTemp(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// lineOf returns the number of the line that contains a text.
func lineOf(t testing.TB, text, part string) int {
	t.Helper()
	before, _, ok := strings.Cut(text, part)
	if !ok {
		t.Fatalf("the file has no %q", part)
	}
	return 1 + strings.Count(before, "\n")
}

// replace exchanges a part that must be there.
func replace(t testing.TB, text, old, new string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("the file has no %q", old)
	}
	return strings.Replace(text, old, new, 1)
}

// section returns the lines of a section of a file, its name included.
func section(t testing.TB, text, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut("\n"+text, "\n"+name+":")
	if !ok {
		t.Fatalf("the file has no section %s", name)
	}
	end := len(rest)
	for i := 0; i+1 < len(rest); i++ {
		if rest[i] == '\n' && rest[i+1] != ' ' && rest[i+1] != '-' {
			end = i + 1
			break
		}
	}
	return name + ":" + rest[:end]
}

func TestErrorReadsAsOneLine(t *testing.T) {
	for want, e := range map[string]*Error{
		`server.config.yaml:12:3: Client.server_urls: must end in "/"`: {"server.config.yaml", 12, 3, "Client.server_urls", `must end in "/"`},
		"f:2: no":    {File: "f", Line: 2, Reason: "no"},
		"f: a: no":   {File: "f", Key: "a", Reason: "no"},
		"f: is lost": {File: "f", Reason: "is lost"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("Error() = %q, want %q", got, want)
		}
	}
}
