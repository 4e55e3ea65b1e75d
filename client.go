// Package goshawk is the glossary of the house: the nouns that every part
// speaks of, their identifiers and states, and the kinds of errors. It has no
// machinery; docs/ARCHITECTURE.md is the map of what does.
package goshawk

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// ClientID names an enrolled endpoint: "C." and 16 lower-case hex digits that
// follow from its public key, so that nobody can take another's id.
type ClientID string

// ParseClientID checks that s has the form of a client id.
func ParseClientID(s string) (ClientID, error) {
	if len(s) == 18 && s[:2] == "C." && isLowerHex(s[2:]) {
		return ClientID(s), nil
	}
	return "", fmt.Errorf("%w: %q is no client id (C. and 16 hex digits)", ErrInvalid, clip(s))
}

func isLowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// clip shortens a text from outside for an error message.
func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// ClientIDOf derives a client's id from its public key: the first eight bytes
// of SHA-256 over the modulus, written as OpenSSL's BN_bn2mpi writes it for a
// number with its top bit set: a big-endian length, a zero byte, the modulus.
func ClientIDOf(key *rsa.PublicKey) ClientID {
	n := key.N.Bytes()
	buf := binary.BigEndian.AppendUint32(nil, uint32(len(n)+1))
	buf = append(append(buf, 0), n...)
	sum := sha256.Sum256(buf)
	return ClientID("C." + hex.EncodeToString(sum[:8]))
}

// Client is what is known of an endpoint.
type Client struct {
	ID           ClientID
	Hostname     string
	FQDN         string
	OS           string // linux, windows, darwin
	Release      string // platform and its version
	Architecture string
	AgentName    string
	AgentVersion string
	Address      string // where it last connected from
	Labels       []string
	MACs         []string
	FirstSeen    time.Time
	LastSeen     time.Time
}
