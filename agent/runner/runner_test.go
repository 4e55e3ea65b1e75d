package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zlib"

	"goshawk/agent/spool"
	"goshawk/plugin"
	"goshawk/row"
	"goshawk/vql"
	"goshawk/wire"
)

// recorder is an Outbox that keeps the messages themselves.
type recorder struct {
	mu      sync.Mutex
	ms      []wire.Message
	dropped []string
	block   chan struct{} // if set, rows wait for it
}

// pack notes the messages and returns their place as the packed list.
func (r *recorder) pack(ms []wire.Message) (wire.Packed, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range ms {
		if c, ok := m.Body.(*wire.UploadChunk); ok { // its bytes are the caller's
			n := *c
			n.Data = bytes.Clone(c.Data)
			m.Body = &n
		}
		r.ms = append(r.ms, m)
	}
	return wire.Packed("list"), nil
}

func (r *recorder) Add(ctx context.Context, es ...spool.Entry) error {
	if r.block != nil && !es[0].Keep {
		select {
		case <-r.block:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (r *recorder) Drop(session string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropped = append(r.dropped, session)
}

func bodies[T wire.Body](r *recorder) (out []T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.ms {
		if b, ok := m.Body.(T); ok {
			out = append(out, b)
		}
	}
	return out
}

func newRunner(t *testing.T, r *recorder, more ...vql.Plugin) *Runner {
	t.Helper()
	v, err := plugin.Vocabulary(plugin.Options{Uploader: Uploader{}})
	if err != nil {
		t.Fatal(err)
	}
	if more != nil {
		if v, err = vql.NewVocabulary(more, nil); err != nil {
			t.Fatal(err)
		}
	}
	return New(t.Context(), Options{Vocabulary: v, Outbox: r, Pack: r.pack, Log: slog.New(slog.DiscardHandler)})
}

func request(texts ...string) *wire.FlowRequest {
	c := wire.Collection{}
	for i, text := range texts {
		q := wire.Query{VQL: text}
		if strings.HasPrefix(text, "SELECT") {
			q.Name = fmt.Sprintf("Q%d", i)
		}
		c.Queries = append(c.Queries, q)
	}
	return &wire.FlowRequest{Collections: []wire.Collection{c}}
}

// do runs a request to its end and returns its last state.
func do(t *testing.T, r *recorder, run *Runner, req *wire.FlowRequest) wire.QueryStats {
	t.Helper()
	run.Handle(wire.Message{Session: "F.1", Body: req}, true)
	run.Wait()
	all := bodies[*wire.Stats](r)
	last := all[len(all)-1]
	if !last.Complete || len(last.Queries) != len(req.Collections) {
		t.Fatalf("last state = %+v", last)
	}
	return last.Queries[0]
}

func TestRowsBatchesAndCounters(t *testing.T) {
	r := &recorder{}
	req := request("LET n = 25", "SELECT _value AS V FROM range(end=n)", "SELECT 1 AS One FROM scope()")
	req.Collections[0].MaxRows = 10
	st := do(t, r, newRunner(t, r), req)
	if st.State != wire.QueryDone || st.Rows != 26 || strings.Join(st.Names, ",") != "Q1,Q2" {
		t.Errorf("state = %+v", st)
	}
	want := []struct {
		name               string
		part               int
		first, count       int64
		offset, statements int
	}{{"Q1", 0, 0, 10, 0, 1}, {"Q1", 1, 10, 10, 80, 1}, {"Q1", 2, 20, 5, 170, 1}, {"Q2", 0, 0, 1, 0, 2}}
	got := bodies[*wire.Rows](r)
	if len(got) != len(want) {
		t.Fatalf("%d batches, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.Name != w.name || g.Part != w.part || g.First != w.first || g.Count != w.count || int(g.RawOffset) != w.offset || g.Statement != w.statements || !g.ActionSet {
			t.Errorf("batch %d = %+v, want %+v", i, g, w)
		}
		if n := int64(bytes.Count(g.Data, []byte("\n"))); n != g.Count {
			t.Errorf("batch %d has %d lines, want %d", i, n, g.Count)
		}
	}
}

func TestCompressedRows(t *testing.T) {
	r := &recorder{}
	req := request("SELECT _value AS V FROM range(end=1000)")
	req.Compress = true
	do(t, r, newRunner(t, r), req)
	b := bodies[*wire.Rows](r)[0]
	z, err := zlib.NewReader(bytes.NewReader(b.Data))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := io.ReadAll(z)
	if err != nil || int64(len(lines)) != b.RawSize || bytes.Count(lines, []byte("\n")) != 1000 {
		t.Errorf("%d bytes, %v; RawSize %d", len(lines), err, b.RawSize)
	}
}

func TestRowLimitOfTheFlow(t *testing.T) {
	r := &recorder{}
	req := request("SELECT * FROM range(end=1000000)")
	req.MaxRows = 7
	st := do(t, r, newRunner(t, r), req)
	if st.State != wire.QueryFailed || !strings.HasPrefix(st.Error, "Row limit reached") || st.Rows != 7 {
		t.Errorf("state = %+v, want 7 rows and the limit as error", st)
	}
}

func TestTimeOutExpiryAndSyntaxError(t *testing.T) {
	late := request("SELECT sleep(time=600) AS S FROM scope()")
	late.Collections[0].Timeout = 50 * time.Millisecond
	old := request("SELECT 1 FROM scope()")
	old.Collections[0].Expires = time.Unix(1, 0)
	cases := []struct {
		req  *wire.FlowRequest
		want string
	}{{late, "Query timed out after 0.05 seconds"}, {old, "Query expired."}, {request("SELECT FROM"), "query 1: 1:12"}}
	for _, c := range cases {
		r := &recorder{}
		st := do(t, r, newRunner(t, r), c.req)
		if st.State != wire.QueryFailed || !strings.HasPrefix(st.Error, c.want) || st.Rows != 0 {
			t.Errorf("state = %+v, want the error %q", st, c.want)
		}
	}
}

func TestErrorLinesFailTheQueryAndKeepItsRows(t *testing.T) {
	r := &recorder{}
	st := do(t, r, newRunner(t, r), request("SELECT nosuch, 1 AS X FROM scope()"))
	if st.State != wire.QueryFailed || !strings.Contains(st.Error, "Symbol nosuch not found") || st.Rows != 1 {
		t.Errorf("state = %+v", st)
	}
	logs := bodies[*wire.Logs](r)
	var line struct {
		ClientTime     int64 `json:"client_time"`
		Level, Message string
	}
	if len(logs) != 1 || json.Unmarshal(logs[0].JSONL, &line) != nil || line.Level != "ERROR" || line.ClientTime == 0 {
		t.Errorf("log = %s", logs[0].JSONL)
	}
}

func TestLogLimit(t *testing.T) {
	r := &recorder{}
	req := request("SELECT log(message=format(format='%d', args=_value), dedup=-1) AS L FROM range(end=50)")
	req.MaxLogLines = 10
	do(t, r, newRunner(t, r), req)
	var lines int64
	for _, l := range bodies[*wire.Logs](r) {
		lines += l.Count
	}
	if lines != 11 { // ten, and one that says so
		t.Errorf("%d log lines, want 11", lines)
	}
}

func TestCancel(t *testing.T) {
	r := &recorder{}
	run := newRunner(t, r)
	run.Handle(wire.Message{Session: "F.1", Body: request("SELECT sleep(time=600) AS S FROM scope()")}, true)
	run.Handle(wire.Message{Session: "F.1", Body: &wire.Cancel{By: "ann"}}, true)
	run.Wait()
	all := bodies[*wire.Stats](r)
	st := all[len(all)-1].Queries[0]
	if st.State != wire.QueryFailed || st.Error != "Cancelled by ann" || len(r.dropped) != 1 || len(bodies[*wire.Rows](r)) != 0 {
		t.Errorf("state = %+v, dropped %v", st, r.dropped)
	}
}

// TestCancelBeforeTheRequest: an urgent cancel can overtake the request; the
// flow does not begin then.
func TestCancelBeforeTheRequest(t *testing.T) {
	r := &recorder{}
	run := newRunner(t, r)
	run.Handle(wire.Message{Session: "F.1", Body: &wire.Cancel{By: "ann"}}, true)
	run.Handle(wire.Message{Session: "F.1", Body: request("SELECT 1 FROM scope()")}, true)
	run.Wait()
	all := bodies[*wire.Stats](r)
	if len(all) != 1 || !all[0].Complete || all[0].Queries[0].Error != "Cancelled by ann" || len(bodies[*wire.Rows](r)) != 0 {
		t.Errorf("states = %+v", all)
	}
}

// TestARequestRunsOnce: our server repeats what was not accepted, and each time
// the agent says that it has it.
func TestARequestRunsOnce(t *testing.T) {
	r := &recorder{}
	run := newRunner(t, r)
	for range 3 {
		run.Handle(wire.Message{Session: "F.1", Body: request("SELECT 1 FROM scope()")}, true)
		run.Wait()
	}
	if n := len(bodies[*wire.Rows](r)); n != 1 {
		t.Errorf("%d batches, want 1", n)
	}
	said := run.Accepted()
	if len(said) != 3 || said[0].Session != "F.1" {
		t.Errorf("accepted = %v", said)
	}
	run.Told(said)
	if left := run.Accepted(); len(left) != 0 {
		t.Errorf("still to be told: %v", left)
	}
}

// TestAFullSpoolPausesTheQuery, and nothing is lost of it.
func TestAFullSpoolPausesTheQuery(t *testing.T) {
	r := &recorder{block: make(chan struct{})}
	run := newRunner(t, r)
	req := request("SELECT * FROM range(end=100000)")
	req.Collections[0].MaxRows = 1000
	run.Handle(wire.Message{Session: "F.1", Body: req}, true)
	time.AfterFunc(50*time.Millisecond, func() { close(r.block) })
	run.Wait()
	var rows int64
	for _, b := range bodies[*wire.Rows](r) {
		rows += b.Count
	}
	if rows != 100000 {
		t.Errorf("%d rows, want 100000", rows)
	}
}

func TestStatusOfFlows(t *testing.T) {
	r := &recorder{}
	run := newRunner(t, r)
	do(t, r, run, request("SELECT 1 FROM scope()"))
	run.Handle(wire.Message{Session: wire.SessionStatus, Body: &wire.StatusRequest{Flows: []string{"F.1", "F.unknown"}}}, true)
	all := bodies[*wire.Stats](r)
	known, unknown := all[len(all)-2], all[len(all)-1]
	if !known.Complete || known.Queries[0].State != wire.QueryDone || unknown.Queries[0].State != wire.QueryUnknown {
		t.Errorf("known %+v, unknown %+v", known, unknown)
	}
}

func TestPanicEndsItsQueryAlone(t *testing.T) {
	r := &recorder{}
	explode := vql.NewPlugin(vql.Spec{Name: "explode"}, func(context.Context, *vql.Call, *struct{}, *vql.Out) error { panic("boom") })
	fine := vql.NewPlugin(vql.Spec{Name: "fine", Columns: []string{"X"}}, func(_ context.Context, _ *vql.Call, _ *struct{}, out *vql.Out) error { return out.Row(row.Int(1)) })
	run := newRunner(t, r, explode, fine)
	run.Handle(wire.Message{Session: "F.1", Body: &wire.FlowRequest{Collections: []wire.Collection{
		{Queries: []wire.Query{{Name: "A", VQL: "SELECT * FROM explode()"}}},
		{Queries: []wire.Query{{Name: "B", VQL: "SELECT * FROM fine()"}}},
	}}}, true)
	run.Wait()
	all := bodies[*wire.Stats](r)
	q := all[len(all)-1].Queries
	if q[0].State != wire.QueryFailed || !strings.Contains(q[0].Error, "boom") || q[1].State != wire.QueryDone || q[1].Rows != 1 {
		t.Errorf("states = %+v", q)
	}
}

func TestUploadsInPieces(t *testing.T) {
	dir := t.TempDir()
	content := bytes.Repeat([]byte("0123456789abcdef"), 200_000) // 3.2 MB
	for name, data := range map[string][]byte{"large": content, "empty": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := &recorder{}
	st := do(t, r, newRunner(t, r), request(
		"SELECT upload(file='"+dir+"/large') AS A, upload(file='"+dir+"/large') AS B, upload(file='"+dir+"/empty') AS C, upload(file='"+dir+"/none') AS D FROM scope()"))
	if st.State != wire.QueryDone || st.Uploads != 2 || st.UploadedBytes != int64(len(content)) {
		t.Errorf("state = %+v", st)
	}
	files := map[int64][]byte{}
	ends := map[int64]int{}
	for _, c := range bodies[*wire.UploadChunk](r) {
		if int(c.Offset) != len(files[c.Number]) {
			t.Errorf("file %d: a piece at %d after %d bytes", c.Number, c.Offset, len(files[c.Number]))
		}
		files[c.Number] = append(files[c.Number], c.Data...)
		if c.EOF {
			ends[c.Number]++
		}
	}
	if !bytes.Equal(files[0], content) || len(files[1]) != 0 || ends[0] != 1 || ends[1] != 1 || len(ends) != 2 {
		t.Errorf("%d files, ends %v", len(files), ends)
	}
}

func TestUploadLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	req := request("SELECT upload(file='" + path + "') AS A FROM scope()")
	req.MaxUploadBytes = 2 << 20
	if st := do(t, r, newRunner(t, r), req); st.State != wire.QueryFailed || !strings.HasPrefix(st.Error, "Upload limit reached") || st.UploadedBytes > 2<<20 {
		t.Errorf("state = %+v", st)
	}
}
