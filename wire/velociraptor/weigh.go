package velociraptor

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"goshawk/wire/velociraptor/pb"
)

// What decoding costs beyond the bytes themselves, rounded up.
const (
	messageWeight = 512 // a message of any kind, in two bytes at least
	elementWeight = 64  // an element of a repeated string
)

// weighList counts the messages of a list, and refuses one that would take far
// more memory decoded than it has bytes: two bytes of a protobuf message can
// stand for hundreds in memory.
func weighList(list []byte, limit int64) (messages int, err error) {
	kind := (&pb.VeloMessage{}).ProtoReflect().Descriptor()
	weight := int64(0)
	for f, rest, err := next(list); f.num != 0; f, rest, err = next(rest) {
		if err != nil {
			return 0, err
		}
		if !f.is(listJob, protowire.BytesType) {
			continue
		}
		messages++
		if weight += weigh(f.bytes, kind); weight > limit {
			return 0, fmt.Errorf("message %d: %w once decoded", messages-1, errTooLarge)
		}
	}
	return messages, nil
}

// weigh estimates the cost of a message. What it cannot read is left for the
// decoder to complain of.
func weigh(b []byte, kind protoreflect.MessageDescriptor) int64 {
	weight := int64(messageWeight)
	fields := kind.Fields()
	for f, rest, err := next(b); f.num != 0 && err == nil; f, rest, err = next(rest) {
		if f.typ != protowire.BytesType {
			continue
		}
		d := fields.ByNumber(f.num)
		switch {
		case d == nil:
		case d.Message() != nil:
			weight += weigh(f.bytes, d.Message())
		case d.IsList():
			weight += elementWeight
		}
	}
	return weight
}

// scrub replaces what is not UTF-8 in the strings of a message, without which
// it cannot be encoded.
func scrub(m protoreflect.Message) {
	m.Range(func(d protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case d.IsList():
			scrubList(d, v.List())
		case d.Message() != nil:
			scrub(v.Message())
		case d.Kind() == protoreflect.StringKind:
			m.Set(d, protoreflect.ValueOfString(valid(v.String())))
		}
		return true
	})
}

func scrubList(d protoreflect.FieldDescriptor, l protoreflect.List) {
	for i := range l.Len() {
		switch {
		case d.Message() != nil:
			scrub(l.Get(i).Message())
		case d.Kind() == protoreflect.StringKind:
			l.Set(i, protoreflect.ValueOfString(valid(l.Get(i).String())))
		}
	}
}

func valid(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }
