package velociraptor

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"goshawk/wire"
	"goshawk/wire/wiretest"
)

// FuzzOpen tries the envelope. What is behind the HMAC is for FuzzDecodeList.
func FuzzOpen(f *testing.F) {
	e := newEnds(f)
	packet := goldenPackets(f)["up"]
	f.Add([]byte{})
	f.Add(e.client.Pad())
	f.Add(packet)
	f.Add(append(e.client.Pad(), packet...))
	f.Add(seal(f, e.client, e.serverPeer, checkin))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := e.server.Open(b)
		if err != nil {
			wantKnownError(t, err)
			return
		}
		for _, err := range p.Lists {
			if err != nil {
				wantKnownError(t, err)
			}
		}
	})
}

func wantKnownError(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrForged) && !errors.Is(err, wire.ErrForeign) {
		t.Errorf("%v is none of the errors of package wire", err)
	}
}

// FuzzDecodeList takes plain and deflated lists. What decodes is encoded to
// something that decodes and encodes to the same.
func FuzzDecodeList(f *testing.F) {
	e := newEnds(f, func(client, server *Options) { server.MaxList = 1 << 20 })
	for _, m := range wiretest.Messages() {
		list, err := encodeList([]wire.Message{m})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(list, false)
		deflated, err := e.client.deflate(list)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(deflated), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, deflated bool) {
		ms, err := e.server.openList(b, deflated)
		if err != nil {
			return
		}
		first, err := encodeList(ms)
		if errors.Is(err, errNoRawSize) {
			return // which no peer of ours sends
		}
		if err != nil {
			t.Fatal(err)
		}
		if ms, err = e.client.decodeList(first); err != nil {
			t.Fatal(err)
		}
		second, err := encodeList(ms)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("encoded to\n%x, and again to\n%x, %v", first, second, err)
		}
	})
}

// FuzzScanPacked takes what the HMAC protects, with lists that decode or not.
func FuzzScanPacked(f *testing.F) {
	e := newEnds(f, func(client, server *Options) { server.MaxList = 1 << 20 })
	list, err := encodeList(wiretest.Messages())
	if err != nil {
		f.Fatal(err)
	}
	f.Add((&packed{lists: []wire.Packed{list, nil}, nonce: nonce}).append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, deflated, err := scanPacked(b)
		if err != nil {
			return
		}
		for _, err := range e.server.lists(b, deflated) {
			if err != nil {
				wantKnownError(t, err)
			}
		}
	})
}

func FuzzReveal(f *testing.F) {
	n := NewNames("one")
	f.Add("A", []byte("Starting "+n.Obfuscate("A")))
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		n.RevealText(text)
		if got, err := n.Reveal(n.Obfuscate(name)); strings.ToValidUTF8(name, "") == name && (got != name || err != nil) {
			t.Errorf("Reveal(Obfuscate(%q)) = %q, %v", name, got, err)
		}
	})
}
