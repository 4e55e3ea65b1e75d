package velociraptor

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"goshawk"
	"goshawk/wire"
	"goshawk/wire/velociraptor/pb"
)

// notModelled are the fields of stock messages that we neither read nor send,
// by their path.
var notModelled = map[string]string{
	"task_id":                        "order in the stock server's queue, ignored by clients",
	"VQLClientAction":                "copy of the request for clients before API version 4",
	"VQLResponse.Query.VQL":          "echo of the statement's text",
	"ResumeTransactions.client_id":   "the receiver knows who it is",
	"ResumeTransactions.query_stats": "how the queries stood, which is in the server's store",
}

// linesAreBytes are the strings that are bytes in our .proto.
var linesAreBytes = []string{"VQLResponse.JSONLResponse", "LogMessage.jsonl"}

// wantJSON compares messages with the JSON form of what the stock programs
// said, by encoding them as we would say it.
func wantJSON(t *testing.T, ms []wire.Message, want []map[string]any) {
	t.Helper()
	if len(ms) != len(want) {
		t.Fatalf("%d messages, want %d", len(ms), len(want))
	}
	for i := range ms {
		v, err := encodeMessage(&ms[i])
		if err != nil {
			t.Fatal(err)
		}
		b, err := proto.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := proto.Unmarshal(b, v); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(modelled(want[i]), asJSON(t, v)); diff != "" {
			t.Errorf("message %d (- stock, + ours):\n%s", i, diff)
		}
	}
}

// asJSON is the protobuf JSON form with the names of the .proto.
func asJSON(t *testing.T, v *pb.VeloMessage) map[string]any {
	t.Helper()
	b, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, path := range linesAreBytes {
		parent, name := descend(m, path)
		if text, ok := parent[name].(string); ok {
			var raw []byte
			if err := json.Unmarshal([]byte(`"`+text+`"`), &raw); err != nil {
				t.Fatal(err)
			}
			parent[name] = string(raw)
		}
	}
	return m
}

// modelled returns a stock message without what is not modelled.
func modelled(stock map[string]any) map[string]any {
	stock = maps.Clone(stock)
	for path := range notModelled {
		parent, name := descend(stock, path)
		delete(parent, name)
	}
	return stock
}

// descend returns the object that holds the end of a path, or nil.
func descend(m map[string]any, path string) (parent map[string]any, name string) {
	names := strings.Split(path, ".")
	for _, n := range names[:len(names)-1] {
		m, _ = m[n].(map[string]any)
	}
	return m, names[len(names)-1]
}

func TestVectorMessages(t *testing.T) {
	var v struct {
		Cases []struct {
			Name  string         `json:"name"`
			Bytes hexBytes       `json:"pb_hex"`
			JSON  map[string]any `json:"json"`
		} `json:"cases"`
	}
	readVector(t, "messages.json", &v)
	for _, c := range v.Cases {
		t.Run(c.Name, func(t *testing.T) {
			list := appendBytes(nil, listJob, c.Bytes)
			ms, err := newEnds(t).server.decodeList(list)
			if err != nil {
				t.Fatal(err)
			}
			if ms[0].Body == nil {
				t.Error("decoded to a message without a body")
			}
			wantJSON(t, ms, []map[string]any{c.JSON})
		})
	}
}

// A whole conversation of stock programs, opened at both ends in its order.
func TestVectorCapturedSession(t *testing.T) {
	var v struct {
		vectorKeys
		Packets []struct {
			Direction string           `json:"direction"`
			Path      string           `json:"path"`
			Body      hexBytes         `json:"body_hex"`
			Messages  []map[string]any `json:"messages"`
		} `json:"packets"`
	}
	readVector(t, "captured_session.json", &v)
	e := v.ends(t)
	e.knowVectorClient(&v.vectorKeys, nil)
	opened := 0
	for i, c := range v.Packets {
		if len(c.Body) == 0 {
			continue
		}
		opened++
		p, ms := open(t, e.receiver(t, c.Direction), c.Body)
		wantJSON(t, ms, c.Messages)
		known := e.keys.keys[e.clientPeer] != nil
		if want := c.Direction == "server_to_client" || known; p.Trusted != want {
			t.Errorf("packet %d: trusted %v, want %v", i, p.Trusted, want)
		}
		for _, m := range ms {
			if csr, ok := m.Body.(*wire.CSR); ok {
				key := parseRequest(t, csr.PEM)
				if id := goshawk.ClientIDOf(key); string(id) != p.Source {
					t.Errorf("the request's key is that of %s, want %s", id, p.Source)
				}
				e.keys.set(e.clientPeer, key)
			}
		}
	}
	if opened < 15 {
		t.Errorf("only %d packets were opened", opened)
	}
}
