package config

import (
	"cmp"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"goshawk/internal/pki"
)

// maxValidityDays bounds the validity of certificates to a hundred years.
const maxValidityDays = 36500

// checkServer refuses a server's configuration with which no server could run.
func checkServer(root place) error {
	return cmp.Or(
		needs(root, "Client", "Client.ca_certificate", "Client.nonce",
			"Frontend", "Frontend.certificate", "Frontend.private_key", "Datastore", "Datastore.location"),
		checkClientSection(root.at("Client")),
		checkFrontend(root.at("Frontend")),
		checkExtraFrontends(root.at("ExtraFrontends")),
		checkGUI(root.at("GUI")),
		checkPort(root.at("API.bind_port")),
		oneOf(root.at("API.bind_scheme"), "tcp", "unix"),
		checkPort(root.at("Monitoring.bind_port")),
		oneOf(root.at("Datastore.compression"), "zlib", "none"),
		checkAuthority(root),
		checkValidity(root),
	)
}

func checkValidity(root place) error {
	return cmp.Or(
		checkDays(root.at("security.certificate_validity_days")),
		checkDays(root.at("defaults.certificate_validity_days")),
	)
}

// checkClient refuses a configuration with which no client could run.
func checkClient(root place) error {
	return cmp.Or(
		needs(root, "Client", "Client.ca_certificate", "Client.nonce", "Client.server_urls"),
		checkClientSection(root.at("Client")),
	)
}

func checkAPIClient(root place) error {
	return cmp.Or(
		needs(root, "ca_certificate", "client_cert", "client_private_key", "api_connection_string", "name"),
		checkCertificates(root.at("ca_certificate")),
		checkPair(root, "client_cert", "client_private_key"),
	)
}

func checkClientSection(client place) error {
	for _, u := range client.at("server_urls").items() {
		if err := checkServerURL(u); err != nil {
			return err
		}
	}
	crypto := client.at("Crypto")
	return cmp.Or(
		checkCertificates(client.at("ca_certificate")),
		checkCertificates(crypto.at("root_certs")),
		checkPair(crypto, "client_certificate", "client_certificate_private_key"),
	)
}

func checkServerURL(p place) error {
	u, err := url.Parse(p.text())
	switch {
	case err != nil:
		return p.fault("is no URL: %v", err)
	case !slices.Contains([]string{"http", "https", "ws", "wss"}, u.Scheme):
		return p.fault("must begin with http://, https://, ws:// or wss://")
	case u.Hostname() == "":
		return p.fault("has no host name")
	case !strings.HasSuffix(p.text(), "/"):
		return p.fault(`must end in "/"`)
	}
	return nil
}

func checkFrontend(p place) error {
	return cmp.Or(
		checkPort(p.at("bind_port")),
		checkPair(p, "certificate", "private_key"),
	)
}

func checkExtraFrontends(p place) error {
	for _, f := range p.items() {
		if err := checkFrontend(f); err != nil {
			return err
		}
	}
	return nil
}

func checkGUI(p place) error {
	for _, c := range p.at("allowed_cidr").items() {
		if _, err := netip.ParsePrefix(c.text()); err != nil {
			return c.fault("must be a network such as 10.0.0.0/8")
		}
	}
	return cmp.Or(
		checkPort(p.at("bind_port")),
		checkPair(p, "gw_certificate", "gw_private_key"),
	)
}

// checkAuthority checks the CA's key, which may be kept away from a server.
func checkAuthority(root place) error {
	key := root.at("CA.private_key")
	if key.text() == "" {
		return nil
	}
	if err := checkKey(key); err != nil {
		return err
	}
	if _, err := pki.ParseAuthority(root.at("Client.ca_certificate").text(), key.text()); err != nil {
		return key.fault("is not the key of Client.ca_certificate")
	}
	return nil
}

// needs refuses a file in which one of the keys has no value.
func needs(root place, paths ...string) error {
	for _, path := range paths {
		p := root.at(path)
		if p.node == nil {
			return p.fault("is missing")
		}
		if p.node.Value == "" && len(p.node.Content) == 0 {
			return p.fault("must not be empty")
		}
	}
	return nil
}

func checkPort(p place) error {
	if p.node == nil {
		return nil
	}
	var port uint64
	if err := p.node.Decode(&port); err != nil || port > 65535 {
		return p.fault("is no port: %s is not within 0 and 65535", p.text())
	}
	return nil
}

func checkDays(p place) error {
	if p.node == nil {
		return nil
	}
	var days int64
	if err := p.node.Decode(&days); err != nil || days > maxValidityDays {
		return p.fault("must be at most %s days", strconv.Itoa(maxValidityDays))
	}
	return nil
}

func oneOf(p place, values ...string) error {
	if s := p.text(); s != "" && !slices.Contains(values, s) {
		return p.fault("must be one of %s, not %q", strings.Join(values, ", "), clip(s))
	}
	return nil
}

func checkCertificates(p place) error {
	if p.text() == "" {
		return nil
	}
	if _, err := pki.ParseCertificates(p.text()); err != nil {
		return p.fault("%v", err)
	}
	return nil
}

func checkKey(p place) error {
	if p.text() == "" {
		return nil
	}
	if _, err := pki.ParseKey(p.text()); err != nil {
		return p.fault("%v", err)
	}
	return nil
}

// checkPair checks a certificate and its key, which stand in the same section.
func checkPair(section place, certificate, key string) error {
	c, k := section.at(certificate), section.at(key)
	if err := cmp.Or(checkCertificates(c), checkKey(k)); err != nil || c.text() == "" || k.text() == "" {
		return err
	}
	if err := pki.CheckPair(c.text(), k.text()); err != nil {
		return k.fault("is not the key of %s", c.key)
	}
	return nil
}
