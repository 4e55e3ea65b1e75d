package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
)

func TestKeyRoundTripsAndOtherBlocksAreSkipped(t *testing.T) {
	key := leafKey()
	text := CertificatePEM(issue(t, "x")) + "\nsome words\n" + KeyPEM(key)
	got, err := ParseKey(text)
	if err != nil || !got.Equal(key) {
		t.Fatalf("ParseKey = %v, want the key that was written", err)
	}
	if !strings.HasPrefix(KeyPEM(key), "-----BEGIN RSA PRIVATE KEY-----\n") {
		t.Errorf("KeyPEM does not write PKCS#1: %.40q", KeyPEM(key))
	}
}

func TestParseKeyRefuses(t *testing.T) {
	der, _ := x509.MarshalPKCS8PrivateKey(leafKey())
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ecDER, _ := x509.MarshalECPrivateKey(ec)
	locked := string(pem.EncodeToMemory(&pem.Block{Type: typeKey, Headers: map[string]string{
		"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: []byte("x")}))
	for name, c := range map[string]struct{ text, want string }{
		"PKCS#8":         {encode("PRIVATE KEY", der), "PKCS#8"},
		"EC":             {encode("EC PRIVATE KEY", ecDER), "EC PRIVATE KEY and must be RSA"},
		"certificate":    {CertificatePEM(issue(t, "x")), `only ["CERTIFICATE"]`},
		"nothing":        {"", "no PEM block"},
		"garbage":        {encode(typeKey, []byte("garbage")), "RSA private key:"},
		"encrypted":      {locked, "encrypted with a passphrase"},
		"encrypted PKCS": {encode("ENCRYPTED PRIVATE KEY", der), "encrypted with a passphrase"},
	} {
		_, err := ParseKey(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func TestParseCertificates(t *testing.T) {
	a, b := issue(t, "a"), issue(t, "b")
	certs, err := ParseCertificates(CertificatePEM(a) + KeyPEM(leafKey()) + CertificatePEM(b))
	if err != nil || len(certs) != 2 || !certs[0].Equal(a) || !certs[1].Equal(b) {
		t.Errorf("ParseCertificates = %d certificates, %v, want both", len(certs), err)
	}
	if _, err := ParseCertificates("hello"); !errors.Is(err, ErrNoCertificate) {
		t.Errorf("error %v, want ErrNoCertificate", err)
	}
	if _, err := ParseCertificates(encode(typeCertificate, []byte("x"))); err == nil {
		t.Error("a broken certificate was accepted")
	}
}

func TestParseAuthority(t *testing.T) {
	a := authority()
	two := CertificatePEM(issue(t, "x")) + CertificatePEM(a.Certificate)
	got, err := ParseAuthority(two, KeyPEM(a.Key))
	if err != nil || !got.Certificate.Equal(a.Certificate) || !got.Key.Equal(a.Key) {
		t.Errorf("ParseAuthority = %v, want the certificate that the key belongs to", err)
	}
	if err := CheckPair(CertificatePEM(issue(t, "x")), KeyPEM(a.Key)); !errors.Is(err, ErrMismatch) {
		t.Errorf("error %v, want ErrMismatch", err)
	}
	if err := CheckPair("", KeyPEM(a.Key)); !errors.Is(err, ErrNoCertificate) {
		t.Errorf("error %v, want ErrNoCertificate", err)
	}
	if err := CheckPair(two, ""); err == nil {
		t.Error("a missing key was accepted")
	}
}
