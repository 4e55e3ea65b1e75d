package pki

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// The reasons for which a certificate is refused.
var (
	ErrNoCertificate = errors.New("no PEM certificate")
	ErrNotRSA        = errors.New("key is not RSA")
	ErrUntrusted     = errors.New("not signed by our CA")
	ErrExpired       = errors.New("expired")
	ErrNotYetValid   = errors.New("not yet valid")
	ErrUsage         = errors.New("not made for a server")
	ErrWrongName     = errors.New("wrong name")
)

// Trust is what a client demands of a server's certificate.
type Trust struct {
	Authorities []*x509.Certificate // any of them may have signed it
	Name        string              // the pinned name of the server
}

// VerifyServer checks the certificate that a server sent as PEM, at a time. Of
// several certificates only the first counts.
func (t Trust) VerifyServer(text []byte, now time.Time) (*x509.Certificate, error) {
	block, _ := find(text, typeCertificate)
	if block == nil {
		return nil, fmt.Errorf("%w: what came begins with %q", ErrNoCertificate, head(string(text)))
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w that can be read: %w", ErrNoCertificate, err)
	}
	if _, ok := c.PublicKey.(*rsa.PublicKey); !ok {
		return nil, fmt.Errorf("%w: it is %v", ErrNotRSA, c.PublicKeyAlgorithm)
	}
	if err := t.verify(c, now); err != nil {
		return nil, err
	}
	if got := Name(c); got != t.Name {
		return nil, fmt.Errorf("%w: the certificate names %q, expected was %q", ErrWrongName, got, t.Name)
	}
	return c, nil
}

// verify tells first of a foreign signer, since that is another deployment or a
// proxy, for which dates and names say nothing.
func (t Trust) verify(c *x509.Certificate, now time.Time) error {
	ca := t.signer(c)
	if ca == nil {
		return fmt.Errorf("%w: its issuer is %q", ErrUntrusted, c.Issuer)
	}
	if err := checkDates("the certificate", c, now); err != nil {
		return err
	}
	if err := checkDates("the CA's certificate", ca, now); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	_, err := c.Verify(x509.VerifyOptions{
		Roots:       roots,
		CurrentTime: now,
		KeyUsages:   []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return nil
}

func (t Trust) signer(c *x509.Certificate) *x509.Certificate {
	for _, ca := range t.Authorities {
		if c.CheckSignatureFrom(ca) == nil {
			return ca
		}
	}
	return nil
}

func checkDates(what string, c *x509.Certificate, now time.Time) error {
	const form = time.RFC3339
	switch now = now.UTC(); {
	case now.After(c.NotAfter):
		return fmt.Errorf("%s is %w: valid until %s, now is %s", what, ErrExpired, c.NotAfter.Format(form), now.Format(form))
	case now.Before(c.NotBefore):
		return fmt.Errorf("%s is %w: valid from %s, now is %s", what, ErrNotYetValid, c.NotBefore.Format(form), now.Format(form))
	}
	return nil
}
