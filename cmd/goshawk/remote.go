package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"

	"goshawk/config"
	"goshawk/internal/pki"
	"goshawk/vql"
	"goshawk/web/api/v1/apiv1connect"
)

// remote is the flag of commands that talk to a server.
type remote struct {
	APIConfig string `name:"api_config" type:"path" env:"GOSHAWK_API_CONFIG" placeholder:"FILE" help:"File of an API client (config api_client)."`
}

// apiClient is a connection to a server's API.
type apiClient struct {
	clients apiv1connect.ClientServiceClient
	flows   apiv1connect.FlowServiceClient
	queries apiv1connect.QueryServiceClient
}

// dial returns the API of the server that the flags name: with the file of an
// API client, or with the server's own configuration.
func (r remote) dial(all *commands) (*apiClient, error) {
	switch {
	case r.APIConfig != "":
		f, err := config.LoadAPI(r.APIConfig)
		if err != nil {
			return nil, err
		}
		return dialAPI(f.ConnectionString, f.CACertificate, f.ClientCert, f.ClientPrivateKey, f.PinnedName())
	case all.Config != "":
		s, err := all.serverConfig()
		if err != nil {
			return nil, err
		}
		return dialAPI(serverAPI(s), s.Client.CACertificate, s.Frontend.Certificate, s.Frontend.PrivateKey, s.PinnedName())
	}
	return nil, exitError{exitUsage, errors.New("--api_config FILE is required (or GOSHAWK_API_CONFIG in the environment, or --config with a server's configuration)")}
}

// serverAPI is where the API of a server on this host is.
func serverAPI(s *config.Server) string {
	if s.API.BindScheme == "unix" {
		return "unix://" + s.API.BindAddress
	}
	host := s.API.BindAddress
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(int(s.API.BindPort)))
}

// dialTimeout is how long a connection to the API may take.
const dialTimeout = 10 * time.Second

func dialAPI(address, ca, cert, key, name string) (*apiClient, error) {
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		return nil, fmt.Errorf("client certificate: %w", err)
	}
	cas, err := pki.ParseCertificates(ca)
	if err != nil {
		return nil, fmt.Errorf("ca_certificate: %w", err)
	}
	pool := x509.NewCertPool()
	for _, c := range cas {
		pool.AddCert(c)
	}
	network := "tcp"
	if path, ok := strings.CutPrefix(address, "unix://"); ok {
		network, address = "unix", path
	}
	dialer := &net.Dialer{Timeout: dialTimeout}
	hc := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		},
		TLSClientConfig:     &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool, ServerName: name, MinVersion: tls.VersionTLS13},
		TLSHandshakeTimeout: dialTimeout,
		ForceAttemptHTTP2:   true,
	}}
	base := "https://" + name // the address is the dialer's
	return &apiClient{
		clients: apiv1connect.NewClientServiceClient(hc, base),
		flows:   apiv1connect.NewFlowServiceClient(hc, base),
		queries: apiv1connect.NewQueryServiceClient(hc, base),
	}, nil
}

// unreachable says whether a call failed because the server could not be
// reached, or was lost on the way: the same call may do better later.
func unreachable(err error) bool { return connect.CodeOf(err) == connect.CodeUnavailable }

// message is an error as people read it.
func message(err error) string {
	var syntax *vql.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("%v\n%s", err, syntax.Excerpt())
	}
	var c *connect.Error
	if errors.As(err, &c) {
		if unreachable(err) {
			return "the server cannot be reached: " + c.Message()
		}
		return c.Message()
	}
	return err.Error()
}
