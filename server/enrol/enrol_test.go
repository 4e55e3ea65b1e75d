package enrol

import (
	"context"
	"crypto/rsa"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"goshawk"
	"goshawk/internal/pki"
	"goshawk/store/sqlite"
	"goshawk/wire"
)

func newKey(t *testing.T) (*rsa.PrivateKey, goshawk.ClientID, []byte) {
	t.Helper()
	key, err := pki.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	csr, err := pki.NewRequest(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, goshawk.ClientIDOf(&key.PublicKey), csr
}

func packet(source goshawk.ClientID, bodies ...wire.Body) *wire.Packet {
	var ms []wire.Message
	for _, b := range bodies {
		ms = append(ms, wire.Message{Session: wire.SessionEnrol, Body: b})
	}
	return &wire.Packet{Source: string(source), Lists: func(yield func(wire.List, error) bool) { yield(wire.List{Messages: ms}, nil) }}
}

// TestClientIDSpoof: an id is had by its key alone.
func TestClientIDSpoof(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	st, err := sqlite.Open(t.Context(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	joined := 0
	o := Options{Store: st, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Joined: func(context.Context, goshawk.ClientID) error { joined++; return nil }}
	c, err := Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	key, id, csr := newKey(t)
	_, victim, _ := newKey(t)
	for _, p := range []*wire.Packet{
		packet(victim, &wire.CSR{PEM: csr}), // another's id as source
		packet(id, &wire.CSR{PEM: []byte("no request")}),
		packet(id, &wire.CSR{PEM: csr[:len(csr)/2]}),
		packet(id, &wire.Rows{Name: "Q", Data: []byte("{}\n")}), // data of a stranger
	} {
		if err := c.Take(t.Context(), p); err != nil {
			t.Errorf("Take: %v", err)
		}
	}
	if c.Len() != 0 || joined != 0 {
		t.Errorf("%d clients are enrolled, %d joined, want none", c.Len(), joined)
	}
	for range 2 { // asking again changes nothing
		if err := c.Take(t.Context(), packet(id, &wire.CSR{PEM: csr})); err != nil {
			t.Fatal(err)
		}
	}
	if joined != 1 {
		t.Errorf("joined %d times, want once", joined)
	}
	again, err := Load(t.Context(), o) // as after a restart
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range []*Clients{c, again} {
		got, err := known.Key(wire.Peer{Name: string(id)})
		if err != nil || !got.Equal(&key.PublicKey) {
			t.Errorf("Key = %v, %v", got, err)
		}
		if _, err := known.Key(wire.Peer{Name: string(id), Org: "O1234"}); err == nil {
			t.Errorf("the key of one tenant counts in another")
		}
	}
}
