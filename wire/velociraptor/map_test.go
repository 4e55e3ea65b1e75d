package velociraptor

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"goshawk/wire"
	"goshawk/wire/velociraptor/pb"
)

// Each field has a unit of its own on the wire.
func TestUnitsOnTheWire(t *testing.T) {
	at := time.Unix(1767225600, 1500).UTC()
	for _, c := range []struct {
		body wire.Body
		want *pb.VeloMessage
	}{
		{&wire.FlowRequest{LogEvery: 2 * time.Second, StatsEvery: 2 * time.Second},
			&pb.VeloMessage{RequestId: 1, FlowRequest: &pb.FlowRequest{LogBatchTime: 2000, FlowUpdateTime: 2}}},
		{&wire.FlowRequest{LogEvery: time.Nanosecond, StatsEvery: time.Millisecond}, // not 0, which is the default
			&pb.VeloMessage{RequestId: 1, FlowRequest: &pb.FlowRequest{LogBatchTime: 1, FlowUpdateTime: 1}}},
		{&wire.EventTable{Version: 1767225000000000001, Queries: []wire.Collection{{
			MaxWait: 1500 * time.Millisecond, Timeout: 3 * time.Second, Heartbeat: 4 * time.Second,
			ProgressTimeout: 1500 * time.Millisecond, Expires: at,
		}}}, &pb.VeloMessage{UpdateEventTable: &pb.VQLEventTable{Version: 1767225000000000001, Event: []*pb.VQLCollectorArgs{{
			MaxWait: 2, Timeout: 3, Heartbeat: 4, ProgressTimeout: 1.5, Expiry: 1767225600,
		}}}}},
		{&wire.Stats{Queries: []wire.QueryStats{{Duration: 1500, FirstActive: at, LastActive: at}}},
			&pb.VeloMessage{RequestId: 981, FlowStats: &pb.FlowStats{QueryStatus: []*pb.VeloStatus{{
				Duration: 1500, FirstActive: 1767225600000001, LastActive: 1767225600000001,
			}}}}},
		{&wire.Rows{At: at}, &pb.VeloMessage{VQLResponse: &pb.VQLResponse{Timestamp: 1767225600000001}}},
		{&wire.UploadBegin{Times: wire.FileTimes{Modified: at, Born: time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC)}},
			&pb.VeloMessage{RequestId: 5, UploadTransaction: &pb.UploadTransaction{
				Mtime: 1767225600000001500, Atime: unknownTime, Ctime: unknownTime, Btime: unknownTime,
			}}},
		{&wire.ResumeUploads{Timeout: 600 * time.Second}, &pb.VeloMessage{ResumeTransactions: &pb.ResumeTransactions{Timeout: 600}}},
		{&wire.UploadChunk{Encoding: wire.Zlib, Data: []byte{1, 2}, RawSize: 9, Times: wire.FileTimes{Modified: at, Accessed: at, Changed: at, Born: at}},
			&pb.VeloMessage{RequestId: 5, FileBuffer: &pb.FileBuffer{
				Pathspec: &pb.PathSpec{}, Data: []byte{1, 2}, DataLength: 9, UncompressedLength: 9,
				Mtime: 1767225600000001500, Atime: 1767225600000001500, Ctime: 1767225600000001500, Btime: 1767225600000001500,
			}}},
	} {
		got, err := encodeMessage(&wire.Message{Body: c.body})
		if err != nil || !proto.Equal(got, c.want) {
			t.Errorf("%T is encoded to\n%v, %v, want\n%v", c.body, got, err, c.want)
		}
	}
}

// What a hostile or an old peer says becomes something that callers can bear.
func TestDecodeOddValues(t *testing.T) {
	const huge = math.MaxUint64
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		in   *pb.VeloMessage
		want wire.Body
	}{
		"a request beside an event table": {
			&pb.VeloMessage{FlowRequest: &pb.FlowRequest{}, UpdateEventTable: &pb.VQLEventTable{}}, &wire.FlowRequest{}},
		"cancel before all else": {
			&pb.VeloMessage{Cancel: &pb.Cancel{}, FlowRequest: &pb.FlowRequest{}}, &wire.Cancel{}},
		"nothing": {&pb.VeloMessage{SessionId: "F.1"}, nil},
		"a certificate that is no request": {
			&pb.VeloMessage{CSR: &pb.Certificate{Type: pb.Certificate_CRT}}, nil},
		"counters that do not fit": {
			&pb.VeloMessage{VQLResponse: &pb.VQLResponse{
				QueryId: huge, Part: huge, TotalRows: huge, QueryStartRow: huge, GoshawkAction: proto.Uint64(huge)}},
			&wire.Rows{Statement: math.MaxInt, Part: math.MaxInt, Count: math.MaxInt64, First: math.MaxInt64, Action: math.MaxInt, ActionSet: true}},
		"negative counters": {
			&pb.VeloMessage{LogMessage: &pb.LogMessage{Id: -1}}, &wire.Logs{}},
		"a negative index": {
			&pb.VeloMessage{FileBuffer: &pb.FileBuffer{UploadNumber: -1, Index: &pb.Index{Ranges: []*pb.Range{
				{FileOffset: -1, OriginalOffset: -1, FileLength: -1, Length: -1}}}}},
			&wire.UploadChunk{Index: []wire.Range{{}}, Times: epoch()}},
		"both encodings of rows": {
			&pb.VeloMessage{VQLResponse: &pb.VQLResponse{JSONLResponse: []byte("a"), CompressedJsonResponse: []byte("b"), UncompressedSize: 1}},
			&wire.Rows{Data: []byte("b"), Encoding: wire.Zlib, RawSize: 1}},
		"a length without compressed rows": {
			&pb.VeloMessage{VQLResponse: &pb.VQLResponse{JSONLResponse: []byte("a"), UncompressedSize: 1, ByteOffset: 1}},
			&wire.Rows{Data: []byte("a")}},
		"limits that are none": {
			&pb.VeloMessage{UpdateEventTable: &pb.VQLEventTable{Event: []*pb.VQLCollectorArgs{{
				CpuLimit: nan, IopsLimit: -1, ProgressTimeout: float32(math.Inf(1)), QueryId: -1, OpsPerSecond: 100}}}},
			&wire.EventTable{Queries: []wire.Collection{{}}}},
		"durations that do not fit": {
			&pb.VeloMessage{UpdateEventTable: &pb.VQLEventTable{Event: []*pb.VQLCollectorArgs{{
				Timeout: huge, ProgressTimeout: math.MaxFloat32}}}},
			&wire.EventTable{Queries: []wire.Collection{{
				Timeout: math.MaxInt64 / time.Second * time.Second, ProgressTimeout: 1 << 33 * time.Second}}}},
		"the CPU limit of old servers": {
			&pb.VeloMessage{UpdateEventTable: &pb.VQLEventTable{Event: []*pb.VQLCollectorArgs{{OpsPerSecond: 50}}}},
			&wire.EventTable{Queries: []wire.Collection{{CPULimit: 50}}}},
		"times after the year 9999": {
			&pb.VeloMessage{VQLResponse: &pb.VQLResponse{Timestamp: huge}}, &wire.Rows{At: time.UnixMicro(253402300799e6).UTC()}},
		"states": {
			&pb.VeloMessage{FlowStats: &pb.FlowStats{QueryStatus: []*pb.VeloStatus{
				{}, {Status: 4}, {Status: 10}, {Status: 11}, {Status: 5}, {Status: 10, ErrorMessage: "Flow not known - x"}}}},
			&wire.Stats{Queries: []wire.QueryStats{
				{}, {State: wire.QueryRunning}, {State: wire.QueryFailed}, {State: wire.QueryUnknown}, {State: wire.QueryFailed},
				{State: wire.QueryUnknown, Error: "Flow not known - x"}}}},
	} {
		if diff := cmp.Diff(c.want, decodeBody(c.in)); diff != "" {
			t.Errorf("%s: (- want, + got)\n%s", name, diff)
		}
	}
}

// epoch is what absent times of files mean: 0 is 1970.
func epoch() wire.FileTimes {
	at := time.Unix(0, 0).UTC()
	return wire.FileTimes{Modified: at, Accessed: at, Changed: at, Born: at}
}

// Stock servers put the first collection into each request once more, and send
// the others alone again, for clients before API version 4.
func TestRequestsForOldClientsAreNotRead(t *testing.T) {
	const vqlClientAction, flowRequest = 30, 42
	e := newEnds(t)
	old := appendBytes(nil, vqlClientAction, nil)
	both := appendBytes(old, flowRequest, nil)
	for name, c := range map[string]struct {
		message []byte
		want    wire.Body
	}{"alone": {old, nil}, "beside a request": {both, &wire.FlowRequest{}}} {
		ms, err := e.client.decodeList(appendBytes(nil, listJob, c.message))
		if err != nil || len(ms) != 1 || !cmp.Equal(ms[0].Body, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, ms, err, c.want)
		}
	}
}
