package ingest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zlib"

	"goshawk"
	"goshawk/blob/dir"
	"goshawk/server/ingest"
	"goshawk/store"
	"goshawk/store/sqlite"
	"goshawk/wire"
)

const (
	client  goshawk.ClientID = "C.0123456789abcdef"
	another goshawk.ClientID = "C.fedcba9876543210"
	flow    goshawk.FlowID   = "F.0000000000001"
)

// world is an Ingest over a real store and real blobs, with one flow on each
// of two clients, of the same id as in a hunt.
type world struct {
	t     *testing.T
	store *sqlite.Store
	blobs *dir.Store
	in    *ingest.Ingest
	lists int
}

func newWorld(t *testing.T) *world {
	st, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "db")})
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := dir.Open(dir.Options{Path: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close(); blobs.Close() })
	for _, c := range []goshawk.ClientID{client, another} {
		if _, err := st.Enrol(t.Context(), c, []byte("key"), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		if err := st.CreateFlow(t.Context(), goshawk.Flow{ID: flow, Client: c, Created: time.Unix(2, 0)}, store.Task{Payload: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{t: t, store: st, blobs: blobs}
	w.in = ingest.New(ingest.Options{
		Store: st, Blobs: blobs, Now: func() time.Time { return time.Unix(1000, 0) }, Log: slog.New(slog.DiscardHandler),
		Changed: func(context.Context, []goshawk.Flow) {},
	})
	return w
}

// list makes a list with a key of its own.
func (w *world) list(ms ...wire.Message) wire.List {
	w.lists++
	return wire.List{Key: sha256.Sum256(fmt.Append(nil, w.lists)), Messages: ms}
}

// take delivers lists of a client as one packet.
func (w *world) take(c goshawk.ClientID, lists ...wire.List) error {
	return w.in.Take(w.t.Context(), ingest.Packet{Client: c, Lane: store.LaneNormal, Packet: &wire.Packet{
		Source: string(c), Trusted: true, Lists: func(yield func(wire.List, error) bool) {
			for _, l := range lists {
				if !yield(l, nil) {
					return
				}
			}
		},
	}})
}

func (w *world) flow(c goshawk.ClientID) goshawk.Flow {
	w.t.Helper()
	f, err := w.store.Flow(w.t.Context(), c, flow)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func rows(first, n int) wire.Message {
	var data []byte
	for i := range n {
		data = fmt.Appendf(data, "{\"N\":%d}\n", first+i)
	}
	return wire.Message{Session: string(flow), Body: &wire.Rows{Name: "Query", First: int64(first), Count: 1e9, Data: data}}
}

func deflated(m wire.Message, raw int64) wire.Message {
	r := *m.Body.(*wire.Rows)
	var buf bytes.Buffer
	z := zlib.NewWriter(&buf)
	_, _ = z.Write(r.Data)
	_ = z.Close()
	r.Data, r.Encoding, r.RawSize = buf.Bytes(), wire.Zlib, raw
	return wire.Message{Session: m.Session, Body: &r}
}

func stats(complete bool, q wire.QueryStats) wire.Message {
	return wire.Message{Session: string(flow), Body: &wire.Stats{Complete: complete, Queries: []wire.QueryStats{q}}}
}

func TestRowsAreCountedHereAndOnce(t *testing.T) {
	w := newWorld(t)
	first := w.list(rows(0, 10), deflated(rows(10, 5), 1))
	for range 3 { // the answer was lost
		if err := w.take(client, first); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.take(client, w.list(rows(10, 5))); err != nil { // under another key
		t.Fatal(err)
	}
	if err := w.take(another, first); err != nil { // equal bytes of another client of a hunt
		t.Fatal(err)
	}
	if f := w.flow(client); f.Rows != 15 || f.Batches != 2 || f.Packets != 1 || f.State != goshawk.FlowRunning {
		t.Errorf("flow = %+v, want 15 rows in 2 batches of one packet", f)
	}
	if f := w.flow(another); f.Rows != 15 {
		t.Errorf("flow of the other client = %+v, want 15 rows", f)
	}
	var lines []byte
	for b, err := range w.store.Rows(t.Context(), client, flow, store.Source{Name: "Query"}, 0) {
		if err != nil {
			t.Fatal(err)
		}
		l, err := b.Lines()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l...)
	}
	dec := json.NewDecoder(bytes.NewReader(lines))
	for i := range 15 {
		var r struct{ N int }
		if err := dec.Decode(&r); err != nil || r.N != i {
			t.Fatalf("row %d = %+v, %v", i, r, err)
		}
	}
}

// TestFlowEndsWhenAllIsDurable: the agent's word ends a flow only when
// everything that it claims is there.
func TestFlowEndsWhenAllIsDurable(t *testing.T) {
	w := newWorld(t)
	done := stats(true, wire.QueryStats{Rows: 20, Uploads: 1, FirstActive: time.Unix(999, 0)})
	if err := w.take(client, w.list(rows(0, 10), done)); err != nil {
		t.Fatal(err)
	}
	if f := w.flow(client); f.State != goshawk.FlowRunning {
		t.Errorf("state = %s before all rows and files are there", f.State)
	}
	if err := w.take(client, w.list(rows(10, 10))); err != nil {
		t.Fatal(err)
	}
	if err := w.take(client, w.list(chunk(0, 0, "content", true))); err != nil {
		t.Fatal(err)
	}
	if f := w.flow(client); f.State != goshawk.FlowFinished || f.Rows != 20 || f.Uploads != 1 {
		t.Errorf("flow = %+v, want FINISHED", f)
	}
}

func TestErrorsOfAFlow(t *testing.T) {
	w := newWorld(t)
	line := []byte(`{"client_time":1,"level":"WARN","message":"fine"}` + "\n" + `{"client_time":1,"level":"ERROR","message":"Symbol x not found"}` + "\n")
	logs := wire.Message{Session: string(flow), Body: &wire.Logs{JSONL: line, Count: 77}}
	if err := w.take(client, w.list(logs, rows(0, 1), stats(true, wire.QueryStats{Rows: 1}))); err != nil {
		t.Fatal(err)
	}
	if f := w.flow(client); f.State != goshawk.FlowError || f.Error != "Symbol x not found" || f.Logs != 2 || f.Rows != 1 {
		t.Errorf("flow = %+v, want ERROR with its row", f)
	}
	if err := w.take(another, w.list(stats(true, wire.QueryStats{State: wire.QueryUnknown, Error: "Flow not known"}))); err != nil {
		t.Fatal(err)
	}
	if f := w.flow(another); f.State != goshawk.FlowError || f.Error != "Flow not known" {
		t.Errorf("flow that its agent does not know = %+v", f)
	}
}

// chunk is a piece of a file.
func chunk(number int64, offset int, data string, last bool) wire.Message {
	return wire.Message{Session: string(flow), Body: &wire.UploadChunk{
		Number: number, Path: "/a/f", Accessor: "file", Components: []string{"a", "f"}, Offset: int64(offset), Data: []byte(data),
		EOF: last, Size: int64(offset + len(data)), StoredSize: int64(offset + len(data)),
	}}
}

func TestFilesInPieces(t *testing.T) {
	w := newWorld(t)
	big := strings.Repeat("0123456789", 1_000_000) // more than one blob
	var pieces []wire.List
	for at := 0; at < len(big); at += 1 << 20 {
		end := min(at+1<<20, len(big))
		pieces = append(pieces, w.list(chunk(0, at, big[at:end], false)))
	}
	pieces = append(pieces, w.list(chunk(0, len(big), "", true)))
	for i, p := range pieces {
		if err := w.take(client, p); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 { // and again, since the answer was lost
			if err := w.take(client, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.take(client, w.list(chunk(1, 0, "", true), chunk(2, 0, "small", false), chunk(2, 5, "", true))); err != nil {
		t.Fatal(err)
	}
	got, err := w.store.Uploads(t.Context(), client, flow)
	if err != nil || len(got) != 3 {
		t.Fatalf("%d files, %v, want 3", len(got), err)
	}
	for i, want := range []string{big, "", "small"} {
		u := got[i]
		if !u.Done || u.SHA256 != goshawk.Hash(sha256.Sum256([]byte(want))) || u.StoredSize != int64(len(want)) {
			t.Errorf("file %d = %+v", i, u)
		}
		if content := w.content(u); content != want {
			t.Errorf("file %d has %d bytes, want %d", i, len(content), len(want))
		}
	}
	if f := w.flow(client); f.Uploads != 3 || f.UploadedBytes != int64(len(big)+5) {
		t.Errorf("flow = %+v", f)
	}
}

func (w *world) content(u goshawk.Upload) string {
	w.t.Helper()
	parts, err := w.store.Parts(w.t.Context(), u.Client, u.Flow, u.Number)
	if err != nil {
		w.t.Fatal(err)
	}
	var out strings.Builder
	for _, p := range parts {
		f, err := w.blobs.Open(w.t.Context(), p.Blob)
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := io.CopyN(&out, f, p.Length); err != nil {
			w.t.Fatal(err)
		}
		f.Close()
	}
	return out.String()
}

// TestPiecesThatCameOutOfOrder are put where they belong, and the file is
// summed by reading it.
func TestPiecesThatCameOutOfOrder(t *testing.T) {
	w := newWorld(t)
	for _, l := range []wire.List{w.list(chunk(0, 3, "def", false)), w.list(chunk(0, 6, "", true)), w.list(chunk(0, 0, "abc", false))} {
		if err := w.take(client, l); err != nil {
			t.Fatal(err)
		}
	}
	u, err := w.store.Upload(t.Context(), client, flow, 0)
	if err != nil || !u.Done || u.SHA256 != goshawk.Hash(sha256.Sum256([]byte("abcdef"))) {
		t.Errorf("file = %+v, %v", u, err)
	}
}

// TestMalformedMessagesAreLeftOut and what comes with them is kept: refusing
// the packet would make the client send it for ever.
func TestMalformedMessagesAreLeftOut(t *testing.T) {
	w := newWorld(t)
	raw := func(data string, enc wire.Encoding, first int64, name string) wire.Message {
		return wire.Message{Session: string(flow), Body: &wire.Rows{Name: name, First: first, Data: []byte(data), Encoding: enc}}
	}
	var bomb bytes.Buffer
	z := zlib.NewWriter(&bomb)
	for range 200 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	_ = z.Close()
	bad := []wire.Message{
		raw("no line end", wire.Plain, 0, "Query"),
		raw("not zlib", wire.Zlib, 0, "Query"),
		raw(bomb.String(), wire.Zlib, 0, "Query"),
		raw("{}\n", wire.Plain, -5, "Query"),
		raw("{}\n", wire.Plain, 0, ""),
		{Session: "../../etc", Body: &wire.Rows{Name: "Query", Data: []byte("{}\n")}},
		{Session: "F.9999999999999", Body: &wire.Rows{Name: "Query", Data: []byte("{}\n")}},
		{Session: string(flow), Body: &wire.UploadChunk{Offset: -1}},
		{Session: string(flow), Body: &wire.UploadChunk{Number: -1}},
		{Session: string(flow), Body: nil},
		{Session: string(flow), Body: &wire.Logs{JSONL: nil}},
	}
	if err := w.take(client, w.list(append(bad, rows(0, 1))...)); err != nil {
		t.Fatal(err)
	}
	if f := w.flow(client); f.Rows != 1 || f.Uploads != 0 {
		t.Errorf("flow = %+v, want the one good row", f)
	}
}

// TestClientsSayWhoTheyAre by the interrogation and by their greeting.
func TestClientsSayWhoTheyAre(t *testing.T) {
	w := newWorld(t)
	greeting := wire.Message{Session: string(goshawk.Monitoring), Body: &wire.Rows{Name: "Server.Internal.ClientInfo",
		Data: []byte(`{"hostname":"web1","system":"linux","client_version":"1.2"}` + "\n")}}
	info := wire.Message{Session: string(flow), Body: &wire.Rows{Name: ingest.Interrogation,
		Data: []byte(`{"OS":"linux","Hostname":"web1","Fqdn":"web1.example.com","Platform":"debian","PlatformVersion":"12","Architecture":"amd64","MACAddresses":["00:11"]}` + "\n")}}
	if err := w.take(client, w.list(greeting), w.list(deflated(info, 10))); err != nil {
		t.Fatal(err)
	}
	c, err := w.store.Client(t.Context(), client)
	if err != nil || c.Hostname != "web1" || c.FQDN != "web1.example.com" || c.Release != "debian 12" || c.AgentVersion != "1.2" || len(c.MACs) != 1 {
		t.Errorf("client = %+v, %v", c, err)
	}
}

// TestAPacketThatBreaksOff is not acknowledged, and nothing of it is half there.
func TestAPacketThatBreaksOff(t *testing.T) {
	w := newWorld(t)
	broken := errors.New("list is damaged")
	err := w.in.Take(t.Context(), ingest.Packet{Client: client, Packet: &wire.Packet{Trusted: true, Lists: func(yield func(wire.List, error) bool) {
		_ = yield(w.list(rows(0, 10)), nil) && yield(wire.List{}, broken)
	}}})
	if !errors.Is(err, broken) {
		t.Errorf("Take = %v", err)
	}
	if f := w.flow(client); f.Rows != 0 {
		t.Errorf("%d rows of a packet that was not acknowledged", f.Rows)
	}
}
