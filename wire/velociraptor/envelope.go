package velociraptor

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"

	"goshawk/wire"
)

// apiVersion is that of clients since release 0.6.8. Before it, messages had
// another form.
const apiVersion = 4

// Fields of ClientCommunication.
const (
	envEncrypted = 1
	envCipher    = 2
	envVersion   = 6
	envIV        = 8
	envMetadata  = 9
	envHMAC      = 10
)

// envelope is a ClientCommunication. It is read and written here and not by
// generated code, so that the ciphertext, which is nearly all of it, is not
// copied. The slices of an opened one belong to the caller of Open.
type envelope struct {
	encrypted []byte // PackedMessageList
	cipher    []byte // CipherProperties
	metadata  []byte // CipherMetadata
	iv        []byte
	hmac      []byte
	version   uint32
}

// parseEnvelope reads an envelope. As in any protobuf message, the last of
// several equal fields counts, and unknown ones, such as padding, are skipped.
func parseEnvelope(packet []byte) (*envelope, error) {
	e := &envelope{}
	for f, rest, err := next(packet); f.num != 0; f, rest, err = next(rest) {
		if err != nil {
			return nil, malformed("envelope", err)
		}
		switch {
		case f.is(envEncrypted, protowire.BytesType):
			e.encrypted = f.bytes
		case f.is(envCipher, protowire.BytesType):
			e.cipher = f.bytes
		case f.is(envVersion, protowire.VarintType):
			e.version = uint32(f.varint)
		case f.is(envIV, protowire.BytesType):
			e.iv = f.bytes
		case f.is(envMetadata, protowire.BytesType):
			e.metadata = f.bytes
		case f.is(envHMAC, protowire.BytesType):
			e.hmac = f.bytes
		}
	}
	return e, nil
}

// sum is HMAC-SHA-1 over all that the receiver relies on.
func (e *envelope) sum(key [keySize]byte) []byte {
	h := hmac.New(sha1.New, key[:])
	h.Write(e.encrypted)
	h.Write(e.cipher)
	h.Write(e.metadata)
	h.Write(e.iv)
	h.Write(binary.LittleEndian.AppendUint32(nil, e.version))
	return h.Sum(nil)
}

// check compares the HMAC before anything is decrypted by the session's key.
func (e *envelope) check(s *secrets) error {
	if !hmac.Equal(e.sum(s.hmacKey), e.hmac) {
		return fmt.Errorf("%w: HMAC differs", wire.ErrForged)
	}
	if e.version < apiVersion {
		return fmt.Errorf("%w: client API version %d, older than %d (release 0.6.8)", wire.ErrMalformed, e.version, apiVersion)
	}
	return nil
}

// seal makes the wire form of a packet in a single buffer, where the lists are
// encrypted in place.
func (s *outbound) seal(random io.Reader, p *packed) ([]byte, error) {
	iv := make([]byte, aes.BlockSize)
	if _, err := io.ReadFull(random, iv); err != nil {
		return nil, err
	}
	plain := p.size()
	padded := plain + padding(plain)
	const overhead = 64 // tags, lengths, IV and HMAC of what follows the lists
	buf := make([]byte, 0, padded+len(s.cipher)+len(s.metadata)+overhead)

	buf = protowire.AppendTag(buf, envEncrypted, protowire.BytesType)
	buf = protowire.AppendVarint(buf, uint64(padded))
	start := len(buf)
	buf = p.append(buf)
	buf = pad(buf, padding(plain))
	if err := encrypt(s.secrets.key, iv, buf[start:]); err != nil {
		return nil, err
	}
	e := envelope{encrypted: buf[start:], cipher: s.cipher, metadata: s.metadata, iv: iv, version: apiVersion}
	buf = appendBytes(buf, envCipher, e.cipher)
	buf = protowire.AppendTag(buf, envVersion, protowire.VarintType)
	buf = protowire.AppendVarint(buf, apiVersion)
	buf = appendBytes(buf, envIV, e.iv)
	buf = appendBytes(buf, envMetadata, e.metadata)
	return appendBytes(buf, envHMAC, e.sum(s.secrets.hmacKey)), nil
}

func appendBytes(buf []byte, num protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(buf, num, protowire.BytesType), b)
}

// padding is how much PKCS #7 adds to n bytes: always something.
func padding(n int) int { return aes.BlockSize - n%aes.BlockSize }

// pad appends padding: n bytes of value n.
func pad(buf []byte, n int) []byte {
	return append(buf, bytes.Repeat([]byte{byte(n)}, n)...)
}

// encrypt turns whole blocks into AES-128-CBC where they are.
func encrypt(key [keySize]byte, iv, blocks []byte) error {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return err
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(blocks, blocks)
	return nil
}

// decrypt undoes encrypt into a buffer of its own, and takes the padding off.
func decrypt(key [keySize]byte, iv, blocks []byte) ([]byte, error) {
	if len(iv) != aes.BlockSize {
		return nil, fmt.Errorf("IV of %d bytes, want %d", len(iv), aes.BlockSize)
	}
	if len(blocks) == 0 || len(blocks)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("ciphertext of %d bytes is no row of whole blocks", len(blocks))
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(blocks))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, blocks)
	return unpad(plain)
}

func unpad(plain []byte) ([]byte, error) {
	n := int(plain[len(plain)-1])
	if n < 1 || n > aes.BlockSize {
		return nil, errors.New("padding has no length")
	}
	text, tail := plain[:len(plain)-n], plain[len(plain)-n:]
	for _, b := range tail {
		if int(b) != n {
			return nil, errors.New("padding is not PKCS #7")
		}
	}
	return text, nil
}

// field is one field of a protobuf message; bytes belong to the message.
type field struct {
	num    protowire.Number
	typ    protowire.Type
	bytes  []byte // BytesType
	varint uint64 // VarintType
}

func (f *field) is(num protowire.Number, typ protowire.Type) bool {
	return f.num == num && f.typ == typ
}

// next reads the first field of b. At the end its number is 0, which is no
// field's number; with an error it is not.
func next(b []byte) (f field, rest []byte, err error) {
	if len(b) == 0 {
		return field{}, nil, nil
	}
	num, typ, n := protowire.ConsumeTag(b)
	if n < 0 {
		return field{num: 1}, nil, protowire.ParseError(n)
	}
	f, rest = field{num: num, typ: typ}, b[n:]
	switch typ {
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(rest)
	case protowire.VarintType:
		f.varint, n = protowire.ConsumeVarint(rest)
	default:
		n = protowire.ConsumeFieldValue(num, typ, rest)
	}
	if n < 0 {
		return f, nil, protowire.ParseError(n)
	}
	return f, rest[n:], nil
}
