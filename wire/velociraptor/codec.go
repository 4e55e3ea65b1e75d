// Package velociraptor speaks Velociraptor's client protocol, as release 0.77
// does (client API version 4), for both of its ends.
//
// A packet is an envelope: an AES key for the session, encrypted for the
// receiver by RSA and signed by the sender, and lists of messages encrypted by
// that key, all under an HMAC. Packets of a session carry the same encrypted
// key, so that RSA is needed for the first one only: what was agreed is cached,
// by the exact bytes of the encrypted key, once the signature was verified.
// Nothing else is ever cached, and the cache is bounded. A session stays trusted
// until Forget, whatever becomes of the peer's key.
//
// What a packet claims is checked in this order: the HMAC (else ErrForged), the
// form (else ErrMalformed), the nonce (else ErrForeign), and then the signature,
// without which the packet is not Trusted. Envelopes of clients before API
// version 4 are refused as malformed. The protocol has no defence against
// replay: a packet opens as often as it comes.
//
// Goshawk's additions travel in fields above 10000, which stock peers skip: the
// action of Rows, and Accepted. Durations and times have a unit each on the
// wire (velociraptor.proto names them); what a unit cannot hold is rounded up.
package velociraptor

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"io"
	"sync"
	"time"

	"goshawk"
	"goshawk/wire"
)

//go:generate go run goshawk/internal/protogen ../.. wire/velociraptor/velociraptor.proto

// The defaults of Options.
const (
	DefaultCacheSize = 100
	DefaultMaxList   = 100 << 20 // what stock peers inflate a list to
)

// Options say who a Codec is. Those without a remark are required.
type Options struct {
	Key    *rsa.PrivateKey
	Name   string // client id, or the name in the server's certificate
	Keys   wire.Keys
	Nonces Nonces

	CacheSize   int           // sessions kept in each direction; 0: DefaultCacheSize
	SessionLife time.Duration // after it a packet to the peer begins a new session; 0: never
	Compress    bool          // deflate lists; every peer can inflate
	MaxList     int64         // bytes of a list, inflated; 0: DefaultMaxList

	Now  func() time.Time // nil: time.Now
	Rand io.Reader        // of keys and vectors, safe for concurrent use; nil: crypto/rand
}

// Nonces knows the shared secrets by which deployments and their tenants tell
// their packets apart, and is safe for concurrent use. NonceMap is one.
type Nonces interface {
	// Org returns the tenant whose nonce it is.
	Org(nonce string) (goshawk.OrgID, bool)
	// Nonce returns the nonce of a tenant.
	Nonce(org goshawk.OrgID) (string, bool)
}

// NonceMap holds the nonces of few tenants. An agent has one, of the root org,
// whichever tenant it belongs to.
type NonceMap map[goshawk.OrgID]string

// Org returns the tenant whose nonce it is.
func (m NonceMap) Org(nonce string) (goshawk.OrgID, bool) {
	for org, n := range m {
		if n == nonce && n != "" {
			return org, true
		}
	}
	return "", false
}

// Nonce returns the nonce of a tenant.
func (m NonceMap) Nonce(org goshawk.OrgID) (string, bool) {
	n, ok := m[org]
	return n, ok && n != ""
}

// Codec is one end of the protocol, see wire.Codec.
type Codec struct {
	o         Options
	in        inbox
	out       outbox
	inflaters sync.Pool // of *inflater
	deflaters sync.Pool // of *deflater
}

var _ wire.Codec = (*Codec)(nil)

// New returns a Codec that has agreed with nobody yet.
func New(o Options) (*Codec, error) {
	if o.Key == nil || o.Name == "" || o.Keys == nil || o.Nonces == nil {
		return nil, fmt.Errorf("%w: velociraptor.Options needs Key, Name, Keys and Nonces", goshawk.ErrInvalid)
	}
	if o.CacheSize <= 0 {
		o.CacheSize = DefaultCacheSize
	}
	if o.MaxList <= 0 {
		o.MaxList = DefaultMaxList
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	return &Codec{
		o:         o,
		in:        newInbox(o.CacheSize),
		out:       outbox{byPeer: newLRU[wire.Peer, *outbound](o.CacheSize)},
		inflaters: sync.Pool{New: func() any { return new(inflater) }},
		deflaters: sync.Pool{New: func() any { return newDeflater() }},
	}, nil
}

// Pad returns a keep-alive: an envelope with one ignored number. The receiver's
// protobuf decoder merges it with the packet behind or before it.
func (c *Codec) Pad() []byte { return []byte{0x5a, 0x01, 0x00} }

// Forget drops the sessions of both directions.
func (c *Codec) Forget(peer wire.Peer) {
	c.in.forget(peer)
	c.out.forget(peer)
}

// Pack encodes messages as one list, deflated if Options.Compress.
func (c *Codec) Pack(ms []wire.Message) (wire.Packed, error) {
	list, err := encodeList(ms)
	if err != nil {
		return nil, err
	}
	return c.packList(list)
}

// Seal makes a packet for the peer. It fails with goshawk.ErrNotFound if the
// peer's key or the nonce of its tenant is not known.
func (c *Codec) Seal(to wire.Peer, lists []wire.Packed) ([]byte, error) {
	nonce, ok := c.o.Nonces.Nonce(to.Org)
	if !ok {
		return nil, fmt.Errorf("nonce of org %q: %w", to.Org, goshawk.ErrNotFound)
	}
	s, err := c.outboundTo(to)
	if err != nil {
		return nil, fmt.Errorf("session with %s: %w", to.Name, err)
	}
	lists, deflated, err := c.dressAlike(lists)
	if err != nil {
		return nil, err
	}
	p := packed{lists: lists, deflated: deflated, timestamp: c.o.Now(), nonce: nonce}
	return s.seal(c.o.Rand, &p)
}

// Open checks and decrypts a packet. An envelope without a session key, which
// is what pads alone are, is a packet without source and lists.
func (c *Codec) Open(packet []byte) (*wire.Packet, error) {
	e, err := parseEnvelope(packet)
	if err != nil {
		return nil, err
	}
	if len(e.cipher) == 0 {
		return &wire.Packet{Lists: func(func(wire.List, error) bool) {}}, nil
	}
	if s := c.in.find(e.cipher); s != nil {
		p, err := c.openBody(e, &s.secrets)
		if err != nil {
			return nil, err
		}
		if p.Org == s.peer.Org {
			p.Source, p.Trusted = s.peer.Name, true
			return p, nil
		}
		// The session was verified for another tenant: verify for this one.
	}
	return c.openNew(e)
}

// openNew opens a packet of an unknown session, and keeps the session if the
// packet is trusted.
func (c *Codec) openNew(e *envelope) (*wire.Packet, error) {
	o, err := openOffer(c.o.Key, e.cipher)
	if err != nil {
		return nil, err
	}
	p, err := c.openBody(e, &o.secrets)
	if err != nil {
		return nil, err
	}
	source, signature, err := o.openMetadata(e.metadata)
	if err != nil {
		return nil, err
	}
	p.Source = source
	session := &inbound{cipher: string(e.cipher), peer: p.Peer(), secrets: o.secrets}
	c.in.begin(session)
	p.Trusted, err = o.verify(c.o.Keys, session.peer, signature)
	c.in.end(session, p.Trusted)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// openBody checks the HMAC and decrypts the lists. Source and Trusted are left
// to the caller.
func (c *Codec) openBody(e *envelope, s *secrets) (*wire.Packet, error) {
	if err := e.check(s); err != nil {
		return nil, err
	}
	plain, err := decrypt(s.key, e.iv, e.encrypted)
	if err != nil {
		return nil, malformed("messages", err)
	}
	nonce, deflated, err := scanPacked(plain)
	if err != nil {
		return nil, malformed("packed lists", err)
	}
	org, ok := c.o.Nonces.Org(nonce)
	if !ok {
		return nil, fmt.Errorf("%w: its nonce belongs to no tenant here", wire.ErrForeign)
	}
	return &wire.Packet{Org: org, Lists: c.lists(plain, deflated)}, nil
}

// malformed says which part of a packet is wrong, and how.
func malformed(part string, err error) error {
	return fmt.Errorf("%w: %s: %w", wire.ErrMalformed, part, err)
}
