// Package pki makes and checks the certificates of a deployment: one authority
// (the CA), and the leaves that it signs for the server, the gateway and the
// programs that call the API. A client needs no certificate: its name follows
// from its key, and a certificate request carries that key to the server.
//
// Keys are RSA and stand in PKCS#1 PEM, since that is all that programs of the
// field read. Time is always a parameter.
package pki

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

// The names that programs of the field expect in certificates.
const (
	ServerName  = "VelociraptorServer" // of the server, unless another is pinned
	GatewayName = "GRPC_GW"            // of the gateway between the GUI and the API
)

const (
	keyBits      = 2048
	serialBits   = 128
	authorityOrg = "Velociraptor CA"
	authorityDNS = "Velociraptor_ca.velocidex.com"
	leafOrg      = "Velociraptor"
	day          = 24 * time.Hour
	authorityAge = 10 * 365 * day
)

// DefaultValidity is how long a leaf is valid unless its maker says otherwise.
const DefaultValidity = 365 * day

// Authority is a CA that can sign.
type Authority struct {
	Certificate *x509.Certificate
	Key         *rsa.PrivateKey
}

// NewKey makes a key of the size that all keys of a deployment have.
func NewKey() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, keyBits) }

// NewAuthority makes a key and a certificate for it that it signs itself.
func NewAuthority(now time.Time) (*Authority, error) {
	key, err := NewKey()
	if err != nil {
		return nil, err
	}
	t, err := template(now, authorityAge)
	if err != nil {
		return nil, err
	}
	t.Subject = pkix.Name{Organization: []string{authorityOrg}}
	t.DNSNames = []string{authorityDNS}
	t.IsCA = true
	t.KeyUsage |= x509.KeyUsageCertSign
	cert, err := sign(t, t, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &Authority{cert, key}, nil
}

// Issue signs a certificate for the key under the name. Zero validity means
// DefaultValidity.
func (a *Authority) Issue(name string, key *rsa.PublicKey, now time.Time, validity time.Duration) (*x509.Certificate, error) {
	if name == "" {
		return nil, errors.New("a certificate needs a name")
	}
	if validity < 0 {
		return nil, fmt.Errorf("a certificate cannot be valid for %v", validity)
	}
	if validity == 0 {
		validity = DefaultValidity
	}
	t, err := template(now, validity)
	if err != nil {
		return nil, err
	}
	t.Subject = pkix.Name{CommonName: name, Organization: []string{leafOrg}}
	if ip := net.ParseIP(name); ip != nil {
		t.IPAddresses = []net.IP{ip}
	} else {
		t.DNSNames = []string{name}
	}
	return sign(t, a.Certificate, key, a.Key)
}

// template holds what all certificates of a deployment have in common.
func template(now time.Time, validity time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), serialBits))
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber:          serial,
		SignatureAlgorithm:    x509.SHA256WithRSA,
		NotBefore:             now,
		NotAfter:              now.Add(validity),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}, nil
}

func sign(t, parent *x509.Certificate, key *rsa.PublicKey, by *rsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key, by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// Name returns the name of a certificate: its common name, else its first DNS
// name, else its first IP address, else nothing.
func Name(c *x509.Certificate) string {
	switch {
	case c.Subject.CommonName != "":
		return c.Subject.CommonName
	case len(c.DNSNames) > 0:
		return c.DNSNames[0]
	case len(c.IPAddresses) > 0:
		return c.IPAddresses[0].String()
	}
	return ""
}
