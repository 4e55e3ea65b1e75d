package velociraptor

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"goshawk"
	"goshawk/wire"
	"goshawk/wire/velociraptor/pb"
)

// keySize is that of AES-128, of its IV, and of the key of the HMAC.
const keySize = 16

// secrets are what both ends of a session know.
type secrets struct{ key, hmacKey [keySize]byte }

// inbound is a session that a peer began and whose signature was verified.
type inbound struct {
	cipher  string // encrypted CipherProperties, equal in all packets
	peer    wire.Peer
	secrets secrets
}

// outbound is a session that this end began.
type outbound struct {
	began    time.Time
	once     sync.Once // agrees; guards the fields below
	err      error
	secrets  secrets
	cipher   []byte // encrypted CipherProperties
	metadata []byte // encrypted CipherMetadata
}

var errNoAgreement = errors.New("no key was agreed")

// outboundTo returns the session to send by, and begins one if there is none or
// its life is over. Calls for one peer wait for one another.
func (c *Codec) outboundTo(to wire.Peer) (*outbound, error) {
	s := c.out.session(to, c.o.Now(), c.o.SessionLife)
	s.once.Do(func() {
		s.err = errNoAgreement // in case that Keys panics: no packet may go out under zero keys
		s.err = s.agree(&c.o, to)
	})
	if s.err != nil {
		c.out.drop(to, s)
		return nil, s.err
	}
	return s, nil
}

// agree makes the keys of a session, signed by ours and encrypted for the peer.
func (s *outbound) agree(o *Options, to wire.Peer) error {
	key, err := o.Keys.Key(to)
	if err != nil {
		return err
	}
	var random [3 * keySize]byte // key, HMAC key, IV of the metadata
	if _, err := io.ReadFull(o.Rand, random[:]); err != nil {
		return err
	}
	s.secrets = secrets{key: [keySize]byte(random[:]), hmacKey: [keySize]byte(random[keySize:])}
	iv := random[2*keySize:]
	offer, err := proto.Marshal(&pb.CipherProperties{
		Name:       "aes_128_cbc",
		Key:        s.secrets.key[:],
		MetadataIv: iv,
		HmacKey:    s.secrets.hmacKey[:],
		HmacType:   pb.CipherProperties_FULL_HMAC,
	})
	if err != nil {
		return err
	}
	if s.cipher, err = rsa.EncryptOAEP(sha1.New(), o.Rand, key, offer, nil); err != nil {
		return err
	}
	s.metadata, err = sealMetadata(o, s.secrets.key, iv, offer)
	return err
}

// sealMetadata says who begins the session, and proves it: the signature is
// over the offer as it was before encryption.
func sealMetadata(o *Options, key [keySize]byte, iv, offer []byte) ([]byte, error) {
	hash := sha256.Sum256(offer)
	signature, err := rsa.SignPKCS1v15(nil, o.Key, crypto.SHA256, hash[:])
	if err != nil {
		return nil, err
	}
	plain, err := proto.Marshal(&pb.CipherMetadata{Source: o.Name, Signature: signature})
	if err != nil {
		return nil, err
	}
	plain = pad(plain, padding(len(plain)))
	return plain, encrypt(key, iv, plain)
}

// offer is an opened CipherProperties.
type offer struct {
	hash    [sha256.Size]byte // of the serialized form, which is what is signed
	secrets secrets
	iv      []byte // of the metadata
}

// openOffer decrypts the session key that a peer proposes.
func openOffer(key *rsa.PrivateKey, cipher []byte) (*offer, error) {
	plain, err := rsa.DecryptOAEP(sha1.New(), nil, key, cipher, nil)
	if err != nil {
		return nil, malformed("session key, perhaps meant for another server key", err)
	}
	var props pb.CipherProperties
	if err := proto.Unmarshal(plain, &props); err != nil {
		return nil, malformed("session key", err)
	}
	if len(props.Key) != keySize || len(props.HmacKey) != keySize || len(props.MetadataIv) != keySize {
		return nil, malformed("session key", fmt.Errorf("lengths of key %d, HMAC key %d and IV %d, want %d",
			len(props.Key), len(props.HmacKey), len(props.MetadataIv), keySize))
	}
	return &offer{
		hash:    sha256.Sum256(plain),
		secrets: secrets{key: [keySize]byte(props.Key), hmacKey: [keySize]byte(props.HmacKey)},
		iv:      props.MetadataIv,
	}, nil
}

// openMetadata returns who says to have made the offer, and the proof.
func (o *offer) openMetadata(metadata []byte) (source string, signature []byte, err error) {
	plain, err := decrypt(o.secrets.key, o.iv, metadata)
	if err != nil {
		return "", nil, malformed("metadata", err)
	}
	var m pb.CipherMetadata
	if err := proto.Unmarshal(plain, &m); err != nil {
		return "", nil, malformed("metadata", err)
	}
	return m.Source, m.Signature, nil
}

// verify says whether the peer signed the offer. A key that is not known is no
// error, but one that could not be looked up is: the peer may be known.
func (o *offer) verify(keys wire.Keys, peer wire.Peer, signature []byte) (bool, error) {
	key, err := keys.Key(peer)
	if errors.Is(err, goshawk.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("key of %s: %w", peer.Name, err)
	}
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, o.hash[:], signature) == nil, nil
}
