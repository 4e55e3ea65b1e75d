package velociraptor

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"goshawk"
	"goshawk/wire"
	"goshawk/wire/velociraptor/pb"
)

func encodeRows(r *wire.Rows) (*pb.VQLResponse, error) {
	p := &pb.VQLResponse{
		Columns:       r.Columns,
		Timestamp:     microsOf(r.At),
		QueryId:       unsigned(r.Statement),
		Part:          unsigned(r.Part),
		TotalRows:     unsigned(r.Count),
		QueryStartRow: unsigned(r.First),
	}
	if r.Name != "" {
		p.Query = &pb.VQLResponse_Echo{Name: r.Name}
	}
	if r.ActionSet {
		p.GoshawkAction = proto.Uint64(unsigned(r.Action))
	}
	if r.Encoding == wire.Plain {
		p.JSONLResponse = validLines(r.Data)
		return p, nil
	}
	if r.RawSize <= 0 {
		return nil, errNoRawSize
	}
	p.CompressedJsonResponse = r.Data
	p.UncompressedSize, p.ByteOffset = unsigned(r.RawSize), unsigned(r.RawOffset)
	return p, nil
}

// errNoRawSize is for deflated bytes without RawSize: on the wire it is the
// length that tells them from plain ones.
var errNoRawSize = fmt.Errorf("%w: deflated data without its length when inflated", goshawk.ErrInvalid)

func decodeRows(p *pb.VQLResponse) *wire.Rows {
	r := &wire.Rows{
		Name:      p.Query.GetName(),
		Action:    index(p.GetGoshawkAction()),
		ActionSet: p.GoshawkAction != nil,
		Statement: index(p.QueryId),
		Part:      index(p.Part),
		First:     count(p.QueryStartRow),
		Count:     count(p.TotalRows),
		Columns:   p.Columns,
		Data:      p.JSONLResponse,
		At:        atMicros(p.Timestamp),
	}
	if len(p.CompressedJsonResponse) > 0 {
		r.Data, r.Encoding = p.CompressedJsonResponse, wire.Zlib
		r.RawSize, r.RawOffset = count(p.UncompressedSize), count(p.ByteOffset)
	}
	return r
}

// validLines makes sure that JSON lines are UTF-8: stock servers refuse the
// whole packet otherwise.
func validLines(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	return bytes.ToValidUTF8(b, []byte(string(utf8.RuneError)))
}

func encodeLogs(l *wire.Logs) *pb.LogMessage {
	return &pb.LogMessage{
		Id:           l.First,
		NumberOfRows: unsigned(l.Count),
		Jsonl:        validLines(l.JSONL),
		Artifact:     l.Artifact,
		Level:        l.Level,
		ErrorMessage: l.Error,
	}
}

func decodeLogs(p *pb.LogMessage) *wire.Logs {
	return &wire.Logs{
		First:    natural(p.Id),
		Count:    count(p.NumberOfRows),
		JSONL:    p.Jsonl,
		Artifact: p.Artifact,
		Level:    p.Level,
		Error:    p.ErrorMessage,
	}
}

func encodeStats(s *wire.Stats) *pb.FlowStats {
	return &pb.FlowStats{
		QueryStatus:             each(s.Queries, encodeQueryStats),
		FlowComplete:            s.Complete,
		TransactionsOutstanding: unsigned(s.Outstanding),
	}
}

func decodeStats(p *pb.FlowStats) *wire.Stats {
	return &wire.Stats{
		Queries:     each(p.QueryStatus, decodeQueryStats),
		Complete:    p.FlowComplete,
		Outstanding: count(p.TransactionsOutstanding),
	}
}

func encodeQueryStats(q wire.QueryStats) *pb.VeloStatus {
	return &pb.VeloStatus{
		Status:                encodeState(q.State),
		ErrorMessage:          q.Error,
		Backtrace:             q.Backtrace,
		Duration:              int64(q.Duration),
		NamesWithResponse:     q.Names,
		LogRows:               q.Logs,
		ResultRows:            q.Rows,
		UploadedFiles:         q.Uploads,
		UploadedBytes:         q.UploadedBytes,
		ExpectedUploadedBytes: q.ExpectedBytes,
		FirstActive:           microsOf(q.FirstActive),
		LastActive:            microsOf(q.LastActive),
	}
}

func decodeQueryStats(p *pb.VeloStatus) wire.QueryStats {
	return wire.QueryStats{
		State:         decodeState(p),
		Error:         p.ErrorMessage,
		Backtrace:     p.Backtrace,
		Duration:      time.Duration(natural(p.Duration)),
		Names:         p.NamesWithResponse,
		Logs:          natural(p.LogRows),
		Rows:          natural(p.ResultRows),
		Uploads:       natural(p.UploadedFiles),
		UploadedBytes: natural(p.UploadedBytes),
		ExpectedBytes: natural(p.ExpectedUploadedBytes),
		FirstActive:   atMicros(p.FirstActive),
		LastActive:    atMicros(p.LastActive),
	}
}

func encodeState(s wire.QueryState) pb.VeloStatus_ReturnedStatus {
	switch s {
	case wire.QueryDone:
		return pb.VeloStatus_OK
	case wire.QueryRunning:
		return pb.VeloStatus_PROGRESS
	case wire.QueryUnknown:
		return pb.VeloStatus_UNKNOWN_FLOW
	}
	return pb.VeloStatus_GENERIC_ERROR
}

// decodeState takes every state that is not known for a failure.
func decodeState(p *pb.VeloStatus) wire.QueryState {
	switch p.Status {
	case pb.VeloStatus_OK:
		return wire.QueryDone
	case pb.VeloStatus_PROGRESS:
		return wire.QueryRunning
	case pb.VeloStatus_UNKNOWN_FLOW:
		return wire.QueryUnknown
	}
	if strings.HasPrefix(p.ErrorMessage, "Flow not known") {
		return wire.QueryUnknown // of clients before UNKNOWN_FLOW
	}
	return wire.QueryFailed
}
