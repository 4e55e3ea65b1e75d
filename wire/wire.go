// Package wire says what agents and servers tell one another, whatever the
// dress: messages, the packets that carry them, and the Codec that a protocol
// implements. wire/velociraptor is one such protocol.
package wire

import (
	"crypto/rsa"
	"errors"
	"iter"

	"goshawk"
)

// The ways in which a packet can be refused. A packet that is signed by an
// unknown key is not refused: it is a Packet that is not Trusted.
var (
	ErrMalformed = errors.New("malformed packet")         // not the protocol's form, wrong padding, too large
	ErrForged    = errors.New("packet was tampered with") // its checksum does not hold
	ErrForeign   = errors.New("packet of another deployment")
)

// Peer is one end of a conversation: a client by its id or a server by its
// name, in the tenant that the packets between them belong to. One id may be
// enrolled in several tenants.
type Peer struct {
	Org  goshawk.OrgID // root on an agent, which does not know its tenant
	Name string
}

// Message is one thing said. Session is a flow's id, or a well-known name.
type Message struct {
	Session string
	Urgent  bool // ahead of whatever else waits
	Body    Body
}

// The well-known sessions.
const (
	SessionEnrol  = "E:Enrol"   // colon: this is how stock agents spell it
	SessionCheck  = "E.Foreman" // an agent's check-in
	SessionStatus = "F.Status"  // questions after the state of flows
)

// List is what is encoded, resent and recognised as one: messages of one agent
// in order. Key is SHA-256 of its encoded bytes, equal over all resends.
type List struct {
	Key      [32]byte
	Messages []Message
}

// Packet is the opened content of one request, answer or frame.
type Packet struct {
	Source  string        // client id, or the server's name
	Org     goshawk.OrgID // tenant that the packet addressed
	Trusted bool          // signed by the key that is known for Source

	// Lists yields the packet's lists one after another, decoding each when it
	// is asked for: only one is in memory at a time. It ends after an error.
	Lists iter.Seq2[List, error]
}

// Peer returns whom the packet claims to be from; believe it if Trusted.
func (p *Packet) Peer() Peer { return Peer{p.Org, p.Source} }

// Packed is an encoded list, ready to be sealed, once or again.
type Packed []byte

// Codec speaks one protocol for one peer of it. It is safe for concurrent use.
type Codec interface {
	// Pack encodes messages as one list.
	Pack(ms []Message) (Packed, error)
	// Seal makes a packet for the peer to. Sealing the same lists again gives
	// other bytes around the same lists.
	Seal(to Peer, lists []Packed) ([]byte, error)
	// Open checks and decrypts a packet. Its errors are those above, or what
	// Keys failed with: then the packet may be good and is to be kept.
	Open(packet []byte) (*Packet, error)
	// Pad returns bytes that may stand before a packet and mean nothing, with
	// which a channel is kept alive.
	Pad() []byte
	// Forget drops what was agreed with the peer, so that the next packet
	// begins anew.
	Forget(peer Peer)
}

// Keys finds the public keys by which packets are verified and sealed.
type Keys interface {
	// Key returns the key known for the peer, or goshawk.ErrNotFound.
	Key(peer Peer) (*rsa.PublicKey, error)
}
