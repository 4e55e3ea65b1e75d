package main

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"goshawk"
	"goshawk/agent"
	"goshawk/config"
	"goshawk/internal/pki"
	"goshawk/transport"
	"goshawk/wire"
	"goshawk/wire/velociraptor"
)

type clientCommand struct{}

// Help is shown by --help.
func (clientCommand) Help() string {
	return "Example: goshawk --config client.config.yaml client -v"
}

// Run runs the agent until the program is told to end.
func (*clientCommand) Run(ctx context.Context, all *commands) error {
	if all.Config == "" {
		return errNoConfig
	}
	conf, err := config.LoadClient(all.Config)
	if err != nil {
		return err
	}
	settings, err := all.settings()
	if err != nil {
		return err
	}
	log := all.logger()
	o, err := assembleAgent(conf, settings, log)
	if err != nil {
		return err
	}
	return agent.Run(ctx, o)
}

func assembleAgent(conf *config.Client, set *config.Settings, log *slog.Logger) (agent.Options, error) {
	if len(conf.ServerURLs) == 0 {
		return agent.Options{}, errors.New("the configuration names no server (Client.server_urls)")
	}
	key, id, err := identity(conf, log)
	if err != nil {
		return agent.Options{}, err
	}
	cas, err := pki.ParseCertificates(conf.CACertificate)
	if err != nil {
		return agent.Options{}, fmt.Errorf("key Client.ca_certificate: %w", err)
	}
	ring := &serverKeys{trust: pki.Trust{Authorities: cas, Name: conf.PinnedName()}}
	codec, err := velociraptor.New(velociraptor.Options{
		Key: key, Name: string(id), Keys: ring, Nonces: velociraptor.NonceMap{goshawk.RootOrg: conf.Nonce},
		CacheSize: 100, Now: time.Now, Compress: !conf.DisableCompression,
	})
	if err != nil {
		return agent.Options{}, err
	}
	return agent.Options{
		ID: id, Version: thisVersion(), Labels: conf.Labels, URLs: conf.ServerURLs, Codec: codec, Trust: ring.accept,
		TLS:     transport.ClientTLS(cas, conf.UseSelfSignedSSL, conf.PinnedName()),
		Timeout: conf.ConnectionTimeout.Duration(),
		CSR:     func() ([]byte, error) { return pki.NewRequest(key) },
		MinPoll: conf.MinPoll.Duration(), MaxPoll: conf.MaxPoll.Duration(), MaxPollStd: conf.MaxPollStd.Duration(),
		MaxPost: int(conf.MaxUploadSize), Concurrency: int(conf.Concurrency), StatsEvery: conf.FlowStatsUpdate.Duration(),
		Buffer: int(set.Agent.MemoryBufferBytes), Now: time.Now, Log: log,
	}, nil
}

// identity returns the agent's key, which is made at the first start and kept
// in the writeback files.
func identity(conf *config.Client, log *slog.Logger) (*rsa.PrivateKey, goshawk.ClientID, error) {
	path, err := conf.WritebackPath(runtime.GOOS, os.Getenv)
	if err != nil {
		return nil, "", err
	}
	w, err := config.LoadWriteback(path, conf.WritebackSuffix)
	if err != nil {
		return nil, "", err
	}
	if w.Broken != nil {
		log.Warn("one of the writeback files was broken, the other one is used", "error", w.Broken)
	}
	if w.PrivateKey == "" {
		key, err := pki.NewKey()
		if err != nil {
			return nil, "", err
		}
		w.PrivateKey, w.InstallTime = pki.KeyPEM(key), uint64(time.Now().Unix())
	}
	key, err := pki.ParseKey(w.PrivateKey)
	if err != nil {
		return nil, "", fmt.Errorf("%s: private_key: %w", path, err)
	}
	id := goshawk.ClientIDOf(&key.PublicKey)
	if w.ClientID == string(id) {
		return key, id, nil
	}
	w.ClientID = string(id)
	return key, id, w.Save()
}

// serverKeys holds the key of the server that was accepted.
type serverKeys struct {
	trust pki.Trust

	mu   sync.Mutex // guards the fields below
	name string
	key  *rsa.PublicKey
}

// accept checks a server's certificate and remembers its key.
func (k *serverKeys) accept(pem []byte) (string, error) {
	cert, err := k.trust.VerifyServer(pem, time.Now())
	if err != nil {
		return "", err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.name, k.key = pki.Name(cert), cert.PublicKey.(*rsa.PublicKey) // VerifyServer accepts no other kind
	return k.name, nil
}

// Key returns the server's key.
func (k *serverKeys) Key(p wire.Peer) (*rsa.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.key == nil || p.Name != k.name {
		return nil, fmt.Errorf("server %q: %w", p.Name, goshawk.ErrNotFound)
	}
	return k.key, nil
}
