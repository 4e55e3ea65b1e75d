package config

import (
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"goshawk"
	"goshawk/internal/pki"
)

// issuer puts keys and certificates into the tree of a server's configuration.
type issuer struct {
	root     place
	now      time.Time
	validity time.Duration
	made     *pki.Authority // nil until it is needed
}

// authority returns the CA of the file, or makes one if the file has none.
func (is *issuer) authority() (*pki.Authority, error) {
	if is.made != nil {
		return is.made, nil
	}
	cert, key := is.root.at("Client.ca_certificate"), is.root.at("CA.private_key")
	var err error
	switch {
	case cert.text() == "" && key.text() == "":
		if is.made, err = pki.NewAuthority(is.now); err != nil {
			return nil, err
		}
		is.put("Client", "ca_certificate", pki.CertificatePEM(is.made.Certificate))
		is.put("CA", "private_key", pki.KeyPEM(is.made.Key))
		return is.made, nil
	case key.text() == "":
		return nil, key.fault("is needed to sign certificates, and is not in this file")
	case cert.text() == "":
		return nil, cert.fault("is needed beside CA.private_key")
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	is.made, err = pki.ParseAuthority(cert.text(), key.text())
	if err != nil {
		return nil, cert.fault("%v", err)
	}
	return is.made, nil
}

func (is *issuer) put(section, name, value string) {
	p := is.root.at(section)
	if p.node == nil {
		p.node = &yaml.Node{Kind: yaml.MappingNode}
		set(is.root.node, section, p.node)
	}
	set(p.node, name, scalar(value))
}

// leaf names a certificate and its key in a section of the file.
type leaf struct {
	section          place
	certificate, key string
	name             string // that the certificate is for
}

// leaves lists the certificates of a server's file. Further frontends have some
// if they have keys of their own.
func leaves(root place, s *Server) []leaf {
	out := []leaf{{root.at("Frontend"), "certificate", "private_key", s.PinnedName()}}
	if gui := root.at("GUI"); gui.node != nil {
		out = append(out, leaf{gui, "gw_certificate", "gw_private_key", s.GatewayName()})
	}
	for _, f := range root.at("ExtraFrontends").items() {
		if f.at("private_key").text() != "" {
			out = append(out, leaf{f, "certificate", "private_key", s.PinnedName()})
		}
	}
	return out
}

// fill makes what is missing of a leaf's certificate and key.
func (is *issuer) fill(l leaf) error {
	cert, key := l.section.at(l.certificate), l.section.at(l.key)
	if cert.text() != "" && key.text() != "" {
		return nil
	}
	if cert.text() != "" {
		return key.fault("is needed beside %s", l.certificate)
	}
	ca, err := is.authority()
	if err != nil {
		return err
	}
	if key.text() == "" {
		k, err := pki.NewKey()
		if err != nil {
			return err
		}
		set(l.section.node, l.key, scalar(pki.KeyPEM(k)))
		key = l.section.at(l.key)
	}
	k, err := pki.ParseKey(key.text())
	if err != nil {
		return key.fault("%v", err)
	}
	c, err := ca.Issue(l.name, &k.PublicKey, is.now, is.validity)
	if err != nil {
		return err
	}
	set(l.section.node, l.certificate, scalar(pki.CertificatePEM(c)))
	return nil
}

// RotateKeys returns the server's configuration with new keys and certificates
// for the server and the gateway. Clients follow by themselves, since the CA
// stays; it must be in the file.
func RotateKeys(s *Server, now time.Time) ([]byte, error) {
	return reissue(s, now, func(l leaf) { remove(l.section.node, l.key); remove(l.section.node, l.certificate) })
}

// ReissueCerts returns the server's configuration with new certificates for the
// keys that it has.
func ReissueCerts(s *Server, now time.Time) ([]byte, error) {
	return reissue(s, now, func(l leaf) { remove(l.section.node, l.certificate) })
}

func reissue(s *Server, now time.Time, discard func(leaf)) ([]byte, error) {
	node := clone(s.doc.node)
	root := (&document{s.doc.file, node}).root()
	is := &issuer{root: root, now: now, validity: s.CertificateValidity()}
	for _, l := range leaves(root, s) {
		discard(l)
		if err := is.fill(l); err != nil {
			return nil, err
		}
	}
	return encode(node)
}

// APIClient returns the file with which a program called name connects to the
// API. The name may not be one of those that the server trusts without a user.
func APIClient(s *Server, name string, now time.Time) ([]byte, error) {
	if err := checkAPIName(s, name); err != nil {
		return nil, err
	}
	ca, err := (&issuer{root: s.doc.root(), now: now}).authority()
	if err != nil {
		return nil, err
	}
	key, err := pki.NewKey()
	if err != nil {
		return nil, err
	}
	cert, err := ca.Issue(name, &key.PublicKey, now, s.CertificateValidity())
	if err != nil {
		return nil, err
	}
	return encode(mapping(
		"ca_certificate", s.Client.CACertificate,
		"client_cert", pki.CertificatePEM(cert),
		"client_private_key", pki.KeyPEM(key),
		"api_connection_string", s.APIAddress(),
		"name", name,
		"pinned_server_name", s.Client.PinnedServerName,
	))
}

func checkAPIName(s *Server, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: an API client needs a name", goshawk.ErrInvalid)
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("%w: the name of an API client is made of visible ASCII characters, unlike %q", goshawk.ErrInvalid, clip(name))
	case name == s.PinnedName():
		return fmt.Errorf("%w: %s is the name of the server itself; choose another for the API client", goshawk.ErrInvalid, name)
	case name == s.GatewayName():
		return fmt.Errorf("%w: %s is the name of the gateway; choose another for the API client", goshawk.ErrInvalid, name)
	}
	return nil
}
