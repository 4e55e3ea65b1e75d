package wiretest

import (
	"time"

	"goshawk/wire"
)

// Messages returns messages of every kind. Together they set every field that a
// body has, to values that every protocol can hold.
func Messages() []wire.Message {
	return []wire.Message{
		{Session: wire.SessionEnrol, Urgent: true, Body: &wire.CSR{PEM: []byte("-----BEGIN CERTIFICATE REQUEST-----\n")}},
		{Session: wire.SessionCheck, Body: &wire.Checkin{EventTable: 1767225000000000001}},
		{Session: "F.D5BQOS0123456", Body: flowRequest()},
		{Session: "F.D5BQOS0123456", Urgent: true, Body: &wire.Cancel{By: "mallory"}},
		{Session: wire.SessionStatus, Body: &wire.StatusRequest{Flows: []string{"F.D5BQOS0123456", "F.D5BQOS0123457"}}},
		{Session: "F.Monitoring", Body: &wire.EventTable{Version: 1767225000000000001, Queries: []wire.Collection{collection()}}},
		{Body: &wire.Shutdown{}},
		{Session: "F.D5BQOS0123456", Body: resume()},
		{Session: "F.D5BQOS0123456", Body: &wire.Accepted{}},
		{Session: "F.D5BQOS0123456", Body: rows()},
		{Session: "F.D5BQOS0123456", Body: compressedRows()},
		{Session: "F.D5BQOS0123456", Body: &wire.Logs{
			First: 12, Count: 1, JSONL: []byte(`{"client_time":1,"level":"INFO","message":"é"}` + "\n"),
			Artifact: "Generic.Client.Stats", Level: "ALERT", Error: "refused",
		}},
		{Session: "F.D5BQOS0123456", Body: stats()},
		{Session: "F.D5BQOS0123456", Body: begin()},
		{Session: "F.D5BQOS0123456", Body: chunk()},
		{Session: "F.D5BQOS0123456", Body: compressedChunk()},
		{Session: "F.D5BQOS0123456"}, // of a kind that this end does not know
	}
}

func flowRequest() *wire.FlowRequest {
	return &wire.FlowRequest{
		Collections:    []wire.Collection{collection(), {Queries: []wire.Query{{VQL: "SELECT 1"}}}},
		Trace:          []wire.Collection{collection()},
		LogEvery:       1500 * time.Millisecond,
		StatsEvery:     7 * time.Second,
		MaxRows:        1_000_000,
		MaxUploadBytes: 1 << 40,
		MaxLogLines:    100_000,
		ErrorPattern:   "(?i)error:",
		Compress:       true,
	}
}

func collection() wire.Collection {
	return wire.Collection{
		Queries: []wire.Query{{VQL: "LET X <= 1"}, {Name: "Custom.A/B", VQL: "SELECT X FROM scope()"}},
		Env:     []wire.Variable{{Key: "Path", Value: "/etc/hosts"}, {Key: "Empty"}},
		Artifacts: []wire.Artifact{{
			Name: "Custom.A", Type: "CLIENT", Precondition: "SELECT * FROM info()",
			Parameters: []wire.Parameter{{Name: "Path", Type: "string", Default: "/"}},
			Sources:    []wire.Source{{Name: "B", Precondition: "SELECT 1", Queries: []string{"LET Y = 1", "SELECT Y"}}},
			Imports:    []string{"Custom.C"}, Export: "LET Z = 1",
		}},
		Precondition:    "SELECT OS FROM info() WHERE OS = 'linux'",
		MaxRows:         1000,
		MaxBatchBytes:   5 << 20,
		MaxWait:         100 * time.Second,
		Timeout:         10 * time.Minute,
		ProgressTimeout: 90 * time.Second,
		Heartbeat:       30 * time.Second,
		CPULimit:        12.5,
		IOPSLimit:       100,
		Expires:         time.Unix(1767225600, 0).UTC(),
		Index:           1, Total: 2,
	}
}

func resume() *wire.ResumeUploads {
	return &wire.ResumeUploads{
		Flow: "F.D5BQOS0123456", MaxUploadBytes: 1 << 30, Compress: true,
		Uploads: []wire.UploadBegin{*begin()}, Timeout: 10 * time.Minute,
	}
}

func rows() *wire.Rows {
	return &wire.Rows{
		Name: "Custom.A/B", Action: 2, ActionSet: true, Statement: 1, Part: 3, First: 2000, Count: 2,
		Columns: []string{"OS", "Größe"}, Data: []byte("{\"OS\":\"linux\",\"Größe\":1}\n{\"OS\":\"linux\",\"Größe\":2}\n"),
		At: time.UnixMicro(1767225600000001).UTC(),
	}
}

func compressedRows() *wire.Rows {
	r := rows()
	r.Action, r.Data = 0, []byte("\x78\x9c\xab\xae\xe5\x02\x00\x02\x7f\x01\x02")
	r.Encoding, r.RawSize, r.RawOffset = wire.Zlib, 3, 20890
	return r
}

func stats() *wire.Stats {
	at := time.UnixMicro(1767225600000001).UTC()
	return &wire.Stats{
		Queries: []wire.QueryStats{
			{State: wire.QueryDone, Names: []string{"Custom.A/B"}, Duration: 1500 * time.Millisecond, FirstActive: at, LastActive: at.Add(time.Second)},
			{State: wire.QueryRunning, Error: "first", Logs: 1, Rows: 2, Uploads: 3, UploadedBytes: 4, ExpectedBytes: 5},
			{State: wire.QueryFailed, Error: "Cancelled", Backtrace: "main()"},
			{State: wire.QueryUnknown, Error: "Flow not known - maybe the client crashed?"},
		},
		Complete: true, Outstanding: 2,
	}
}

func fileTimes() wire.FileTimes {
	return wire.FileTimes{
		Modified: time.Unix(0, 1767225600000000001).UTC(),
		Accessed: time.Unix(0, 0).UTC(),
		Changed:  time.Unix(0, -1).UTC(),
		Born:     time.Date(1999, 12, 31, 23, 59, 59, 999999999, time.UTC),
	}
}

func begin() *wire.UploadBegin {
	return &wire.UploadBegin{
		Number: 3, Path: "/tmp/b", Accessor: "file", StoreAs: "/b", Components: []string{"tmp", "b"},
		Size: 30, Mode: 0o644, Times: fileTimes(), Start: 15, Response: `{"Path":"/tmp/b"}`,
	}
}

func chunk() *wire.UploadChunk {
	return &wire.UploadChunk{
		Number: 3, Path: "/tmp/b", Accessor: "sparse", Components: []string{"tmp", "b"},
		Offset: 15, Data: []byte{0, 1, 0xff}, EOF: true, Size: 30, StoredSize: 18, Sparse: true,
		Index: []wire.Range{{Length: 10}, {StoredOffset: 10, Offset: 10, Stored: 5, Length: 15}},
		Times: fileTimes(),
	}
}

func compressedChunk() *wire.UploadChunk {
	return &wire.UploadChunk{
		Number: 4, Path: "/c", Accessor: "auto", Components: []string{"c"},
		Data: []byte("\x78\x9c\x03\x00\x00\x00\x00\x01"), Encoding: wire.Zlib, RawSize: 1 << 20, Size: 1 << 20,
		Times: wire.FileTimes{Modified: fileTimes().Modified},
	}
}
