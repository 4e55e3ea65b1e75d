package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestVerifyServer(t *testing.T) {
	a := authority()
	trust := Trust{Authorities: []*x509.Certificate{a.Certificate}, Name: ServerName}
	good := issue(t, ServerName)
	other, err := NewAuthority(testTime)
	if err != nil {
		t.Fatal(err)
	}
	foreign, _ := other.Issue(ServerName, &leafKey().PublicKey, testTime, 0)
	long, _ := a.Issue(ServerName, &leafKey().PublicKey, testTime, 20*365*day)
	usage, _ := template(testTime, day)
	usage.Subject.CommonName, usage.ExtKeyUsage = ServerName, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	clientOnly, _ := sign(usage, a.Certificate, &leafKey().PublicKey, a.Key)

	for _, c := range []struct {
		name string
		text string
		now  time.Time
		kind error
		says string
	}{
		{"good", CertificatePEM(good), testTime.Add(day), nil, ""},
		{"first instant", CertificatePEM(good), testTime, nil, ""},
		{"last instant", CertificatePEM(good), good.NotAfter, nil, ""},
		{"key before it", KeyPEM(leafKey()) + CertificatePEM(good), testTime, nil, ""},
		{"only the first counts", CertificatePEM(foreign) + CertificatePEM(good), testTime, ErrUntrusted, "Velociraptor CA"},
		{"a web page", "<html><head><title>Blocked by the company's proxy", testTime, ErrNoCertificate, `"<html><head><title>Blocked by the compan"`},
		{"nothing", "", testTime, ErrNoCertificate, `""`},
		{"broken", encode(typeCertificate, []byte("zzz")), testTime, ErrNoCertificate, "that can be read"},
		{"expired", CertificatePEM(good), good.NotAfter.Add(time.Second), ErrExpired, "valid until 2028-03-03T05:06:07Z, now is 2028-03-03T05:06:08Z"},
		{"too early", CertificatePEM(good), testTime.Add(-time.Second), ErrNotYetValid, "valid from 2027-03-04T05:06:07Z, now is 2027-03-04T05:06:06Z"},
		{"CA expired", CertificatePEM(long), testTime.Add(11 * 365 * day), ErrExpired, "the CA's certificate"},
		{"other CA", CertificatePEM(foreign), testTime, ErrUntrusted, `issuer is "O=Velociraptor CA"`},
		{"wrong name", CertificatePEM(issue(t, "Other")), testTime, ErrWrongName, `names "Other", expected was "VelociraptorServer"`},
		{"wrong usage", CertificatePEM(clientOnly), testTime, ErrUsage, ""},
		{"not RSA", ecdsaPEM(t), testTime, ErrNotRSA, "ECDSA"},
	} {
		_, err := trust.VerifyServer([]byte(c.text), c.now)
		if !errors.Is(err, c.kind) || (c.kind != nil && !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: error %v, want %v with %q", c.name, err, c.kind, c.says)
		}
	}

	trust.Authorities = []*x509.Certificate{other.Certificate, a.Certificate}
	if _, err := trust.VerifyServer([]byte(CertificatePEM(good)), testTime); err != nil {
		t.Errorf("signed by the second of two CAs: %v", err)
	}
}

func ecdsaPEM(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return encode(typeCertificate, der)
}

func TestStockCertificatesVerify(t *testing.T) {
	var v map[string]any
	readVectors(t, "keys.json", &v)
	cas, err := ParseCertificates(v["ca_certificate_pem"].(string))
	if err != nil {
		t.Fatal(err)
	}
	for key, name := range map[string]string{
		"frontend_certificate_pem":   v["pinned_server_name"].(string),
		"gw_certificate_pem":         GatewayName,
		"api_client_certificate_pem": "robot",
	} {
		trust := Trust{Authorities: cas, Name: name}
		c, err := trust.VerifyServer([]byte(v[key].(string)), cas[0].NotBefore.Add(time.Hour))
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		private, err := ParseKey(v[strings.Replace(key, "certificate", "private_key", 1)].(string))
		if err != nil || !private.PublicKey.Equal(c.PublicKey) {
			t.Errorf("%s: its key: %v, want the one of the certificate", key, err)
		}
	}
}
