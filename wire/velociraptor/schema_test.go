package velociraptor

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"goshawk/wire/velociraptor/pb"
)

// schemaField is a field in the schema of the stock programs.
type schemaField struct {
	Name     string                   `json:"name"`
	Number   protoreflect.FieldNumber `json:"number"`
	Type     string                   `json:"type"`
	Repeated bool                     `json:"repeated"`
}

// Every message and field of ours is one of the protocol, or numbered above
// 10000.
func TestVectorSchema(t *testing.T) {
	var v struct {
		Enums    map[string]map[string]protoreflect.EnumNumber `json:"enums"`
		Messages map[string][]schemaField                      `json:"messages"`
	}
	readVector(t, "schema_wire.json", &v)
	own := map[string]bool{"Accepted": true, "VQLResponse.Echo": true}
	eachMessage(pb.File_wire_velociraptor_velociraptor_proto.Messages(), func(m protoreflect.MessageDescriptor) {
		name := localName(m)
		if own[name] {
			return
		}
		want := map[protoreflect.FieldNumber]schemaField{}
		for _, f := range v.Messages[name] {
			want[f.Number] = f
		}
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			if f.Number() <= 10000 {
				checkField(t, name, f, want[f.Number()])
			}
		}
		for i := range m.Enums().Len() {
			checkEnum(t, m.Enums().Get(i), v.Enums[localName(m.Enums().Get(i))])
		}
	})
}

func checkField(t *testing.T, message string, f protoreflect.FieldDescriptor, want schemaField) {
	path := message + "." + string(f.Name())
	kind := f.Kind().String()
	switch {
	case path == "VQLResponse.Query":
		kind = "VQLRequest" // Echo is what we read of it
	case path == "VQLResponse.JSONLResponse" || path == "LogMessage.jsonl":
		kind = "string" // the same on the wire
	case f.Message() != nil:
		kind = localName(f.Message())
	case f.Enum() != nil:
		kind = localName(f.Enum())
	}
	got := schemaField{string(f.Name()), f.Number(), kind, f.IsList()}
	if got != want {
		t.Errorf("%s is %+v, the protocol's is %+v", path, got, want)
	}
}

func checkEnum(t *testing.T, e protoreflect.EnumDescriptor, want map[string]protoreflect.EnumNumber) {
	for i := range e.Values().Len() {
		value := e.Values().Get(i)
		if n, ok := want[string(value.Name())]; !ok || n != value.Number() {
			t.Errorf("%s is %d, the protocol's is %d (there: %v)", value.FullName(), value.Number(), n, ok)
		}
	}
}

func eachMessage(ms protoreflect.MessageDescriptors, f func(protoreflect.MessageDescriptor)) {
	for i := range ms.Len() {
		f(ms.Get(i))
		eachMessage(ms.Get(i).Messages(), f)
	}
}

// localName is the name within the package.
func localName(d protoreflect.Descriptor) string {
	return strings.TrimPrefix(string(d.FullName()), "goshawk.wire.velociraptor.")
}
