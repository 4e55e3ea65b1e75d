package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"goshawk"
	"goshawk/wire"
)

// Receiver is the server behind a Frontend.
type Receiver interface {
	// Enrol takes a packet from a sender that is not known: it may ask to be
	// enrolled. An error means that the same packet may do better later.
	Enrol(ctx context.Context, p *wire.Packet) error
	// Deliver takes a trusted packet and returns nil only when everything in
	// it is durable.
	Deliver(ctx context.Context, d Delivery) error
	// Tasks returns what a client is to be told now. sent is called when it
	// was written, and for a stock peer before that.
	Tasks(ctx context.Context, client wire.Peer, ours bool) (ms []wire.Message, sent func(context.Context) error, err error)
}

// Delivery is a packet and how it came.
type Delivery struct {
	Client  wire.Peer // its name has the form of a client id
	Packet  *wire.Packet
	Address string // of the peer, without its port
	Ours    bool   // from a Goshawk agent
	Urgent  bool
	Reader  bool // posted to /reader
}

// FrontendOptions of a Frontend. Zero values are replaced by the defaults named.
type FrontendOptions struct {
	Codec     wire.Codec
	Receiver  Receiver
	ServerPEM []byte // the certificate by which agents know the server
	BasePath  string // before every path, without a slash at its end
	Log       *slog.Logger

	// A request from one of these networks is of the client that the header
	// names, and of the peer otherwise.
	TrustedProxies []netip.Prefix
	ProxyHeader    string // X-Forwarded-For

	MaxBody   int64         // bytes of one post; 200 MiB
	Budget    int64         // bytes of posts in memory at once; 256 MiB
	InProcess int           // posts processed at once; 256
	MaxPoll   time.Duration // how long a reader is held, and up to 29 s longer; 60 s
}

// Frontend serves agents. It is an http.Handler.
type Frontend struct {
	o        FrontendOptions
	mux      *http.ServeMux
	budget   *semaphore.Weighted
	slots    *semaphore.Weighted
	sessions sessions
	life     context.Context // ends when the frontend closes
	end      context.CancelFunc
}

// maxReaderBody bounds a post to /reader, which carries next to nothing.
const maxReaderBody = 4 << 20

// NewFrontend returns a frontend that serves until ctx ends or it is closed.
func NewFrontend(ctx context.Context, o FrontendOptions) *Frontend {
	o.MaxBody = orDefault(o.MaxBody, 200<<20)
	o.Budget = max(orDefault(o.Budget, 256<<20), o.MaxBody)
	o.InProcess = orDefault(o.InProcess, 256)
	o.MaxPoll = orDefault(o.MaxPoll, time.Minute)
	f := &Frontend{o: o, mux: http.NewServeMux(), budget: semaphore.NewWeighted(o.Budget), slots: semaphore.NewWeighted(int64(o.InProcess))}
	f.life, f.end = context.WithCancel(ctx)
	if o.ProxyHeader == "" {
		f.o.ProxyHeader = "X-Forwarded-For"
	}
	base := strings.TrimSuffix(o.BasePath, "/")
	for _, path := range []string{"/control", "/send_messages"} {
		f.mux.HandleFunc(base+path, f.control)
	}
	for _, path := range []string{"/reader", "/receive_messages"} {
		f.mux.HandleFunc(base+path, f.reader)
	}
	f.mux.HandleFunc(base+"/server.pem", f.serverPEM)
	f.mux.HandleFunc(base+"/healthz", func(http.ResponseWriter, *http.Request) {})
	return f
}

func orDefault[T int | int64 | time.Duration](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}

// ServeHTTP serves one request of an agent.
func (f *Frontend) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

// Close ends what is held open. Requests that are being processed go on.
func (f *Frontend) Close() { f.end() }

// Wake makes a connected client's session look for tasks.
func (f *Frontend) Wake(client wire.Peer) { f.sessions.wake(client) }

// Online says whether a client is connected, or was a moment ago and is
// expected back at once.
func (f *Frontend) Online(client wire.Peer, now time.Time) bool {
	return f.sessions.online(client, now)
}

func (f *Frontend) serverPEM(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set(Peer, PeerRevision)
	_, _ = w.Write(f.o.ServerPEM) // a client that went away asks again
}

// address is where a request comes from, without a port.
func (f *Frontend) address(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	from := peer.Addr().Unmap()
	trusted := slices.ContainsFunc(f.o.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(from) })
	if said := r.Header.Get(f.o.ProxyHeader); trusted && said != "" {
		last := said[strings.LastIndexByte(said, ',')+1:] // the proxy's own word; what is before it came to the proxy
		if a, err := netip.ParseAddr(strings.TrimSpace(last)); err == nil {
			return a.Unmap().String()
		}
	}
	return from.String()
}

// abort cuts the connection: the client knows that nothing was accepted.
func abort() { panic(http.ErrAbortHandler) }

// control takes what an agent delivers. The order is that of all carriers:
// read, authenticate, say 200, work with pads, end cleanly or cut.
func (f *Frontend) control(w http.ResponseWriter, r *http.Request) {
	body, release, ok := f.body(w, r, f.o.MaxBody)
	defer release()
	if !ok {
		return
	}
	p, ok := f.open(w, r, body)
	if !ok {
		return
	}
	if !p.Trusted {
		f.untrusted(w, r, p)
		return
	}
	d := Delivery{
		Client: p.Peer(), Packet: p, Address: f.address(r),
		Ours: r.Header.Get(Peer) != "", Urgent: r.Header.Get(priority) == urgent,
	}
	f.sessions.heard(d.Client, time.Now(), d.Ours)
	if r.ProtoAtLeast(1, 1) {
		f.deliverWithPads(w, r, d)
	} else {
		f.deliverThenAnswer(w, r, d)
	}
}

// deliverWithPads says 200 first, so that the client waits as long as it takes.
func (f *Frontend) deliverWithPads(w http.ResponseWriter, r *http.Request, d Delivery) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	rc := http.NewResponseController(w)
	if rc.Flush() != nil {
		abort()
	}
	done := make(chan error, 1)
	go func() { done <- f.deliver(r.Context(), d) }() // ends with the delivery, which is awaited below
	pads := time.NewTicker(padControl)
	defer pads.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				f.refused(r, d, err)
				abort()
			}
			return
		case <-pads.C:
			if _, err := w.Write(f.o.Codec.Pad()); err != nil || rc.Flush() != nil {
				<-done
				abort()
			}
		}
	}
}

// deliverThenAnswer serves HTTP/1.0, where a proxy would turn a cut into a
// clean end: nothing is said before the commit.
func (f *Frontend) deliverThenAnswer(w http.ResponseWriter, r *http.Request, d Delivery) {
	if err := f.deliver(r.Context(), d); err != nil {
		f.refused(r, d, err)
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}

// deliver waits for a slot, which urgent packets need not, and hands the packet over.
func (f *Frontend) deliver(ctx context.Context, d Delivery) error {
	if !d.Urgent {
		if err := f.slots.Acquire(ctx, 1); err != nil {
			return err
		}
		defer f.slots.Release(1)
	}
	// From here on the client may go away: what was begun is brought to its end.
	return f.o.Receiver.Deliver(f.life, d)
}

func (f *Frontend) refused(r *http.Request, d Delivery, err error) {
	f.o.Log.Warn("delivery not accepted, the client keeps its data", "client", d.Client.Name, "address", f.address(r), "error", err)
}

// untrusted answers a sender that is not known: 406 asks it to enrol.
func (f *Frontend) untrusted(w http.ResponseWriter, r *http.Request, p *wire.Packet) {
	if err := f.o.Receiver.Enrol(r.Context(), p); err != nil {
		f.o.Log.Warn("enrolment not possible", "client", p.Source, "address", f.address(r), "error", err)
		http.Error(w, "enrolment is not possible now", http.StatusServiceUnavailable)
		return
	}
	http.Error(w, "Please Enrol", http.StatusNotAcceptable)
}

// open authenticates a packet. What is not one of ours is answered 403; where
// that cannot be known now the connection is cut, and the client keeps its data.
func (f *Frontend) open(w http.ResponseWriter, r *http.Request, body []byte) (*wire.Packet, bool) {
	p, err := f.o.Codec.Open(body)
	if err == nil && p.Trusted {
		if _, err = goshawk.ParseClientID(p.Source); err != nil {
			err = fmt.Errorf("%w: %w", wire.ErrMalformed, err)
		}
	}
	if err == nil {
		return p, true
	}
	f.o.Log.Warn("packet refused", "address", f.address(r), "path", r.URL.Path, "bytes", len(body), "error", err)
	kind := kindOf(err)
	if kind == nil {
		abort()
	}
	http.Error(w, kind.Error(), http.StatusForbidden) // the sender is told the kind, no more
	return nil, false
}

func kindOf(err error) error {
	for _, kind := range []error{wire.ErrForeign, wire.ErrForged, wire.ErrMalformed} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}
