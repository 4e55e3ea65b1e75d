package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zlib"

	"goshawk"
	"goshawk/store"
	"goshawk/wire"
)

// Names under which clients say who they are.
const (
	clientInfo    = "Server.Internal.ClientInfo" // at the start of an agent, outside of any flow
	Interrogation = "Generic.Client.Info/BasicInformation"
)

// maxRaw bounds the JSON lines of one batch once inflated.
const maxRaw = 100 << 20

// rows turns a batch of rows into an effect. Its rows are counted here: what
// the client claims is not used.
func (in *Ingest) rows(session string, m *wire.Rows) ([]store.Effect, error) {
	if session == string(goshawk.Monitoring) {
		return in.monitoring(m)
	}
	id, err := flowOf(session)
	if err != nil {
		return nil, err
	}
	b := store.RowBatch{Flow: id, Action: m.Action, Source: m.Name, First: m.First, Data: m.Data, Raw: int64(len(m.Data))}
	count := lineCounter{}
	if m.Encoding == wire.Zlib {
		b.Coding = store.Zlib
		if b.Raw, err = inflate(&count, m.Data); err != nil {
			return nil, err
		}
	} else {
		_, _ = count.Write(m.Data)
	}
	if b.Count, err = count.lines(); err != nil {
		return nil, err
	}
	if b.Count == 0 || b.First < 0 || m.Name == "" {
		return nil, fmt.Errorf("%w: a batch of %d rows from number %d under the name %q", goshawk.ErrInvalid, b.Count, b.First, clip(m.Name))
	}
	out := []store.Effect{b}
	if m.Name == Interrogation {
		out = append(out, facts(m)...)
	}
	return out, nil
}

// flowOf returns the flow of a session; a further run of an old flow (F.x/0)
// belongs to it.
func flowOf(session string) (goshawk.FlowID, error) {
	id, _, _ := strings.Cut(session, "/")
	return goshawk.ParseFlowID(id)
}

// monitoring takes what comes outside of any flow: who the client is.
func (in *Ingest) monitoring(m *wire.Rows) ([]store.Effect, error) {
	if m.Name == clientInfo {
		return facts(m), nil
	}
	return nil, nil
}

// lineCounter counts the lines of what is written to it.
type lineCounter struct {
	n    int64
	last byte
	any  bool
}

func (c *lineCounter) Write(p []byte) (int, error) {
	if len(p) > 0 {
		c.n += int64(bytes.Count(p, []byte{'\n'}))
		c.last, c.any = p[len(p)-1], true
	}
	return len(p), nil
}

func (c *lineCounter) lines() (int64, error) {
	if c.any && c.last != '\n' {
		return 0, fmt.Errorf("%w: rows do not end with a line", goshawk.ErrInvalid)
	}
	return c.n, nil
}

// inflaters are readers to be used again: each holds 40 KiB of tables.
var inflaters = sync.Pool{}

// inflate writes the content of a zlib stream to w and returns its length.
func inflate(w io.Writer, data []byte) (n int64, err error) {
	z, _ := inflaters.Get().(io.ReadCloser)
	if z == nil {
		z, err = zlib.NewReader(bytes.NewReader(data))
	} else {
		err = z.(zlib.Resetter).Reset(bytes.NewReader(data), nil)
	}
	if err != nil {
		return 0, fmt.Errorf("%w: rows: %w", goshawk.ErrInvalid, err)
	}
	defer inflaters.Put(z)
	n, err = io.Copy(w, io.LimitReader(z, maxRaw+1))
	if err != nil {
		return 0, fmt.Errorf("%w: rows: %w", goshawk.ErrInvalid, err)
	}
	if n > maxRaw {
		return 0, fmt.Errorf("%w: rows of more than %d bytes in one batch", goshawk.ErrLimit, maxRaw)
	}
	return n, nil
}

// facts reads what a client tells of itself: the one row of the interrogation,
// or of its greeting, which spell the keys differently.
func facts(m *wire.Rows) []store.Effect {
	data := m.Data
	if m.Encoding == wire.Zlib {
		var buf bytes.Buffer
		if _, err := inflate(&buf, data); err != nil {
			return nil // the rows themselves were refused for it
		}
		data = buf.Bytes()
	}
	line, _, _ := bytes.Cut(data, []byte{'\n'})
	var row map[string]any
	if json.Unmarshal(line, &row) != nil {
		return nil
	}
	text := func(keys ...string) string {
		for _, k := range keys {
			if s, ok := row[k].(string); ok && s != "" {
				return s
			}
		}
		return ""
	}
	c := goshawk.Client{
		Hostname: text("Hostname", "hostname"), FQDN: text("Fqdn", "fqdn"), OS: text("OS", "system"),
		Architecture: text("Architecture", "architecture"), AgentName: text("Name", "client_name"),
		AgentVersion: text("Version", "client_version"),
		Release:      strings.TrimSpace(text("release", "Platform") + " " + text("PlatformVersion")),
	}
	c.MACs = texts(row["MACAddresses"])
	return []store.Effect{store.ClientFacts{Client: c}}
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// logs turns log lines into an effect.
func logs(session string, m *wire.Logs) ([]store.Effect, error) {
	if session == string(goshawk.Monitoring) {
		return nil, nil
	}
	id, err := flowOf(session)
	if err != nil {
		return nil, err
	}
	b := store.LogBatch{Flow: id, Count: int64(bytes.Count(m.JSONL, []byte{'\n'})), JSONL: m.JSONL, Error: firstError(m.JSONL)}
	if b.Count == 0 {
		return nil, nil
	}
	return []store.Effect{b}, nil
}

// firstError returns the message of the first line that is an error.
func firstError(lines []byte) string {
	for len(lines) > 0 {
		var line []byte
		line, lines, _ = bytes.Cut(lines, []byte{'\n'})
		if !bytes.Contains(line, []byte(`"ERROR"`)) {
			continue
		}
		var l struct{ Level, Message string }
		if json.Unmarshal(line, &l) == nil && l.Level == "ERROR" {
			return l.Message
		}
	}
	return ""
}

// stats turns what an agent says of a flow into an effect.
func stats(session string, m *wire.Stats) ([]store.Effect, error) {
	id, err := flowOf(session)
	if err != nil {
		return nil, err
	}
	p := store.Progress{Flow: id, Complete: m.Complete}
	for _, q := range m.Queries {
		p.Rows += max(q.Rows, 0)
		p.Uploads += max(q.Uploads, 0)
		if !q.FirstActive.IsZero() && (p.Started.IsZero() || q.FirstActive.Before(p.Started)) {
			p.Started = q.FirstActive
		}
		if (q.State == wire.QueryFailed || q.State == wire.QueryUnknown) && p.Error == "" {
			p.Error = orDefault(q.Error, "the query failed")
		}
		p.Cancelled = p.Cancelled || q.State == wire.QueryFailed && strings.HasPrefix(q.Error, "Cancelled")
	}
	return []store.Effect{p}, nil
}

func orDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

// sane bounds a time that a client states.
func sane(t time.Time) time.Time {
	if y := t.Year(); y < 1 || y > 9999 {
		return time.Time{}
	}
	return t
}
