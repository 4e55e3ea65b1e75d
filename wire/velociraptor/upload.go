package velociraptor

import (
	"time"

	"goshawk/wire"
	"goshawk/wire/velociraptor/pb"
)

func encodeResume(r *wire.ResumeUploads) *pb.ResumeTransactions {
	p := &pb.ResumeTransactions{
		FlowId:         r.Flow,
		MaxUploadBytes: unsigned(r.MaxUploadBytes),
		Timeout:        units(r.Timeout, time.Second),
	}
	if r.Compress {
		p.Compression = pb.ResumeTransactions_ZLIB
	}
	for i := range r.Uploads {
		p.Transactions = append(p.Transactions, encodeBegin(&r.Uploads[i]))
	}
	return p
}

func decodeResume(p *pb.ResumeTransactions) *wire.ResumeUploads {
	return &wire.ResumeUploads{
		Flow:           p.FlowId,
		MaxUploadBytes: count(p.MaxUploadBytes),
		Compress:       p.Compression == pb.ResumeTransactions_ZLIB,
		Uploads:        each(p.Transactions, decodeBegin),
		Timeout:        lasting(p.Timeout, time.Second),
	}
}

func encodeBegin(b *wire.UploadBegin) *pb.UploadTransaction {
	return &pb.UploadTransaction{
		UploadId:     b.Number,
		Filename:     b.Path,
		Accessor:     b.Accessor,
		StoreAsName:  b.StoreAs,
		Components:   b.Components,
		ExpectedSize: b.Size,
		Mode:         b.Mode,
		Mtime:        nanosOf(b.Times.Modified),
		Atime:        nanosOf(b.Times.Accessed),
		Ctime:        nanosOf(b.Times.Changed),
		Btime:        nanosOf(b.Times.Born),
		StartOffset:  b.Start,
		Response:     b.Response,
	}
}

func decodeBegin(p *pb.UploadTransaction) wire.UploadBegin {
	return wire.UploadBegin{
		Number:     natural(p.UploadId),
		Path:       p.Filename,
		Accessor:   p.Accessor,
		StoreAs:    p.StoreAsName,
		Components: p.Components,
		Size:       natural(p.ExpectedSize),
		Mode:       p.Mode,
		Times: wire.FileTimes{
			Modified: atNanos(p.Mtime),
			Accessed: atNanos(p.Atime),
			Changed:  atNanos(p.Ctime),
			Born:     atNanos(p.Btime),
		},
		Start:    natural(p.StartOffset),
		Response: p.Response,
	}
}

func encodeChunk(c *wire.UploadChunk) (*pb.FileBuffer, error) {
	p := &pb.FileBuffer{
		UploadNumber: c.Number,
		Pathspec:     &pb.PathSpec{Path: c.Path, Accessor: c.Accessor, Components: c.Components},
		Offset:       unsigned(c.Offset),
		Data:         c.Data,
		DataLength:   uint64(len(c.Data)),
		Eof:          c.EOF,
		Size:         unsigned(c.Size),
		StoredSize:   unsigned(c.StoredSize),
		IsSparse:     c.Sparse,
		Mtime:        nanosOf(c.Times.Modified),
		Atime:        nanosOf(c.Times.Accessed),
		Ctime:        nanosOf(c.Times.Changed),
		Btime:        nanosOf(c.Times.Born),
	}
	if len(c.Index) > 0 {
		p.Index = &pb.Index{Ranges: each(c.Index, encodeRange)}
	}
	if c.Encoding == wire.Plain {
		return p, nil
	}
	if c.RawSize <= 0 {
		return nil, errNoRawSize
	}
	p.DataLength, p.UncompressedLength = unsigned(c.RawSize), unsigned(c.RawSize)
	return p, nil
}

func decodeChunk(p *pb.FileBuffer) *wire.UploadChunk {
	c := &wire.UploadChunk{
		Number:     natural(p.UploadNumber),
		Path:       p.Pathspec.GetPath(),
		Accessor:   p.Pathspec.GetAccessor(),
		Components: p.Pathspec.GetComponents(),
		Offset:     count(p.Offset),
		Data:       p.Data,
		RawSize:    count(p.UncompressedLength),
		EOF:        p.Eof,
		Size:       count(p.Size),
		StoredSize: count(p.StoredSize),
		Sparse:     p.IsSparse,
		Index:      each(p.Index.GetRanges(), decodeRange),
		Times: wire.FileTimes{
			Modified: atNanos(p.Mtime),
			Accessed: atNanos(p.Atime),
			Changed:  atNanos(p.Ctime),
			Born:     atNanos(p.Btime),
		},
	}
	if p.UncompressedLength > 0 {
		c.Encoding = wire.Zlib
	}
	return c
}

func encodeRange(r wire.Range) *pb.Range {
	return &pb.Range{FileOffset: r.StoredOffset, OriginalOffset: r.Offset, FileLength: r.Stored, Length: r.Length}
}

func decodeRange(p *pb.Range) wire.Range {
	return wire.Range{
		StoredOffset: natural(p.FileOffset),
		Offset:       natural(p.OriginalOffset),
		Stored:       natural(p.FileLength),
		Length:       natural(p.Length),
	}
}
