package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"
)

// Dialer opens connections; it is net.Dialer's DialContext unless a test says otherwise.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// httpClient returns the client that a Link uses. It speaks HTTP/1.1 alone and
// follows no redirect.
func httpClient(o LinkOptions) *http.Client {
	dial := o.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: o.Timeout}).DialContext
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:           dial,
			TLSClientConfig:       o.TLS,
			TLSHandshakeTimeout:   o.Timeout,
			ResponseHeaderTimeout: o.Timeout,
			IdleConnTimeout:       idleTimeout - 5*time.Second,                            // sooner than the server's, so that no post meets a closed connection
			TLSNextProto:          map[string]func(string, *tls.Conn) http.RoundTripper{}, // no h2
			MaxIdleConnsPerHost:   4,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ClientTLS returns how an agent checks a server's TLS certificate: a leaf
// signed by the deployment's own CA is accepted whatever the host's name, any
// other by the system's roots and the host's name, unless selfSigned says that
// the own CA alone counts. In that case the name sent is serverName.
func ClientTLS(cas []*x509.Certificate, selfSigned bool, serverName string) *tls.Config {
	own := x509.NewCertPool()
	for _, ca := range cas {
		own.AddCert(ca)
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if selfSigned {
		conf.ServerName = serverName
	}
	conf.InsecureSkipVerify = true // replaced by VerifyConnection
	conf.VerifyConnection = func(cs tls.ConnectionState) error {
		return verifyServer(cs, own, selfSigned)
	}
	return conf
}

func verifyServer(cs tls.ConnectionState, own *x509.CertPool, selfSigned bool) error {
	if len(cs.PeerCertificates) == 0 {
		return errors.New("the server showed no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range cs.PeerCertificates[1:] {
		between.AddCert(c)
	}
	leaf := cs.PeerCertificates[0]
	_, err := leaf.Verify(x509.VerifyOptions{Roots: own, Intermediates: between})
	if err == nil {
		return nil
	}
	if selfSigned {
		return fmt.Errorf("TLS certificate of %q, issued by %q, is not signed by this deployment's CA: %w", leaf.Subject, leaf.Issuer, err)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Intermediates: between, DNSName: cs.ServerName}); err != nil {
		return fmt.Errorf("TLS certificate of %q, issued by %q: %w", leaf.Subject, leaf.Issuer, err)
	}
	return nil
}

// ServerTLS returns how a Frontend serves TLS: version 1.3 and HTTP/1.1 alone,
// since HTTP/2 would cost three goroutines for each client.
func ServerTLS(cert tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}}
}

// How long a client may take for the head of a request, and stay connected
// without one.
const (
	headTimeout = 15 * time.Second
	idleTimeout = 15 * time.Second
)

// drain is how long requests under way may take when the server stops.
const drain = 1500 * time.Millisecond

// Serve serves h on ln until ctx ends, and then lets requests under way come
// to their end, for a moment. conf is nil for plain HTTP. stopping is called
// when ctx ends, before that.
func Serve(ctx context.Context, ln net.Listener, conf *tls.Config, h http.Handler, log *slog.Logger, stopping func()) error {
	srv := &http.Server{
		Handler: h, TLSConfig: conf,
		ReadHeaderTimeout: headTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if conf == nil || !slices.Contains(conf.NextProtos, "h2") {
		srv.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	if conf != nil {
		ln = tls.NewListener(ln, conf)
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }() // ends when srv is shut down, below
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	if stopping != nil {
		stopping()
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if srv.Shutdown(grace) != nil {
		_ = srv.Close() // who is still connected sends again
	}
	<-ended
	return nil
}
