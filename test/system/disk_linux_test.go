package system

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk: a server without space accepts nothing and loses nothing, and
// goes on by itself when there is space again.
func TestFullDisk(t *testing.T) {
	small := t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("a small file system cannot be mounted: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(small, syscall.MNT_DETACH) })
	merge, err := json.Marshal(map[string]any{"Datastore": map[string]string{"location": small + "/data", "filestore_directory": small + "/data"}})
	if err != nil {
		t.Fatal(err)
	}
	d := New(t, string(merge))
	client := d.Up()
	content := make([]byte, 40<<20)
	rand.Read(content)
	big := d.path("big")
	if err := os.WriteFile(big, content, 0o600); err != nil {
		t.Fatal(err)
	}
	flow := strings.TrimSpace(d.must(d.Run("query", "--client", client, "--nowait",
		"SELECT upload(file='"+big+"') AS U FROM scope()", "SELECT _value AS N FROM range(end=100000)")))
	d.Eventually("refusal for want of space", func() bool {
		log, _ := os.ReadFile(d.path("server.log"))
		return strings.Contains(string(log), "no space left")
	})
	if r := d.Run("clients", "list"); r.Status != 0 {
		t.Errorf("the server does not answer while its disk is full: %s", r.Err)
	}
	if err := syscall.Mount("tmpfs", small, "tmpfs", syscall.MS_REMOUNT, "size=200m"); err != nil {
		t.Fatal(err)
	}
	var f map[string]any
	d.Eventually("end of the flow", func() bool {
		f = Rows(t, d.must(d.Run("flows", "show", "--client", client, flow, "--format", "jsonl")))[0]
		return f["finished"] != nil
	})
	if f["state"] != "FINISHED" || f["rows"] != 100001.0 || f["uploaded_bytes"] != float64(len(content)) {
		t.Errorf("flow = %v", f)
	}
	sum := sha256.Sum256(content)
	u := Rows(t, d.must(d.Run("flows", "uploads", "--client", client, flow, "--format", "jsonl")))[0]
	if u["sha256"] != hex.EncodeToString(sum[:]) {
		t.Errorf("file = %v, want SHA-256 %x", u, sum)
	}
}
