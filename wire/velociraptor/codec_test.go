package velociraptor

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"goshawk"
	"goshawk/wire"
	"goshawk/wire/wiretest"
)

func TestSuite(t *testing.T) {
	for _, compress := range []bool{true, false} {
		t.Run(fmt.Sprintf("compress %v", compress), func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T) *wiretest.Pair { return newPair(t, compress) })
		})
	}
}

func newPair(t *testing.T, compress bool) *wiretest.Pair {
	const limit = 1 << 20
	var impostor, stranger Options
	e := newEnds(t, func(client, server *Options) {
		client.Compress, server.Compress = compress, compress
		server.MaxList = limit
		impostor, stranger = *client, *client
		impostor.Key = readKey(t, "other")
		stranger.Nonces = NonceMap{"": "another"}
	})
	know := func(known bool) {
		var key *rsa.PublicKey
		if known {
			key = &e.clientKey.PublicKey
		}
		e.keys.set(e.clientPeer, key)
	}
	know(false)
	return &wiretest.Pair{
		Client: e.client, Server: e.server, ClientPeer: e.clientPeer, ServerPeer: e.serverPeer, Know: know,
		Impostor: mustNew(t, impostor), Stranger: mustNew(t, stranger), Limit: limit,
	}
}

var checkin = []wire.Message{{Session: wire.SessionCheck, Body: &wire.Checkin{EventTable: 7}}}

func TestNewNeedsItsOptions(t *testing.T) {
	if _, err := New(Options{}); !errors.Is(err, goshawk.ErrInvalid) {
		t.Errorf("New without options = %v, want ErrInvalid", err)
	}
}

func TestPadsMergeOnBothSides(t *testing.T) {
	e := newEnds(t)
	packet := seal(t, e.server, e.clientPeer, checkin)
	pads := bytes.Repeat(e.server.Pad(), 2)
	for name, b := range map[string][]byte{
		"before": append(bytes.Clone(pads), packet...),
		"after":  append(bytes.Clone(packet), pads...),
	} {
		if p, ms := open(t, e.client, b); !p.Trusted || !cmp.Equal(ms, checkin) {
			t.Errorf("%s: trusted %v, messages %v", name, p.Trusted, ms)
		}
	}
}

// A server speaks with one id in two tenants: each has a nonce, a key and
// sessions of its own.
func TestTenantsAreApart(t *testing.T) {
	var moved Options
	e := newEnds(t, func(client, _ *Options) {
		moved = *client
		moved.Nonces = NonceMap{"": tenantNonce}
	})
	there := mustNew(t, moved)
	inTenant := wire.Peer{Org: tenant, Name: e.clientPeer.Name}

	open(t, e.server, seal(t, e.client, e.serverPeer, checkin))
	p, _ := open(t, e.server, seal(t, there, e.serverPeer, checkin))
	if p.Trusted || p.Peer() != inTenant {
		t.Errorf("not enrolled in the tenant: from %v, trusted %v, want %v, not trusted", p.Peer(), p.Trusted, inTenant)
	}
	if _, err := e.server.Seal(inTenant, nil); !errors.Is(err, goshawk.ErrNotFound) {
		t.Errorf("Seal to a client not enrolled = %v, want ErrNotFound", err)
	}
	e.keys.set(inTenant, &e.clientKey.PublicKey)
	if p, _ = open(t, e.server, seal(t, there, e.serverPeer, checkin)); !p.Trusted {
		t.Error("enrolled in the tenant: not trusted")
	}
	if p, _ = open(t, there, seal(t, e.server, inTenant, checkin)); !p.Trusted {
		t.Error("the client of the tenant does not trust its server")
	}
	if _, err := e.client.Open(seal(t, e.server, inTenant, checkin)); !errors.Is(err, wire.ErrForeign) {
		t.Errorf("a packet of the tenant opened outside: %v, want ErrForeign", err)
	}
	if _, err := e.server.Seal(wire.Peer{Org: "O9", Name: e.clientPeer.Name}, nil); !errors.Is(err, goshawk.ErrNotFound) {
		t.Errorf("Seal for an unknown tenant = %v, want ErrNotFound", err)
	}
}

// One session under the nonce of another tenant must be verified for it anew.
func TestSessionIsOfOneTenant(t *testing.T) {
	e := newEnds(t)
	nonces := NonceMap{"": nonce}
	e.client.o.Nonces = nonces
	open(t, e.server, seal(t, e.client, e.serverPeer, checkin))
	nonces[""] = tenantNonce
	p, _ := open(t, e.server, seal(t, e.client, e.serverPeer, checkin))
	if p.Trusted || p.Org != tenant {
		t.Errorf("org %q, trusted %v, want %q, not trusted", p.Org, p.Trusted, tenant)
	}
}

// A doubt about a key is no reason to tell a client that it is unknown.
func TestFailedLookupIsAnError(t *testing.T) {
	e := newEnds(t)
	down := errors.New("store is down")
	e.keys.fail(down)
	if _, err := e.server.Open(seal(t, e.client, e.serverPeer, checkin)); !errors.Is(err, down) {
		t.Errorf("Open = %v, want %v", err, down)
	}
	if _, err := e.server.Seal(e.clientPeer, nil); !errors.Is(err, down) {
		t.Errorf("Seal = %v, want %v", err, down)
	}
	e.keys.fail(nil)
	if p, _ := open(t, e.server, seal(t, e.client, e.serverPeer, checkin)); !p.Trusted {
		t.Error("not trusted once the store is back")
	}
	open(t, e.client, seal(t, e.server, e.clientPeer, checkin))
}

func sessionKey(t *testing.T, packet []byte) string {
	t.Helper()
	e, err := parseEnvelope(packet)
	if err != nil {
		t.Fatal(err)
	}
	return string(e.cipher)
}

func TestSessionLife(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	e := newEnds(t, func(client, _ *Options) {
		client.SessionLife = time.Hour
		client.Now = func() time.Time { return now }
	})
	first := sessionKey(t, seal(t, e.client, e.serverPeer))
	now = now.Add(time.Hour - 1)
	if sessionKey(t, seal(t, e.client, e.serverPeer)) != first {
		t.Error("another session within the life of the first")
	}
	now = now.Add(1)
	if sessionKey(t, seal(t, e.client, e.serverPeer)) == first {
		t.Error("the same session after its life")
	}
}

func TestCachesAreBounded(t *testing.T) {
	e := newEnds(t, func(_, server *Options) { server.CacheSize = 2 })
	for i := range 5 {
		peer := wire.Peer{Name: fmt.Sprintf("C.%016d", i)}
		e.keys.set(peer, &e.clientKey.PublicKey)
		seal(t, e.server, peer)
		e.client.o.Name = peer.Name
		e.client.Forget(e.serverPeer)
		if p, _ := open(t, e.server, seal(t, e.client, e.serverPeer)); !p.Trusted {
			t.Errorf("%v is not trusted", peer)
		}
	}
	in, out := &e.server.in, &e.server.out
	if n, m, o := len(in.byPeer.byKey), len(in.byCipher), len(out.byPeer.byKey); n != 2 || m != 2 || o != 2 {
		t.Errorf("%d and %d inbound and %d outbound sessions, want 2 of each", n, m, o)
	}
}

func TestOneInboundSessionForAPeer(t *testing.T) {
	e := newEnds(t)
	for range 3 {
		open(t, e.server, seal(t, e.client, e.serverPeer))
		e.client.Forget(e.serverPeer)
	}
	if n, m := len(e.server.in.byPeer.byKey), len(e.server.in.byCipher); n != 1 || m != 1 {
		t.Errorf("%d and %d sessions of one client, want 1", n, m)
	}
}

// A client may be forgotten while a packet of it is being verified.
func TestForgetWinsOverVerificationUnderWay(t *testing.T) {
	b := newInbox(10)
	forgotten := &inbound{peer: wire.Peer{Name: "C.1"}, cipher: "1"}
	other := &inbound{peer: wire.Peer{Name: "C.2"}, cipher: "2"}
	b.begin(forgotten)
	b.begin(other)
	b.forget(forgotten.peer)
	b.end(forgotten, true)
	b.end(other, true)
	if b.find([]byte("1")) != nil || b.find([]byte("2")) != other || len(b.verifying) != 0 {
		t.Errorf("kept %v, want only %v; still verifying %d", b.byCipher, other, len(b.verifying))
	}
}

// panicking is wire.Keys with a bug, in a server that recovers.
type panicking struct{}

func (panicking) Key(wire.Peer) (*rsa.PublicKey, error) { panic("bug") }

func TestPanicOfKeysLeavesNoSession(t *testing.T) {
	e := newEnds(t)
	e.server.o.Keys = panicking{}
	s := e.server.out.session(e.clientPeer, time.Now(), 0)
	for range 2 {
		func() {
			defer func() { recover() }()
			if packet, err := e.server.Seal(e.clientPeer, nil); err == nil {
				t.Errorf("sealed %x without a key", packet)
			}
		}()
	}
	if len(s.cipher) != 0 || s.err == nil {
		t.Errorf("session has error %v", s.err)
	}
}
