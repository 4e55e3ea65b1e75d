package pki

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// vectors is the folder of shared test data, seen from this package.
const vectors = "../../../shared/reference/velociraptor-vectors"

// readVectors decodes one JSON file of the vectors, or skips the test.
func readVectors(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectors, name))
	if err != nil {
		t.Skipf("no test vectors beside the repository: %v", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

var testTime = time.Date(2027, 3, 4, 5, 6, 7, 0, time.UTC)

// authority makes one CA for all tests, since a key takes long to make.
var authority = sync.OnceValue(func() *Authority {
	a, err := NewAuthority(testTime)
	if err != nil {
		panic(err)
	}
	return a
})

var leafKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := NewKey()
	if err != nil {
		panic(err)
	}
	return k
})

func issue(t *testing.T, name string) *x509.Certificate {
	t.Helper()
	c, err := authority().Issue(name, &leafKey().PublicKey, testTime, 0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// facts are the fields of a certificate that peers look at.
type facts struct {
	Subject, Issuer, SignatureAlgorithm string
	DNS, IPs                            string
	IsCA, BasicConstraints              bool
	KeyUsage                            x509.KeyUsage
	ExtKeyUsage                         string
	Bits                                int
	Valid                               time.Duration
	Extensions                          string
}

func factsOf(c *x509.Certificate) facts {
	key, _ := c.PublicKey.(*rsa.PublicKey)
	var exts []string
	for _, e := range c.Extensions {
		exts = append(exts, fmt.Sprint(e.Id, e.Critical))
	}
	return facts{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(), SignatureAlgorithm: c.SignatureAlgorithm.String(),
		DNS: fmt.Sprint(c.DNSNames), IPs: fmt.Sprint(c.IPAddresses),
		IsCA: c.IsCA, BasicConstraints: c.BasicConstraintsValid,
		KeyUsage: c.KeyUsage, ExtKeyUsage: fmt.Sprint(c.ExtKeyUsage),
		Bits: key.N.BitLen(), Valid: c.NotAfter.Sub(c.NotBefore), Extensions: fmt.Sprint(exts),
	}
}

func leafFacts(name string) facts {
	return facts{
		Subject: "CN=" + name + ",O=Velociraptor", Issuer: "O=Velociraptor CA", SignatureAlgorithm: "SHA256-RSA",
		DNS: "[" + name + "]", IPs: "[]", BasicConstraints: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: fmt.Sprint([]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}),
		Bits:        2048, Valid: 365 * 24 * time.Hour,
		Extensions: "[2.5.29.15 true 2.5.29.37 false 2.5.29.19 true 2.5.29.35 false 2.5.29.17 false]",
	}
}

func TestCertificatesHaveTheFieldsThatPeersExpect(t *testing.T) {
	ca := leafFacts("")
	ca.Subject, ca.DNS, ca.IsCA = "O=Velociraptor CA", "[Velociraptor_ca.velocidex.com]", true
	ca.KeyUsage |= x509.KeyUsageCertSign
	ca.Valid = 3650 * 24 * time.Hour
	ca.Extensions = "[2.5.29.15 true 2.5.29.37 false 2.5.29.19 true 2.5.29.14 false 2.5.29.17 false]"
	ip := leafFacts("10.1.2.3")
	ip.DNS, ip.IPs = "[]", "[10.1.2.3]"
	for _, c := range []struct {
		name string
		cert *x509.Certificate
		want facts
	}{
		{"CA", authority().Certificate, ca},
		{"server", issue(t, ServerName), leafFacts("VelociraptorServer")},
		{"gateway", issue(t, GatewayName), leafFacts("GRPC_GW")},
		{"API client", issue(t, "robot"), leafFacts("robot")},
		{"address", issue(t, "10.1.2.3"), ip},
	} {
		if got := factsOf(c.cert); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
		if !c.cert.NotBefore.Equal(testTime) {
			t.Errorf("%s is valid from %v, want %v", c.name, c.cert.NotBefore, testTime)
		}
	}
}

// The stock certificates must have the same facts as ours, extensions included.
func TestStockCertificatesHaveTheSameFacts(t *testing.T) {
	var v map[string]any
	readVectors(t, "keys.json", &v)
	for key, want := range map[string]*x509.Certificate{
		"ca_certificate_pem":         authority().Certificate,
		"frontend_certificate_pem":   issue(t, ServerName),
		"gw_certificate_pem":         issue(t, GatewayName),
		"api_client_certificate_pem": issue(t, "robot"),
	} {
		certs, err := ParseCertificates(v[key].(string))
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		if got, want := factsOf(certs[0]), factsOf(want); got != want {
			t.Errorf("%s: stock and ours differ:\nstock %+v\nours  %+v", key, got, want)
		}
	}
}

func TestSerialsAreRandomBelow2To128(t *testing.T) {
	seen, most := map[string]bool{}, 0
	limit := new(big.Int).Lsh(big.NewInt(1), 128)
	for range 20 {
		s := issue(t, "x").SerialNumber
		if s.Sign() <= 0 || s.Cmp(limit) >= 0 || seen[s.String()] {
			t.Fatalf("serial %v repeats or is out of range", s)
		}
		seen[s.String()] = true
		most = max(most, s.BitLen())
	}
	if most < 112 {
		t.Errorf("largest of 20 serials has %d bits, want about 128", most)
	}
}

func TestIssueRefuses(t *testing.T) {
	key := &leafKey().PublicKey
	if _, err := authority().Issue("", key, testTime, 0); err == nil {
		t.Error("an empty name was accepted")
	}
	if _, err := authority().Issue("x", key, testTime, -1); err == nil {
		t.Error("a negative validity was accepted")
	}
}

func TestName(t *testing.T) {
	cn := &x509.Certificate{DNSNames: []string{"dns"}}
	cn.Subject.CommonName = "cn"
	for _, c := range []struct {
		want string
		cert *x509.Certificate
	}{
		{"cn", cn},
		{"dns", &x509.Certificate{DNSNames: []string{"dns", "b"}, IPAddresses: []net.IP{net.IPv4(1, 2, 3, 4)}}},
		{"1.2.3.4", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(1, 2, 3, 4)}}},
		{"", &x509.Certificate{}},
	} {
		if got := Name(c.cert); got != c.want {
			t.Errorf("Name = %q, want %q", got, c.want)
		}
	}
}
