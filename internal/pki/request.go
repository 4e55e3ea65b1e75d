package pki

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"

	"goshawk"
)

// The sizes of clients' keys that are accepted. Clients make 2048 bits; the
// upper bound keeps a hostile request from costing time.
const (
	minRequestBits = 1024
	maxRequestBits = 8192
)

// NewRequest makes the certificate request, as PEM, with which a client tells
// the server its key. Its subject is the client's id and nothing else.
func NewRequest(key *rsa.PrivateKey) ([]byte, error) {
	id := goshawk.ClientIDOf(&key.PublicKey)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject:            pkix.Name{CommonName: string(id)},
		SignatureAlgorithm: x509.SHA256WithRSA,
	}, key)
	if err != nil {
		return nil, err
	}
	return []byte(encode(typeRequest, der)), nil
}

// ParseRequest checks a request and returns the client's id and key. Its errors
// are goshawk.ErrInvalid.
func ParseRequest(text []byte) (goshawk.ClientID, *rsa.PublicKey, error) {
	block, _ := find(text, typeRequest)
	if block == nil {
		return refuse("no PEM block %s; what came begins with %q", typeRequest, head(string(text)))
	}
	r, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return refuse("%v", err)
	}
	key, ok := r.PublicKey.(*rsa.PublicKey)
	if !ok {
		return refuse("the key is %v, not RSA", r.PublicKeyAlgorithm)
	}
	if n := key.N.BitLen(); n < minRequestBits || n > maxRequestBits {
		return refuse("the key has %d bits, and may have %d to %d", n, minRequestBits, maxRequestBits)
	}
	if err := checkRequest(r, goshawk.ClientIDOf(key)); err != nil {
		return refuse("%v", err)
	}
	return goshawk.ClientIDOf(key), key, nil
}

func refuse(format string, args ...any) (goshawk.ClientID, *rsa.PublicKey, error) {
	return "", nil, fmt.Errorf("%w: certificate request: "+format, append([]any{goshawk.ErrInvalid}, args...)...)
}

func checkRequest(r *x509.CertificateRequest, id goshawk.ClientID) error {
	if len(r.Subject.Names) != 1 || r.Subject.CommonName == "" {
		return fmt.Errorf("its subject %q is not a common name alone", r.Subject)
	}
	if r.Subject.CommonName != string(id) {
		return fmt.Errorf("it is for %q, but its key is that of %s", r.Subject.CommonName, id)
	}
	if r.SignatureAlgorithm != x509.SHA256WithRSA {
		return fmt.Errorf("it is signed with %v, not %v", r.SignatureAlgorithm, x509.SHA256WithRSA)
	}
	return r.CheckSignature()
}
