package velociraptor

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goshawk/wire"
	"goshawk/wire/wiretest"
)

var update = flag.Bool("update", false, "make testdata/golden.txt anew")

const golden = "testdata/golden.txt"

// Packets of earlier versions must open for ever: agents and servers are not
// updated together, and a change of both ends would pass every other test.
func TestGoldenPackets(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	e := newEnds(t)
	for name, packet := range goldenPackets(t) {
		to := e.server
		if name == "down" {
			to = e.client
		}
		p, ms := open(t, to, packet)
		if diff := cmp.Diff(wiretest.Messages(), ms); diff != "" || !p.Trusted {
			t.Errorf("%s: trusted %v, (- want, + got)\n%s", name, p.Trusted, diff)
		}
	}
}

// writeGolden writes a line for each direction: its name and the packet in hex.
func writeGolden(t *testing.T) {
	e := newEnds(t)
	ms := wiretest.Messages()
	lists := [][]wire.Message{ms[:4], ms[4:]}
	text := fmt.Sprintf("up %x\ndown %x\n", seal(t, e.client, e.serverPeer, lists...), seal(t, e.server, e.clientPeer, lists...))
	if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// goldenPackets returns the packets of testdata by their direction.
func goldenPackets(t testing.TB) map[string][]byte {
	t.Helper()
	b, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	packets := map[string][]byte{}
	for line := range strings.Lines(string(b)) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if packets[name], err = hex.DecodeString(text); err != nil {
			t.Fatal(err)
		}
	}
	return packets
}
