package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"goshawk/wire"
)

// Outbox is what an agent has to deliver.
type Outbox interface {
	// Lease waits for something to deliver and hands out about max bytes of
	// it. What is leased is not handed out again until it is given back.
	Lease(ctx context.Context, urgent bool, max int) (Lease, error)
}

// Lease is a part of an Outbox on its way to the server.
type Lease interface {
	Lists() []wire.Packed
	Done() // it is durable on the server
	Back() // it did not get there, or nobody knows whether it did
}

// LinkOptions of a Link. Zero durations are replaced by the stock defaults.
type LinkOptions struct {
	URLs    []string      // each ends in a slash
	TLS     *tls.Config   // see ClientTLS
	Dial    Dialer        // opens connections; nil: the system's
	Timeout time.Duration // of connecting, and of waiting for the head of an answer; 5 min
	Codec   wire.Codec
	// Trust checks the certificate that a server presents as /server.pem and
	// makes its key the one that packets are sealed for. It returns the
	// server's name.
	Trust func(pem []byte) (name string, err error)
	// Greet returns what is said at each check-in.
	Greet func() []wire.Message
	// Greeted says that the server has taken what was said at a check-in.
	Greeted func(said []wire.Message)
	// Handle takes what the server says, in order. ours says whether the
	// server is a Goshawk server.
	Handle func(m wire.Message, ours bool)
	// Enrolment returns the request to be enrolled.
	Enrolment func() (wire.Message, error)
	Outbox    Outbox
	Log       *slog.Logger

	MinPoll    time.Duration // between two check-ins at a stock server; 1 s
	MaxPoll    time.Duration // longest wait after a failure; 60 s
	MaxPollStd time.Duration // random part of a wait at a stock server; 30 s
	MaxPost    int           // bytes of one post; 5 MiB
}

// Link is an agent's way to its server.
type Link struct {
	o      LinkOptions
	http   *http.Client
	tokens bucket // check-ins that a stock server may be asked for

	mu     sync.Mutex // guards the fields below
	server server
	next   int // index of the URL to try next
	asked  time.Time
}

// server is the one that was found, and trusted.
type server struct {
	url  string
	peer wire.Peer
	ours bool
}

// NewLink returns a link that is not connected yet.
func NewLink(o LinkOptions) *Link {
	o.MinPoll = orDefault(o.MinPoll, time.Second)
	o.MaxPoll = orDefault(o.MaxPoll, time.Minute)
	o.MaxPollStd = orDefault(o.MaxPollStd, 30*time.Second)
	o.MaxPost = orDefault(o.MaxPost, 5<<20)
	o.Timeout = orDefault(o.Timeout, 5*time.Minute)
	return &Link{o: o, http: httpClient(o), tokens: newBucket(readerBurst, o.MaxPoll/2)}
}

// Run keeps in touch with the server until ctx ends: it holds a reader open
// and delivers what the outbox has.
func (l *Link) Run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { l.loop(ctx, "reader", l.checkIn) })
	wg.Go(func() {
		l.loop(ctx, "control", func(ctx context.Context, s server) error { return l.deliver(ctx, s, false) })
	})
	wg.Go(func() {
		l.loop(ctx, "control (urgent)", func(ctx context.Context, s server) error { return l.deliver(ctx, s, true) })
	})
}

// loop repeats one kind of exchange, and waits longer after each failure.
func (l *Link) loop(ctx context.Context, what string, exchange func(context.Context, server) error) {
	wait := backoff{max: l.o.MaxPoll, std: l.o.MaxPollStd}
	for ctx.Err() == nil {
		s, err := l.find(ctx)
		if err == nil {
			err = exchange(ctx, s)
		}
		if err == nil {
			wait.reset()
			continue
		}
		if ctx.Err() != nil {
			return
		}
		pause := wait.next(l.stock())
		l.o.Log.Warn("no contact with the server", "what", what, "url", s.url, "error", err, "again_in", pause.Round(time.Millisecond))
		sleep(ctx, pause)
	}
}

// stock says whether the peer last heard from was a stock server.
func (l *Link) stock() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.server.peer.Name != "" && !l.server.ours
}

// find returns the server to talk to. Before the first exchange, and after
// each that failed, it is looked for and checked anew.
func (l *Link) find(ctx context.Context) (server, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server.url != "" {
		return l.server, nil
	}
	url := l.o.URLs[l.next%len(l.o.URLs)]
	s, err := l.meet(ctx, url)
	if err != nil {
		l.next++
		return server{url: url}, err
	}
	l.server = s
	l.o.Log.Info("server found", "url", url, "name", s.peer.Name, "goshawk", s.ours)
	return s, nil
}

// maxPEM bounds a server.pem.
const maxPEM = 64 << 10

// meet fetches the server's certificate and checks it.
func (l *Link) meet(ctx context.Context, url string) (server, error) {
	resp, err := l.send(ctx, http.MethodGet, url+"server.pem", nil, false)
	if err != nil {
		return server{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return server{}, fmt.Errorf("server.pem: status %s", resp.Status)
	}
	pem, err := io.ReadAll(io.LimitReader(resp.Body, maxPEM))
	if err != nil {
		return server{}, fmt.Errorf("server.pem: %w", err)
	}
	name, err := l.o.Trust(pem)
	if err != nil {
		return server{}, fmt.Errorf("server.pem: %w", err)
	}
	s := server{url: url, peer: wire.Peer{Name: name}, ours: resp.Header.Get(Peer) != ""}
	l.o.Codec.Forget(s.peer)
	return s, nil
}

// lost forgets the server s, so that the next exchange looks for one.
func (l *Link) lost(s server) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == s {
		l.server.url = ""
		l.next++
	}
}

func (l *Link) send(ctx context.Context, method, url string, body io.Reader, ahead bool) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "Goshawk")
	req.Header.Set("Content-Type", "application/binary")
	req.Header.Set(Peer, PeerRevision)
	if ahead {
		req.Header.Set(priority, urgent)
	}
	return l.http.Do(req)
}

// errEnrol is the answer to a sender that the server does not know.
var errEnrol = errors.New("the server does not know this client yet: enrolment requested")

// How often a server is asked to enrol the agent.
const (
	enrolEveryStock = time.Minute
	enrolEveryOurs  = time.Second
)

// enrol asks to be enrolled.
func (l *Link) enrol(ctx context.Context, s server) error {
	every := enrolEveryStock
	if s.ours {
		every = enrolEveryOurs
	}
	l.mu.Lock()
	due := time.Since(l.asked) >= every
	if due {
		l.asked = time.Now()
	}
	l.mu.Unlock()
	if !due {
		return errEnrol
	}
	m, err := l.o.Enrolment()
	if err != nil {
		return err
	}
	list, err := l.o.Codec.Pack([]wire.Message{m})
	if err != nil {
		return err
	}
	l.o.Log.Info("asking to be enrolled", "url", s.url)
	answer, err := l.post(ctx, s, "control", []wire.Packed{list}, true)
	if answer == http.StatusNotAcceptable {
		return nil // which is what is said even when it succeeded
	}
	return err
}
