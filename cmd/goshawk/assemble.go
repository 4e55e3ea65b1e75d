package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"goshawk"
	"goshawk/blob/dir"
	"goshawk/bus/local"
	"goshawk/config"
	"goshawk/internal/pki"
	"goshawk/plugin"
	"goshawk/server"
	"goshawk/store/sqlite"
	"goshawk/transport"
	"goshawk/web/api"
	"goshawk/wire/velociraptor"
)

// This file alone knows which implementation stands behind a contract.

// deployment is a server with all its parts, ready to run.
type deployment struct {
	server   *server.Server
	frontend *transport.Frontend
	api      http.Handler

	frontAddress string
	frontTLS     *tls.Config // nil: plain HTTP
	apiNetwork   string
	apiAddress   string
	apiTLS       *tls.Config
	known        func() int // enrolled clients
	closers      []func() error
}

// Defaults of what a request may use, where it does not say.
var defaultLimits = goshawk.Limits{Time: 10 * time.Minute, UploadBytes: 1 << 30, Rows: 10_000_000, LogLines: 100_000}

func assembleServer(ctx context.Context, conf *config.Server, set *config.Settings, log *slog.Logger) (*deployment, error) {
	d := &deployment{}
	if err := d.assemble(ctx, conf, set, log); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *deployment) assemble(ctx context.Context, conf *config.Server, set *config.Settings, log *slog.Logger) error {
	st, err := openStore(ctx, conf, log)
	if err != nil {
		return err
	}
	d.closers = append(d.closers, st.Close)
	blobs, err := dir.Open(dir.Options{Path: filepath.Join(conf.Datastore.Location, "blobs")})
	if err != nil {
		return err
	}
	d.closers = append(d.closers, blobs.Close)
	vocabulary, err := plugin.Vocabulary(plugin.Options{})
	if err != nil {
		return err
	}
	d.server, err = server.New(ctx, server.Options{
		Store: st, Blobs: blobs, Bus: local.New(), Vocabulary: vocabulary, Now: time.Now, Log: log, Limits: defaultLimits,
	})
	if err != nil {
		return err
	}
	key, err := pki.ParseKey(conf.Frontend.PrivateKey)
	if err != nil {
		return fmt.Errorf("key Frontend.private_key: %w", err)
	}
	codec, err := velociraptor.New(velociraptor.Options{
		Key: key, Name: conf.PinnedName(), Keys: d.server.Keys(), Nonces: velociraptor.NonceMap{goshawk.RootOrg: conf.Client.Nonce},
		CacheSize: int(conf.Frontend.Resources.ExpectedClients), Now: time.Now,
	})
	if err != nil {
		return err
	}
	d.frontend = transport.NewFrontend(ctx, transport.FrontendOptions{
		Codec: codec, Receiver: d.server, ServerPEM: []byte(conf.Frontend.Certificate), BasePath: conf.Frontend.BasePath, Log: log,
		MaxBody: 2 * int64(conf.Frontend.Resources.MaxUploadSize), Budget: set.Frontend.BodyBudgetBytes,
		InProcess: set.Frontend.MaxInProcess, MaxPoll: conf.Client.MaxPoll.Duration(),
		TrustedProxies: set.Frontend.TrustedProxies, ProxyHeader: conf.Frontend.ProxyHeader,
	})
	d.known = d.server.Known
	d.server.Attach(d.frontend)
	d.api = api.New(api.Options{Server: d.server, Log: log, Superuser: conf.PinnedName()})
	return d.doors(conf)
}

// doors works out where and how agents and programs are served.
func (d *deployment) doors(conf *config.Server) error {
	cert, err := tls.X509KeyPair([]byte(conf.Frontend.Certificate), []byte(conf.Frontend.PrivateKey))
	if err != nil {
		return fmt.Errorf("keys Frontend.certificate and private_key: %w", err)
	}
	cas, err := pki.ParseCertificates(conf.Client.CACertificate)
	if err != nil {
		return fmt.Errorf("key Client.ca_certificate: %w", err)
	}
	d.frontAddress = net.JoinHostPort(conf.Frontend.BindAddress, strconv.Itoa(int(conf.Frontend.BindPort)))
	if !conf.Frontend.UsePlainHTTP {
		d.frontTLS = transport.ServerTLS(cert)
	}
	d.apiTLS = api.TLS(cert, cas)
	d.apiNetwork, d.apiAddress = "tcp", net.JoinHostPort(conf.API.BindAddress, strconv.Itoa(int(conf.API.BindPort)))
	if conf.API.BindScheme == "unix" {
		d.apiNetwork, d.apiAddress = "unix", conf.API.BindAddress
	}
	return nil
}

// close ends what was opened, the last first.
func (d *deployment) close() {
	for i := len(d.closers) - 1; i >= 0; i-- {
		if err := d.closers[i](); err != nil {
			fmt.Fprintf(os.Stderr, "goshawk: close: %v\n", err)
		}
	}
}

// openStore opens the store of a server, and makes its folder if need be.
func openStore(ctx context.Context, conf *config.Server, log *slog.Logger) (*sqlite.Store, error) {
	if err := os.MkdirAll(conf.Datastore.Location, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	return sqlite.Open(ctx, sqlite.Options{Path: filepath.Join(conf.Datastore.Location, "goshawk.db"), Log: log})
}
