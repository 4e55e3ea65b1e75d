package velociraptor

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"goshawk"
	"goshawk/wire"
	"goshawk/wire/velociraptor/pb"
)

// Fields of PackedMessageList and MessageList.
const (
	packedList        = 1 // repeated: a MessageList, deflated on its own or not
	packedCompression = 4 // of all lists
	packedTimestamp   = 6
	packedNonce       = 7

	listJob = 1 // repeated: a VeloMessage
)

// packed is a PackedMessageList that is to be sent.
type packed struct {
	lists     []wire.Packed
	deflated  bool
	timestamp time.Time
	nonce     string
}

// size is the length of what append adds.
func (p *packed) size() int {
	n := 0
	for _, l := range p.lists {
		n += protowire.SizeTag(packedList) + protowire.SizeBytes(len(l))
	}
	return n + len(p.appendTail(nil))
}

func (p *packed) append(buf []byte) []byte {
	for _, l := range p.lists {
		buf = appendBytes(buf, packedList, l)
	}
	return p.appendTail(buf)
}

func (p *packed) appendTail(buf []byte) []byte {
	if p.deflated {
		buf = protowire.AppendTag(buf, packedCompression, protowire.VarintType)
		buf = protowire.AppendVarint(buf, uint64(pb.PackedMessageList_ZCOMPRESSION))
	}
	buf = protowire.AppendTag(buf, packedTimestamp, protowire.VarintType)
	buf = protowire.AppendVarint(buf, uint64(p.timestamp.UnixMicro()))
	return appendBytes(buf, packedNonce, []byte(p.nonce))
}

// packList dresses an encoded list as Options say.
func (c *Codec) packList(list []byte) (wire.Packed, error) {
	if int64(len(list)) > c.o.MaxList {
		return nil, fmt.Errorf("%w: list of %d bytes, at most %d", goshawk.ErrLimit, len(list), c.o.MaxList)
	}
	if !c.o.Compress {
		return list, nil
	}
	return c.deflate(list)
}

// isDeflated tells the two dresses of a list apart: a zlib stream begins with
// the method, a MessageList with the tag of its first job or not at all.
func isDeflated(l wire.Packed) bool { return len(l) > 0 && l[0]&0x0f == 8 }

// dressAlike deflates plain lists that stand among deflated ones, since a packet
// has one compression for all. Lists of one Codec are alike; those that another
// Codec left in a spool may not be.
func (c *Codec) dressAlike(lists []wire.Packed) (alike []wire.Packed, deflated bool, err error) {
	n := 0
	for _, l := range lists {
		if isDeflated(l) {
			n++
		}
	}
	if n == 0 || n == len(lists) {
		return lists, n > 0, nil
	}
	alike = make([]wire.Packed, len(lists))
	for i, l := range lists {
		if !isDeflated(l) {
			if l, err = c.deflate(l); err != nil {
				return nil, false, err
			}
		}
		alike[i] = l
	}
	return alike, true, nil
}

// scanPacked reads what stands beside the lists, and checks that the lists can
// be found.
func scanPacked(plain []byte) (nonce string, deflated bool, err error) {
	for f, rest, err := next(plain); f.num != 0; f, rest, err = next(rest) {
		if err != nil {
			return "", false, err
		}
		switch {
		case f.is(packedNonce, protowire.BytesType):
			nonce = string(f.bytes)
		case f.is(packedCompression, protowire.VarintType):
			deflated = f.varint == uint64(pb.PackedMessageList_ZCOMPRESSION)
		}
	}
	return nonce, deflated, nil
}

// lists yields the lists of a PackedMessageList that scanPacked found good.
func (c *Codec) lists(plain []byte, deflated bool) iter.Seq2[wire.List, error] {
	return func(yield func(wire.List, error) bool) {
		n := 0
		for f, rest, _ := next(plain); f.num != 0; f, rest, _ = next(rest) {
			if !f.is(packedList, protowire.BytesType) {
				continue
			}
			ms, err := c.openList(f.bytes, deflated)
			if err != nil {
				yield(wire.List{}, malformed(fmt.Sprintf("list %d", n), err))
				return
			}
			if !yield(wire.List{Key: sha256.Sum256(f.bytes), Messages: ms}, nil) {
				return
			}
			n++
		}
	}
}

// openList decodes one list as it stood in the packet.
func (c *Codec) openList(element []byte, deflated bool) (ms []wire.Message, err error) {
	if !deflated {
		return c.decodeList(element)
	}
	err = c.inflate(element, func(list []byte) error {
		ms, err = c.decodeList(list)
		return err
	})
	return ms, err
}

// decodeList decodes a MessageList. The messages do not refer to its bytes.
func (c *Codec) decodeList(list []byte) ([]wire.Message, error) {
	if int64(len(list)) > c.o.MaxList {
		return nil, errTooLarge
	}
	n, err := weighList(list, c.o.MaxList)
	if err != nil {
		return nil, err
	}
	ms := make([]wire.Message, 0, n)
	var v pb.VeloMessage // one for all: what its fields point to is handed on
	options := proto.UnmarshalOptions{DiscardUnknown: true}
	for f, rest, err := next(list); f.num != 0; f, rest, err = next(rest) {
		if err != nil {
			return nil, err
		}
		if !f.is(listJob, protowire.BytesType) {
			continue
		}
		if err := options.Unmarshal(f.bytes, &v); err != nil {
			return nil, fmt.Errorf("message %d: %w", len(ms), err)
		}
		ms = append(ms, decodeMessage(&v))
	}
	return ms, nil
}

// encodeList encodes a MessageList.
func encodeList(ms []wire.Message) ([]byte, error) {
	list := pb.MessageList{Job: make([]*pb.VeloMessage, len(ms))}
	for i := range ms {
		v, err := encodeMessage(&ms[i])
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", i, err)
		}
		list.Job[i] = v
	}
	b, err := proto.Marshal(&list)
	if err != nil { // a string is no UTF-8, such as a file's name on Linux
		scrub(list.ProtoReflect())
		b, err = proto.Marshal(&list)
	}
	return b, err
}
