package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"goshawk"
	"goshawk/agent/spool"
	"goshawk/transport"
	"goshawk/wire"
	"goshawk/wire/velociraptor"
)

const nonce = "dGVzdG5vbmNl"

// keyring is the keys that one side knows.
type keyring struct {
	mu   sync.Mutex
	keys map[string]*rsa.PublicKey
}

func (k *keyring) Key(p wire.Peer) (*rsa.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key := k.keys[p.Name]; key != nil {
		return key, nil
	}
	return nil, goshawk.ErrNotFound
}

func (k *keyring) add(name string, key *rsa.PublicKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil {
		k.keys = map[string]*rsa.PublicKey{}
	}
	k.keys[name] = key
}

func newKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newCodec(t testing.TB, key *rsa.PrivateKey, name string, keys wire.Keys) wire.Codec {
	t.Helper()
	c, err := velociraptor.New(velociraptor.Options{Key: key, Name: name, Keys: keys, Nonces: velociraptor.NonceMap{goshawk.RootOrg: nonce}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fakeServer is a Receiver that keeps what it is given, once per list.
type fakeServer struct {
	keys   keyring
	client *rsa.PublicKey // enrolled when it asks

	mu      sync.Mutex
	got     []string // sessions of rows, in order, repeated lists left out
	seen    map[[32]byte]bool
	fail    int // deliveries to refuse
	tries   int
	tasks   []wire.Message
	sent    int
	enrols  int
	arrived chan struct{} // one signal per delivery
}

func (s *fakeServer) Enrol(_ context.Context, p *wire.Packet) error {
	for list, err := range p.Lists {
		if err != nil {
			return err
		}
		for _, m := range list.Messages {
			if _, ok := m.Body.(*wire.CSR); ok {
				s.enrols++
				s.keys.add(p.Source, s.client)
			}
		}
	}
	return nil
}

func (s *fakeServer) Deliver(_ context.Context, d transport.Delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !d.Reader {
		defer func() {
			select {
			case s.arrived <- struct{}{}:
			default:
			}
		}()
		if s.tries++; s.fail > 0 {
			s.fail--
			return errors.New("the disk is full")
		}
	}
	for list, err := range d.Packet.Lists {
		if err != nil {
			return err
		}
		if s.seen[list.Key] {
			continue
		}
		s.seen[list.Key] = true
		for _, m := range list.Messages {
			if _, ok := m.Body.(*wire.Rows); ok {
				s.got = append(s.got, m.Session)
			}
		}
	}
	return nil
}

func (s *fakeServer) Tasks(context.Context, wire.Peer, bool) ([]wire.Message, func(context.Context) error, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ms := s.tasks
	return ms, func(context.Context) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent += len(ms)
		s.tasks = nil
		return nil
	}, nil
}

func (s *fakeServer) push(m wire.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tasks = append(s.tasks, m)
}

func (s *fakeServer) sessions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.got...)
}

// world is a server and an agent on loopback.
type world struct {
	t         *testing.T
	server    *fakeServer
	frontend  *transport.Frontend
	web       *httptest.Server
	serverKey *rsa.PrivateKey
	clientKey *rsa.PrivateKey
	id        string
	spool     *spool.Memory
	codec     wire.Codec // the agent's
	handled   chan wire.Message
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, serverKey: newKey(t), clientKey: newKey(t), spool: spool.NewMemory(1 << 20), handled: make(chan wire.Message, 100)}
	w.id = string(goshawk.ClientIDOf(&w.clientKey.PublicKey))
	w.server = &fakeServer{client: &w.clientKey.PublicKey, seen: map[[32]byte]bool{}, arrived: make(chan struct{}, 1)}
	w.frontend = transport.NewFrontend(t.Context(), transport.FrontendOptions{
		Codec: newCodec(t, w.serverKey, "TestServer", &w.server.keys), Receiver: w.server, ServerPEM: []byte("the server"),
		Log: slog.New(slog.DiscardHandler), MaxBody: 1 << 20,
	})
	w.web = httptest.NewServer(w.frontend)
	t.Cleanup(func() { w.frontend.Close(); w.web.Close() })
	ring := &keyring{}
	w.codec = newCodec(t, w.clientKey, w.id, ring)
	ring.add("TestServer", &w.serverKey.PublicKey)
	return w
}

// connect runs a link until the test ends.
func (w *world) connect() {
	l := transport.NewLink(transport.LinkOptions{
		URLs: []string{w.web.URL + "/"}, Codec: w.codec, Log: slog.New(slog.DiscardHandler), Outbox: w.spool,
		Trust:   func([]byte) (string, error) { return "TestServer", nil },
		Greet:   func() []wire.Message { return []wire.Message{{Session: wire.SessionCheck, Body: &wire.Checkin{}}} },
		Greeted: func([]wire.Message) {},
		Handle:  func(m wire.Message, _ bool) { w.handled <- m },
		Enrolment: func() (wire.Message, error) {
			return wire.Message{Session: wire.SessionEnrol, Body: &wire.CSR{PEM: []byte("csr")}}, nil
		},
	})
	ctx, cancel := context.WithCancel(w.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { l.Run(ctx) })
	w.t.Cleanup(func() { cancel(); wg.Wait() })
}

// add spools rows of a session.
func (w *world) add(session string) {
	w.t.Helper()
	list, err := w.codec.Pack([]wire.Message{rows(session)})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.spool.Add(w.t.Context(), spool.Entry{Session: session, List: list}); err != nil {
		w.t.Fatal(err)
	}
}

func rows(session string) wire.Message {
	return wire.Message{Session: session, Body: &wire.Rows{Name: "Q", Count: 1, Data: []byte("{\"a\":1}\n")}}
}

// eventually waits for a condition that another goroutine brings about.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	w.t.Fatalf("%s did not happen; the server got %v", what, w.server.sessions())
}

func TestEnrolDeliverAndTask(t *testing.T) {
	w := newWorld(t)
	w.add("F.1")
	w.connect()
	w.eventually("delivery", func() bool { return len(w.server.sessions()) == 1 })
	if w.server.enrols != 1 {
		t.Errorf("%d requests to enrol, want 1", w.server.enrols)
	}
	peer := wire.Peer{Name: w.id}
	w.eventually("connection", func() bool { return w.frontend.Online(peer, time.Now()) })
	w.server.push(wire.Message{Session: "F.task", Body: &wire.Cancel{By: "ann"}})
	w.frontend.Wake(peer)
	select {
	case m := <-w.handled:
		if c, ok := m.Body.(*wire.Cancel); !ok || m.Session != "F.task" || c.By != "ann" {
			t.Errorf("the agent got %+v", m)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the task did not arrive")
	}
	w.eventually("emptying the spool", func() bool { return w.spool.Held() == 0 })
}

// TestRefusedDeliveriesAreRepeated: a server that cannot store cuts the
// answer, and the agent sends the same again, in order.
func TestRefusedDeliveriesAreRepeated(t *testing.T) {
	w := newWorld(t)
	w.server.keys.add(w.id, &w.clientKey.PublicKey)
	w.server.fail = 3
	w.connect()
	for i := range 20 {
		w.add(fmt.Sprintf("F.%02d", i))
	}
	w.eventually("delivery", func() bool { return len(w.server.sessions()) == 20 })
	for i, s := range w.server.sessions() {
		if want := fmt.Sprintf("F.%02d", i); s != want {
			t.Errorf("message %d is of %s, want %s", i, s, want)
		}
	}
	w.eventually("emptying the spool", func() bool { return w.spool.Held() == 0 })
}

// TestCutsAtEveryStage drops connections again and again, in either direction,
// and sees everything arrive once.
func TestCutsAtEveryStage(t *testing.T) {
	w := newWorld(t)
	w.server.keys.add(w.id, &w.clientKey.PublicKey)
	w.connect()
	const n = 200
	go func() {
		for range 40 {
			time.Sleep(5 * time.Millisecond)
			w.web.CloseClientConnections()
		}
	}()
	for i := range n {
		w.add(fmt.Sprintf("F.%03d", i))
		time.Sleep(time.Millisecond)
	}
	w.eventually("delivery", func() bool { return len(w.server.sessions()) == n })
	for i, s := range w.server.sessions() {
		if want := fmt.Sprintf("F.%03d", i); s != want {
			t.Fatalf("message %d is of %s, want %s", i, s, want)
		}
	}
}

// packet seals rows of a session as the agent would.
func (w *world) packet(sessions ...string) []byte {
	w.t.Helper()
	var lists []wire.Packed
	for _, s := range sessions {
		l, err := w.codec.Pack([]wire.Message{rows(s)})
		if err != nil {
			w.t.Fatal(err)
		}
		lists = append(lists, l)
	}
	p, err := w.codec.Seal(wire.Peer{Name: "TestServer"}, lists)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// post sends a body and returns the status, the answer's body, and an error if
// the connection was cut.
func (w *world) post(path string, body []byte) (int, []byte, error) {
	resp, err := http.Post(w.web.URL+path, "application/binary", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

func TestBadPackets(t *testing.T) {
	w := newWorld(t)
	w.server.keys.add(w.id, &w.clientKey.PublicKey)
	good := w.packet("F.good")
	foreign, err := velociraptor.New(velociraptor.Options{Key: w.clientKey, Name: w.id, Keys: constKey{&w.serverKey.PublicKey}, Nonces: velociraptor.NonceMap{goshawk.RootOrg: "b3RoZXI="}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	wrongNonce, err := foreign.Seal(wire.Peer{Name: "TestServer"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tampered := bytes.Clone(good)
	tampered[len(tampered)-3] ^= 1
	impostor := newCodec(t, newKey(t), w.id, constKey{&w.serverKey.PublicKey})
	stolen, err := impostor.Seal(wire.Peer{Name: "TestServer"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		body   []byte
		status int // 0: cut
	}{
		{"garbage", []byte("GET / HTTP/1.1"), 403},
		{"wrong nonce", wrongNonce, 403},
		{"tampered", tampered, 403},
		{"another's id", stolen, 406},
		{"larger than the limit", make([]byte, 2<<20), 0},
		{"good", good, 200},
	}
	for _, c := range cases {
		for _, path := range []string{"/control", "/send_messages"} {
			status, _, err := w.post(path, c.body)
			if c.status == 0 && err == nil || c.status != 0 && (err != nil || status != c.status) {
				t.Errorf("%s to %s: status %d, %v, want %d", c.name, path, status, err, c.status)
			}
		}
	}
	if got := w.server.sessions(); len(got) != 1 || got[0] != "F.good" {
		t.Errorf("the server took %v, want F.good once", got)
	}
}

type constKey struct{ key *rsa.PublicKey }

func (c constKey) Key(wire.Peer) (*rsa.PublicKey, error) { return c.key, nil }

// TestBodiesCutAtEveryOffset: a body that ends early is never taken for whole.
func TestBodiesCutAtEveryOffset(t *testing.T) {
	w := newWorld(t)
	w.server.keys.add(w.id, &w.clientKey.PublicKey)
	body := w.packet("F.cut")
	for n := 0; n < len(body); n += 7 {
		conn, err := net.Dial("tcp", w.web.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /control HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", len(body))
		if _, err := conn.Write(body[:n]); err != nil {
			t.Fatal(err)
		}
		conn.(*net.TCPConn).CloseWrite()
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil && resp.StatusCode == 200 {
			if _, err := io.ReadAll(resp.Body); err == nil {
				t.Errorf("a body cut after %d of %d bytes was acknowledged", n, len(body))
			}
		}
		conn.Close()
	}
	if got := w.server.sessions(); len(got) != 0 {
		t.Errorf("the server took %v of bodies that were cut", got)
	}
}

// TestHTTP10IsAnsweredAfterTheCommit: a proxy that speaks HTTP/1.0 would turn a
// cut into a clean end.
func TestHTTP10IsAnsweredAfterTheCommit(t *testing.T) {
	w := newWorld(t)
	w.server.keys.add(w.id, &w.clientKey.PublicKey)
	w.server.fail = 1
	body := w.packet("F.old")
	for i, want := range []int{503, 200} {
		conn, err := net.Dial("tcp", w.web.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /control HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != want {
			t.Errorf("try %d: %v, %v, want status %d", i+1, resp, err, want)
		}
		conn.Close()
	}
}

// TestNewerReaderTakesOver: the connection of an older one may be dead.
func TestNewerReaderTakesOver(t *testing.T) {
	w := newWorld(t)
	w.server.keys.add(w.id, &w.clientKey.PublicKey)
	check := func() []byte {
		l, err := w.codec.Pack([]wire.Message{{Session: wire.SessionCheck, Body: &wire.Checkin{}}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.codec.Seal(wire.Peer{Name: "TestServer"}, []wire.Packed{l})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := make(chan error, 1)
	body := check()
	go func() { _, _, err := w.post("/reader", body); first <- err }()
	w.eventually("first reader", func() bool { return w.frontend.Online(wire.Peer{Name: w.id}, time.Now()) })
	time.Sleep(20 * time.Millisecond)
	body2 := check()
	go func() { _, _, _ = w.post("/reader", body2) }()
	select {
	case err := <-first:
		if err != nil {
			t.Errorf("the older reader was cut: %v, want a clean end", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the older reader stays open")
	}
	w.frontend.Close()
}
