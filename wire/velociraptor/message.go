package velociraptor

import (
	"goshawk/wire"
	"goshawk/wire/velociraptor/pb"
)

// The request ids that stock peers put on messages. Nobody reads them.
const (
	requestFlow   = 1
	requestUpload = 5
	requestLogs   = 980
	requestStats  = 981
)

// encodeMessage may share bytes with m until it is serialized.
func encodeMessage(m *wire.Message) (*pb.VeloMessage, error) {
	v := &pb.VeloMessage{SessionId: m.Session, Urgent: m.Urgent}
	var err error
	switch b := m.Body.(type) {
	case *wire.FlowRequest:
		v.RequestId, v.FlowRequest = requestFlow, encodeFlowRequest(b)
	case *wire.Cancel:
		v.Cancel = &pb.Cancel{Principal: b.By}
	case *wire.StatusRequest:
		v.FlowStatsRequest = &pb.FlowStatsRequest{FlowId: b.Flows}
	case *wire.EventTable:
		v.UpdateEventTable = &pb.VQLEventTable{Version: b.Version, Event: each(b.Queries, encodeCollection)}
	case *wire.Shutdown:
		v.KillKillKill = &pb.Cancel{}
	case *wire.ResumeUploads:
		v.ResumeTransactions = encodeResume(b)
	case *wire.CSR:
		v.CSR = &pb.Certificate{Pem: b.PEM}
	case *wire.Checkin:
		v.ForemanCheckin = &pb.ForemanCheckin{LastEventTableVersion: b.EventTable}
	case *wire.Rows:
		v.VQLResponse, err = encodeRows(b)
	case *wire.Logs:
		v.RequestId, v.LogMessage = requestLogs, encodeLogs(b)
	case *wire.Stats:
		v.RequestId, v.FlowStats = requestStats, encodeStats(b)
	case *wire.UploadBegin:
		v.RequestId, v.UploadTransaction = requestUpload, encodeBegin(b)
	case *wire.UploadChunk:
		v.RequestId = requestUpload
		v.FileBuffer, err = encodeChunk(b)
	case *wire.Accepted:
		v.GoshawkAccepted = &pb.Accepted{}
	}
	return v, err
}

func decodeMessage(v *pb.VeloMessage) wire.Message {
	return wire.Message{Session: v.SessionId, Urgent: v.Urgent, Body: decodeBody(v)}
}

// decodeBody takes the first content that it finds, in the order in which stock
// clients look, and nil if none is in use: messages for clients before API
// version 4 are such.
func decodeBody(v *pb.VeloMessage) wire.Body {
	switch {
	case v.Cancel != nil:
		return &wire.Cancel{By: v.Cancel.Principal}
	case v.FlowRequest != nil:
		return decodeFlowRequest(v.FlowRequest)
	case v.ResumeTransactions != nil:
		return decodeResume(v.ResumeTransactions)
	case v.UpdateEventTable != nil:
		t := v.UpdateEventTable
		return &wire.EventTable{Version: t.Version, Queries: each(t.Event, decodeCollection)}
	case v.FlowStatsRequest != nil:
		return &wire.StatusRequest{Flows: v.FlowStatsRequest.FlowId}
	case v.KillKillKill != nil:
		return &wire.Shutdown{}
	case v.CSR != nil && v.CSR.Type == pb.Certificate_CSR:
		return &wire.CSR{PEM: v.CSR.Pem}
	case v.VQLResponse != nil:
		return decodeRows(v.VQLResponse)
	case v.FileBuffer != nil:
		return decodeChunk(v.FileBuffer)
	case v.LogMessage != nil:
		return decodeLogs(v.LogMessage)
	case v.FlowStats != nil:
		return decodeStats(v.FlowStats)
	case v.UploadTransaction != nil:
		b := decodeBegin(v.UploadTransaction)
		return &b
	case v.ForemanCheckin != nil:
		return &wire.Checkin{EventTable: v.ForemanCheckin.LastEventTableVersion}
	case v.GoshawkAccepted != nil:
		return &wire.Accepted{}
	}
	return nil
}

// each maps a list; an empty one becomes nil.
func each[A, B any](in []A, f func(A) B) []B {
	if len(in) == 0 {
		return nil
	}
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}
