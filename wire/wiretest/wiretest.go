// Package wiretest is the suite that every wire.Codec passes.
package wiretest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goshawk/wire"
)

// Pair is a client and a server that speak with one another, fresh for a test.
type Pair struct {
	Client, Server         wire.Codec
	ClientPeer, ServerPeer wire.Peer // as the other end calls it

	// Know makes the client's key known to the server, or unknown again. At
	// first it is unknown. The server's key is known to the client from the first.
	Know func(known bool)

	Impostor wire.Codec // says to be the client and has another key
	Stranger wire.Codec // a client of another deployment, which knows the server's key

	// Limit is how many bytes of a list the server inflates; the client packs
	// a hundred times as many. 0: the protocol does not compress.
	Limit int
}

// Run tests the codecs that newPair makes.
func Run(t *testing.T, newPair func(t *testing.T) *Pair) {
	for name, test := range map[string]func(*testing.T, *Pair){
		"round trip":                          testRoundTrip,
		"messages and lists keep their order": testOrder,
		"nothing to say":                      testNothing,
		"a list is recognised when resent":    testResend,
		"trusted once the key is known":       testTrust,
		"an impostor is not trusted":          testImpostor,
		"a stranger is foreign":               testStranger,
		"a replayed packet opens again":       testReplay,
		"forget begins anew":                  testForget,
		"pads before a packet mean nothing":   testPads,
		"changed bytes":                       testTampering,
		"cut packets":                         testTruncation,
		"noise":                               testNoise,
		"a packet for the other end":          testMisdirected,
		"many at once":                        testConcurrency,
		"a bomb is refused in little memory":  testBomb,
	} {
		t.Run(name, func(t *testing.T) { test(t, newPair(t)) })
	}
}

// up and down seal messages as lists for the other end.
func (p *Pair) up(t testing.TB, lists ...[]wire.Message) []byte {
	t.Helper()
	return seal(t, p.Client, p.ServerPeer, lists...)
}

func (p *Pair) down(t testing.TB, lists ...[]wire.Message) []byte {
	t.Helper()
	return seal(t, p.Server, p.ClientPeer, lists...)
}

func seal(t testing.TB, c wire.Codec, to wire.Peer, lists ...[]wire.Message) []byte {
	t.Helper()
	var packed []wire.Packed
	for _, ms := range lists {
		packed = append(packed, pack(t, c, ms))
	}
	packet, err := c.Seal(to, packed)
	if err != nil {
		t.Fatalf("Seal(%v): %v", to, err)
	}
	return packet
}

func pack(t testing.TB, c wire.Codec, ms []wire.Message) wire.Packed {
	t.Helper()
	p, err := c.Pack(ms)
	if err != nil {
		t.Fatalf("Pack: %v", err)
	}
	return p
}

func open(t testing.TB, c wire.Codec, packet []byte) (*wire.Packet, []wire.List) {
	t.Helper()
	before := bytes.Clone(packet)
	p, err := c.Open(packet)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	lists, err := collect(p)
	if err != nil {
		t.Fatalf("Lists: %v", err)
	}
	if !bytes.Equal(packet, before) {
		t.Error("Open changed the packet")
	}
	return p, lists
}

func collect(p *wire.Packet) (lists []wire.List, err error) {
	for l, err := range p.Lists {
		if err != nil {
			return lists, err
		}
		lists = append(lists, l)
	}
	return lists, nil
}

func messages(lists []wire.List) (ms [][]wire.Message) {
	for _, l := range lists {
		ms = append(ms, l.Messages)
	}
	return ms
}

func wantTrusted(t testing.TB, p *wire.Packet, from wire.Peer) {
	t.Helper()
	if p.Peer() != from || !p.Trusted {
		t.Errorf("packet from %v, trusted %v, want %v, trusted", p.Peer(), p.Trusted, from)
	}
}

func wantMessages(t testing.TB, lists []wire.List, want ...[]wire.Message) {
	t.Helper()
	if diff := cmp.Diff(want, messages(lists)); diff != "" {
		t.Errorf("messages (- want, + got):\n%s", diff)
	}
}

func testRoundTrip(t *testing.T, p *Pair) {
	p.Know(true)
	for _, m := range append(Messages(), bare()...) {
		for _, way := range []struct {
			name     string
			from, to wire.Codec
			peer     wire.Peer
		}{{"up", p.Client, p.Server, p.ServerPeer}, {"down", p.Server, p.Client, p.ClientPeer}} {
			t.Run(fmt.Sprintf("%T %s", m.Body, way.name), func(t *testing.T) {
				_, lists := open(t, way.to, seal(t, way.from, way.peer, []wire.Message{m}))
				wantMessages(t, lists, []wire.Message{m})
			})
		}
	}
}

// bare returns messages whose bodies have no field set.
func bare() (ms []wire.Message) {
	seen := map[reflect.Type]bool{}
	for _, m := range Messages() {
		if m.Body == nil {
			continue
		}
		kind := reflect.TypeOf(m.Body).Elem()
		if !seen[kind] {
			ms = append(ms, wire.Message{Body: reflect.New(kind).Interface().(wire.Body)})
		}
		seen[kind] = true
	}
	return ms
}

func testOrder(t *testing.T, p *Pair) {
	p.Know(true)
	ms := Messages()
	_, lists := open(t, p.Server, p.up(t, ms[:3], ms[3:4], ms[4:]))
	wantMessages(t, lists, ms[:3], ms[3:4], ms[4:])
}

func testNothing(t *testing.T, p *Pair) {
	p.Know(true)
	for name, lists := range map[string][][]wire.Message{"no list": nil, "an empty list": {nil}} {
		got, opened := open(t, p.Client, p.down(t, lists...))
		wantTrusted(t, got, p.ServerPeer)
		for _, l := range opened {
			if len(l.Messages) > 0 {
				t.Errorf("%s: opened to messages %v", name, l.Messages)
			}
		}
	}
}

func testResend(t *testing.T, p *Pair) {
	p.Know(true)
	lists := []wire.Packed{pack(t, p.Client, Messages()[:2]), pack(t, p.Client, Messages()[2:4])}
	var packets [][]byte
	var keys [][2][32]byte
	for range 3 {
		packet, err := p.Client.Seal(p.ServerPeer, lists)
		if err != nil {
			t.Fatal(err)
		}
		_, opened := open(t, p.Server, packet)
		packets, keys = append(packets, packet), append(keys, [2][32]byte{opened[0].Key, opened[1].Key})
		if len(packets) == 2 {
			p.Client.Forget(p.ServerPeer) // so that the third has another session
		}
	}
	if keys[0] != keys[1] || keys[0] != keys[2] {
		t.Errorf("the keys of resent lists differ: %x", keys)
	}
	if keys[0][0] == keys[0][1] {
		t.Error("two lists have one key")
	}
	if bytes.Equal(packets[0], packets[1]) || bytes.Equal(packets[1], packets[2]) {
		t.Error("a list sealed again gave the same packet")
	}
}

func testTrust(t *testing.T, p *Pair) {
	csr := []wire.Message{{Session: wire.SessionEnrol, Urgent: true, Body: &wire.CSR{PEM: []byte("request")}}}
	for range 2 { // the first must leave nothing behind that makes the second trusted
		got, lists := open(t, p.Server, p.up(t, csr))
		if got.Trusted || got.Peer() != p.ClientPeer {
			t.Errorf("before enrolment: packet from %v, trusted %v, want %v, not trusted", got.Peer(), got.Trusted, p.ClientPeer)
		}
		wantMessages(t, lists, csr)
	}
	p.Know(true)
	got, lists := open(t, p.Server, p.up(t, csr))
	wantTrusted(t, got, p.ClientPeer)
	wantMessages(t, lists, csr)
	got, _ = open(t, p.Client, p.down(t))
	wantTrusted(t, got, p.ServerPeer)
}

func testImpostor(t *testing.T, p *Pair) {
	p.Know(true)
	want := []wire.Message{{Session: "F.0123456789ABC", Body: &wire.Accepted{}}}
	open(t, p.Server, p.up(t, want)) // the client's own session must not help
	got, _ := open(t, p.Server, seal(t, p.Impostor, p.ServerPeer, want))
	if got.Trusted {
		t.Error("a packet signed by another key is trusted")
	}
	got, _ = open(t, p.Server, p.up(t, want))
	wantTrusted(t, got, p.ClientPeer)
}

func testStranger(t *testing.T, p *Pair) {
	p.Know(true)
	if _, err := p.Server.Open(seal(t, p.Stranger, p.ServerPeer, Messages())); !errors.Is(err, wire.ErrForeign) {
		t.Errorf("Open(packet of another deployment) = %v, want ErrForeign", err)
	}
}

func testReplay(t *testing.T, p *Pair) {
	p.Know(true)
	packet := p.up(t, Messages())
	for range 2 {
		got, lists := open(t, p.Server, packet)
		wantTrusted(t, got, p.ClientPeer)
		wantMessages(t, lists, Messages())
		again, err := collect(got)
		if err != nil {
			t.Error(err)
		}
		wantMessages(t, again, Messages())
	}
}

func testForget(t *testing.T, p *Pair) {
	p.Know(true)
	packet := p.up(t, Messages())
	open(t, p.Server, packet)
	p.Know(false)
	p.Server.Forget(p.ClientPeer)
	if got, _ := open(t, p.Server, packet); got.Trusted {
		t.Error("a forgotten client whose key is gone is trusted")
	}
	p.Know(true)
	got, _ := open(t, p.Server, packet)
	wantTrusted(t, got, p.ClientPeer)
	p.Client.Forget(p.ServerPeer)
	p.Server.Forget(p.ClientPeer)
	for range 2 {
		got, _ = open(t, p.Server, p.up(t, Messages()))
		wantTrusted(t, got, p.ClientPeer)
		got, _ = open(t, p.Client, p.down(t, Messages()))
		wantTrusted(t, got, p.ServerPeer)
	}
}

func testPads(t *testing.T, p *Pair) {
	p.Know(true)
	pads := bytes.Repeat(p.Server.Pad(), 3)
	got, lists := open(t, p.Client, append(bytes.Clone(pads), p.down(t, Messages())...))
	wantTrusted(t, got, p.ServerPeer)
	wantMessages(t, lists, Messages())
	if got, lists = open(t, p.Client, pads); got.Trusted || len(lists) > 0 {
		t.Errorf("pads alone opened to trusted %v and lists %v", got.Trusted, lists)
	}
}
