package velociraptor

import (
	"time"

	"goshawk/wire"
	"goshawk/wire/velociraptor/pb"
)

func encodeFlowRequest(r *wire.FlowRequest) *pb.FlowRequest {
	p := &pb.FlowRequest{
		VQLClientActions: each(r.Collections, encodeCollection),
		Trace:            each(r.Trace, encodeCollection),
		LogBatchTime:     units(r.LogEvery, time.Millisecond),
		FlowUpdateTime:   units(r.StatsEvery, time.Second),
		MaxRows:          unsigned(r.MaxRows),
		MaxUploadBytes:   unsigned(r.MaxUploadBytes),
		MaxLogs:          unsigned(r.MaxLogLines),
		LogErrorRegex:    r.ErrorPattern,
	}
	if r.Compress {
		p.Compression = pb.FlowRequest_ZLIB
	}
	return p
}

func decodeFlowRequest(p *pb.FlowRequest) *wire.FlowRequest {
	return &wire.FlowRequest{
		Collections: each(p.VQLClientActions, decodeCollection),
		Trace:       each(p.Trace, decodeCollection),
		// Milliseconds is what clients read. Stock servers mean seconds, and
		// their clients tick every 2 ms.
		LogEvery:       lasting(p.LogBatchTime, time.Millisecond),
		StatsEvery:     lasting(p.FlowUpdateTime, time.Second),
		MaxRows:        count(p.MaxRows),
		MaxUploadBytes: count(p.MaxUploadBytes),
		MaxLogLines:    count(p.MaxLogs),
		ErrorPattern:   p.LogErrorRegex,
		Compress:       p.Compression == pb.FlowRequest_ZLIB,
	}
}

func encodeCollection(c wire.Collection) *pb.VQLCollectorArgs {
	return &pb.VQLCollectorArgs{
		Query:            each(c.Queries, encodeQuery),
		Env:              each(c.Env, encodeVariable),
		Artifacts:        each(c.Artifacts, encodeArtifact),
		Precondition:     c.Precondition,
		MaxRow:           unsigned(c.MaxRows),
		MaxRowBufferSize: unsigned(c.MaxBatchBytes),
		MaxWait:          units(c.MaxWait, time.Second),
		Timeout:          units(c.Timeout, time.Second),
		ProgressTimeout:  float32(c.ProgressTimeout.Seconds()),
		Heartbeat:        units(c.Heartbeat, time.Second),
		CpuLimit:         float32(c.CPULimit),
		IopsLimit:        float32(c.IOPSLimit),
		Expiry:           secondsOf(c.Expires),
		QueryId:          int64(c.Index),
		TotalQueries:     int64(c.Total),
	}
}

func decodeCollection(p *pb.VQLCollectorArgs) wire.Collection {
	c := wire.Collection{
		Queries:         each(p.Query, decodeQuery),
		Env:             each(p.Env, decodeVariable),
		Artifacts:       each(p.Artifacts, decodeArtifact),
		Precondition:    p.Precondition,
		MaxRows:         count(p.MaxRow),
		MaxBatchBytes:   count(p.MaxRowBufferSize),
		MaxWait:         lasting(p.MaxWait, time.Second),
		Timeout:         lasting(p.Timeout, time.Second),
		ProgressTimeout: fraction(p.ProgressTimeout),
		Heartbeat:       lasting(p.Heartbeat, time.Second),
		CPULimit:        limit(p.CpuLimit),
		IOPSLimit:       limit(p.IopsLimit),
		Expires:         atSeconds(p.Expiry),
		Index:           indexOf(p.QueryId),
		Total:           indexOf(p.TotalQueries),
	}
	if old := limit(p.OpsPerSecond); c.CPULimit == 0 && old >= 1 && old < 100 {
		c.CPULimit = old // where servers before cpu_limit put it
	}
	return c
}

func encodeQuery(q wire.Query) *pb.VQLRequest { return &pb.VQLRequest{Name: q.Name, VQL: q.VQL} }
func decodeQuery(p *pb.VQLRequest) wire.Query { return wire.Query{Name: p.Name, VQL: p.VQL} }

func encodeVariable(v wire.Variable) *pb.VQLEnv { return &pb.VQLEnv{Key: v.Key, Value: v.Value} }
func decodeVariable(p *pb.VQLEnv) wire.Variable { return wire.Variable{Key: p.Key, Value: p.Value} }

func encodeArtifact(a wire.Artifact) *pb.Artifact {
	return &pb.Artifact{
		Name:         a.Name,
		Type:         a.Type,
		Parameters:   each(a.Parameters, encodeParameter),
		Precondition: a.Precondition,
		Sources:      each(a.Sources, encodeSource),
		Imports:      a.Imports,
		Export:       a.Export,
	}
}

func decodeArtifact(p *pb.Artifact) wire.Artifact {
	return wire.Artifact{
		Name:         p.Name,
		Type:         p.Type,
		Parameters:   each(p.Parameters, decodeParameter),
		Precondition: p.Precondition,
		Sources:      each(p.Sources, decodeSource),
		Imports:      p.Imports,
		Export:       p.Export,
	}
}

func encodeParameter(p wire.Parameter) *pb.ArtifactParameter {
	return &pb.ArtifactParameter{Name: p.Name, Type: p.Type, Default: p.Default}
}

func decodeParameter(p *pb.ArtifactParameter) wire.Parameter {
	return wire.Parameter{Name: p.Name, Type: p.Type, Default: p.Default}
}

func encodeSource(s wire.Source) *pb.ArtifactSource {
	return &pb.ArtifactSource{Name: s.Name, Precondition: s.Precondition, Queries: s.Queries}
}

func decodeSource(p *pb.ArtifactSource) wire.Source {
	return wire.Source{Name: p.Name, Precondition: p.Precondition, Queries: p.Queries}
}
