package pki

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// The types of PEM blocks that are read.
const (
	typeCertificate = "CERTIFICATE"
	typeKey         = "RSA PRIVATE KEY"
	typeRequest     = "CERTIFICATE REQUEST"
)

// ErrEncrypted says that a key stands behind a passphrase.
var ErrEncrypted = errors.New("the private key is encrypted with a passphrase; decrypt it with: openssl rsa -traditional")

// ErrMismatch says that a key is not that of the certificate beside it.
var ErrMismatch = errors.New("the private key does not belong to the certificate")

// KeyPEM writes a key as PKCS#1 PEM.
func KeyPEM(key *rsa.PrivateKey) string {
	return encode(typeKey, x509.MarshalPKCS1PrivateKey(key))
}

// CertificatePEM writes a certificate as PEM.
func CertificatePEM(c *x509.Certificate) string { return encode(typeCertificate, c.Raw) }

func encode(blockType string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der}))
}

// ParseKey reads the first PKCS#1 RSA key of a PEM text and skips blocks of
// other types before it.
func ParseKey(text string) (*rsa.PrivateKey, error) {
	block, others := find([]byte(text), typeKey)
	if block == nil {
		return nil, noKey(others)
	}
	if block.Headers["DEK-Info"] != "" {
		return nil, ErrEncrypted
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("RSA private key: %w", err)
	}
	return key, nil
}

// noKey explains what stands there instead of a key that can be used. It shows
// no text, since that may be a key in a form unknown to us.
func noKey(types []string) error {
	for _, t := range types {
		switch t {
		case "PRIVATE KEY":
			return errors.New("the private key is PKCS#8 (PRIVATE KEY) and must be PKCS#1 (RSA PRIVATE KEY); convert it with: openssl rsa -traditional")
		case "ENCRYPTED PRIVATE KEY":
			return ErrEncrypted
		case "EC PRIVATE KEY", "DSA PRIVATE KEY", "OPENSSH PRIVATE KEY":
			return fmt.Errorf("the private key is of type %s and must be RSA (RSA PRIVATE KEY)", t)
		}
	}
	if len(types) > 0 {
		return fmt.Errorf("no PEM block RSA PRIVATE KEY, only %q", types)
	}
	return errors.New("no PEM block RSA PRIVATE KEY")
}

// ParseCertificates reads all certificates of a PEM text, at least one.
func ParseCertificates(text string) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != typeCertificate {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(certs)+1, err)
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("%w; what stands there begins with %q", ErrNoCertificate, head(text))
	}
	return certs, nil
}

// ParseAuthority reads a CA from its certificate and key. Of several certificates
// it takes the one that the key belongs to.
func ParseAuthority(certificates, key string) (*Authority, error) {
	certs, err := ParseCertificates(certificates)
	if err != nil {
		return nil, err
	}
	k, err := ParseKey(key)
	if err != nil {
		return nil, err
	}
	for _, c := range certs {
		if k.PublicKey.Equal(c.PublicKey) {
			return &Authority{c, k}, nil
		}
	}
	return nil, ErrMismatch
}

// CheckPair checks that a certificate and a key belong together.
func CheckPair(certificate, key string) error {
	_, err := ParseAuthority(certificate, key)
	return err
}

// find returns the first block of a type, or the types that were there instead.
func find(text []byte, blockType string) (found *pem.Block, others []string) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, others
		}
		if block.Type == blockType {
			return block, nil
		}
		others = append(others, block.Type)
	}
}

// headBytes is how much of a foreign text an error shows.
const headBytes = 40

func head(text string) string { return text[:min(len(text), headBytes)] }
