package config

import (
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"runtime"
	"runtime/debug"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed template.yaml
var template []byte

// nonceBytes is the length of the nonce of an org, and of the key for names.
const nonceBytes = 8

// Generate returns the file of a new server: a new CA, keys and certificates,
// and the defaults that a user of the field expects (template.yaml), but for
// paths, which stay clear of an installed Velociraptor: a server's data lies in
// /var/lib/goshawk. The merge, a JSON object in
// the manner of RFC 7396, overrides any key: a null takes a key away, and a name
// or a validity in it is heeded when the certificates are made.
func Generate(now time.Time, merged []byte) ([]byte, error) {
	patch, err := parseMerge(merged)
	if err != nil {
		return nil, err
	}
	d, err := parse("template", template)
	if err != nil {
		return nil, err
	}
	d.file = mergeFile // every error from here on stems from the patch
	forgetLines(d.node)
	root := d.root()
	merge(root.node, patch.node)
	if err := makeSecrets(root, now); err != nil {
		return nil, err
	}
	merge(root.node, patch.node) // again, for what was made against its word
	prune(root.node)
	if _, err := newServer(d); err != nil {
		return nil, err
	}
	return encode(d.node)
}

// makeSecrets fills in what differs between deployments.
func makeSecrets(root place, now time.Time) error {
	if err := checkValidity(root); err != nil {
		return err
	}
	var s Server
	if err := root.node.Decode(&s); err != nil {
		return root.fault("%v", err)
	}
	s.fill()
	is := &issuer{root: root, now: now, validity: s.CertificateValidity()}
	for key, value := range versionFields() {
		is.fallback("version", key, value)
	}
	is.fallback("Client", "nonce", nonce())
	if root.at("obfuscation_nonce").text() == "" {
		set(root.node, "obfuscation_nonce", scalar(nonce()))
	}
	if root.at("Frontend").node == nil {
		return root.at("Frontend").fault("is missing")
	}
	for _, l := range leaves(root, &s) {
		if err := is.fill(l); err != nil {
			return err
		}
	}
	return nil
}

// fallback sets a key that has no value yet.
func (is *issuer) fallback(section, name, value string) {
	if is.root.at(section+"."+name).text() == "" {
		is.put(section, name, value)
	}
}

func versionFields() map[string]string {
	v := map[string]string{
		"compiler":     runtime.Version(),
		"system":       runtime.GOOS,
		"architecture": runtime.GOARCH,
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "(devel)" {
		v["version"] = info.Main.Version
	}
	return v
}

func nonce() string {
	b := make([]byte, nonceBytes)
	rand.Read(b) // never fails
	return base64.StdEncoding.EncodeToString(b)
}

// forgetLines removes positions, which mean nothing to a user here.
func forgetLines(n *yaml.Node) {
	n.Line, n.Column = 0, 0
	for _, c := range n.Content {
		forgetLines(c)
	}
}

// ClientFile returns the file that clients of the server are given: of the
// server's file only what clients may know.
func ClientFile(s *Server) ([]byte, error) {
	root := s.doc.root()
	if err := checkClient(root); err != nil {
		return nil, err
	}
	out := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range []string{"version", "Client", "autoexec"} {
		if v := child(root.node, name); v != nil {
			set(out, name, v)
		}
	}
	return encode(out)
}

// Show checks the configuration of a server or a client and returns it as it was
// understood: aliases resolved, everything else kept.
func Show(path string) ([]byte, error) {
	d, err := readDocument(path)
	if err != nil {
		return nil, err
	}
	rules := checkClient
	if d.root().at("Frontend").node != nil {
		rules = checkServer
	}
	if err := d.decode(rootConfig, rules, &Server{}); err != nil {
		return nil, err
	}
	return encode(d.node)
}
