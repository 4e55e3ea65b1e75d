package velociraptor

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"goshawk"
	"goshawk/wire"
)

const (
	serverName  = "VelociraptorServer"
	nonce       = "AQIDBAUGBwg="
	tenantNonce = "tenant="
	tenant      = goshawk.OrgID("O123")
)

// keyring is wire.Keys in memory.
type keyring struct {
	mu   sync.Mutex // guards the fields below
	keys map[wire.Peer]*rsa.PublicKey
	err  error // if set, what every look-up fails with
}

func (r *keyring) Key(peer wire.Peer) (*rsa.PublicKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return nil, r.err
	}
	if key, ok := r.keys[peer]; ok {
		return key, nil
	}
	return nil, fmt.Errorf("key of %v: %w", peer, goshawk.ErrNotFound)
}

func (r *keyring) set(peer wire.Peer, key *rsa.PublicKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil {
		r.keys = map[wire.Peer]*rsa.PublicKey{}
	}
	if r.keys[peer] = key; key == nil {
		delete(r.keys, peer)
	}
}

func (r *keyring) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// ends is a client and a server with keys of testdata, and what they know.
type ends struct {
	client, server         *Codec
	clientPeer, serverPeer wire.Peer
	clientKey, serverKey   *rsa.PrivateKey
	keys                   *keyring // of the server
}

// newEnds makes a client that the server knows. The options may be changed
// before the codecs are made.
func newEnds(t testing.TB, change ...func(client, server *Options)) *ends {
	t.Helper()
	e := &ends{clientKey: readKey(t, "client"), serverKey: readKey(t, "server"), keys: &keyring{}}
	e.clientPeer = wire.Peer{Name: string(goshawk.ClientIDOf(&e.clientKey.PublicKey))}
	e.serverPeer = wire.Peer{Name: serverName}
	e.keys.set(e.clientPeer, &e.clientKey.PublicKey)
	theirs := &keyring{}
	theirs.set(e.serverPeer, &e.serverKey.PublicKey)
	client := Options{Key: e.clientKey, Name: e.clientPeer.Name, Keys: theirs, Nonces: NonceMap{"": nonce}, Compress: true}
	server := Options{Key: e.serverKey, Name: serverName, Keys: e.keys, Nonces: NonceMap{"": nonce, tenant: tenantNonce}}
	for _, f := range change {
		f(&client, &server)
	}
	e.client, e.server = mustNew(t, client), mustNew(t, server)
	return e
}

func mustNew(t testing.TB, o Options) *Codec {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// readKey reads a key of testdata, which were made for these tests.
func readKey(t testing.TB, name string) *rsa.PrivateKey {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	return parseKey(t, string(text))
}

func parseKey(t testing.TB, text string) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatalf("no PEM: %.40q", text)
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func parsePublicKey(t testing.TB, text string) *rsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatalf("no PEM: %.40q", text)
	}
	key, err := x509.ParsePKCS1PublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// parseRequest returns the key in a certificate request.
func parseRequest(t testing.TB, text []byte) *rsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatalf("no PEM: %.40q", text)
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return request.PublicKey.(*rsa.PublicKey)
}

// seal packs each argument as a list of its own.
func seal(t testing.TB, c *Codec, to wire.Peer, lists ...[]wire.Message) []byte {
	t.Helper()
	var packed []wire.Packed
	for _, ms := range lists {
		p, err := c.Pack(ms)
		if err != nil {
			t.Fatal(err)
		}
		packed = append(packed, p)
	}
	packet, err := c.Seal(to, packed)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

// open returns all messages of a packet that must be good.
func open(t testing.TB, c *Codec, packet []byte) (*wire.Packet, []wire.Message) {
	t.Helper()
	p, err := c.Open(packet)
	if err != nil {
		t.Fatal(err)
	}
	var ms []wire.Message
	for l, err := range p.Lists {
		if err != nil {
			t.Fatal(err)
		}
		ms = append(ms, l.Messages...)
	}
	return p, ms
}
