package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"goshawk"
)

func TestRequestRoundTrips(t *testing.T) {
	text, err := NewRequest(leafKey())
	if err != nil {
		t.Fatal(err)
	}
	id, key, err := ParseRequest(text)
	if err != nil || id != goshawk.ClientIDOf(&leafKey().PublicKey) || !key.Equal(&leafKey().PublicKey) {
		t.Errorf("ParseRequest = %v, %v, want the id and the key that went in", id, err)
	}
	block, _ := pem.Decode(text)
	r, _ := x509.ParseCertificateRequest(block.Bytes)
	if len(r.Extensions) > 0 || r.Subject.String() != "CN="+string(id) || r.SignatureAlgorithm != x509.SHA256WithRSA {
		t.Errorf("request has %d extensions, subject %v, %v", len(r.Extensions), r.Subject, r.SignatureAlgorithm)
	}
}

// A request of a stock client is accepted, and ours for the same key has the
// same bytes, since PKCS#1 v1.5 signatures are deterministic.
func TestRequestIsTheStockOne(t *testing.T) {
	var v map[string]any
	readVectors(t, "keys.json", &v)
	stock := []byte(v["client_csr_pem"].(string))
	id, _, err := ParseRequest(stock)
	if err != nil || string(id) != v["client_id"] {
		t.Errorf("ParseRequest = %v, %v, want %v", id, err, v["client_id"])
	}
	key, err := ParseKey(v["client_private_key_pem"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if ours, err := NewRequest(key); err != nil || !bytes.Equal(ours, stock) {
		t.Errorf("NewRequest = %s, %v, want %s", ours, err, stock)
	}
}

func TestClientIDsOfVectors(t *testing.T) {
	var v struct {
		Cases []struct {
			ClientID string `json:"client_id"`
			PEM      string `json:"public_key_pem"`
		}
	}
	readVectors(t, "client_id.json", &v)
	for _, c := range v.Cases {
		block, _ := pem.Decode([]byte(c.PEM))
		key, err := x509.ParsePKCS1PublicKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if got := goshawk.ClientIDOf(key); string(got) != c.ClientID {
			t.Errorf("ClientIDOf = %v, want %v", got, c.ClientID)
		}
	}
}

// request makes a request for the subject, signed as asked.
func request(t *testing.T, subject pkix.Name, a x509.SignatureAlgorithm, key any) string {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject, SignatureAlgorithm: a}, key)
	if err != nil {
		t.Fatal(err)
	}
	return encode(typeRequest, der)
}

func TestParseRequestRefuses(t *testing.T) {
	key := leafKey()
	cn := string(goshawk.ClientIDOf(&key.PublicKey))
	mine := pkix.Name{CommonName: cn}
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	t.Setenv("GODEBUG", "rsa1024min=0") // lets the test make what a foreign program could send
	small, err := rsa.GenerateKey(rand.Reader, 1016)
	if err != nil {
		t.Fatal(err)
	}
	forged, _ := pem.Decode([]byte(request(t, mine, x509.SHA256WithRSA, key)))
	forged.Bytes[len(forged.Bytes)-1] ^= 1
	for name, c := range map[string]struct{ text, want string }{
		"nothing":        {"", "no PEM block"},
		"a certificate":  {CertificatePEM(issue(t, "x")), "no PEM block"},
		"garbage":        {encode(typeRequest, []byte("x")), "asn1"},
		"other id":       {request(t, pkix.Name{CommonName: "C.0000000000000000"}, x509.SHA256WithRSA, key), "its key is that of " + cn},
		"more than CN":   {request(t, pkix.Name{CommonName: cn, Organization: []string{"x"}}, x509.SHA256WithRSA, key), "alone"},
		"no CN":          {request(t, pkix.Name{Organization: []string{"x"}}, x509.SHA256WithRSA, key), "alone"},
		"SHA-512":        {request(t, mine, x509.SHA512WithRSA, key), "SHA512-RSA"},
		"EC key":         {request(t, mine, x509.ECDSAWithSHA256, ec), "not RSA"},
		"bad signature":  {string(pem.EncodeToMemory(forged)), "verification"},
		"too small key":  {request(t, mine, x509.SHA256WithRSA, small), "bits"},
		"text before it": {"hello", `begins with "hello"`},
	} {
		_, _, err := ParseRequest([]byte(c.text))
		if !errors.Is(err, goshawk.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want ErrInvalid with %q", name, err, c.want)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	text, err := NewRequest(leafKey())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		id, key, err := ParseRequest(text)
		if err == nil && (key == nil || id != goshawk.ClientIDOf(key)) {
			t.Errorf("accepted %q as %v", text, id)
		}
	})
}
