package wiretest

import (
	"reflect"
	"testing"
)

// A field that no sample sets would not be tested in any protocol.
func TestMessagesSetEveryField(t *testing.T) {
	set := map[string]bool{}
	for _, m := range Messages() {
		if m.Body != nil {
			visit(reflect.ValueOf(m.Body).Elem(), set)
		}
	}
	for field, ok := range set {
		if !ok {
			t.Errorf("no message of Messages sets %s", field)
		}
	}
}

// visit notes for each exported field within v whether it was ever set.
func visit(v reflect.Value, set map[string]bool) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), set)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				name := v.Type().Name() + "." + f.Name
				set[name] = set[name] || !v.Field(i).IsZero()
				visit(v.Field(i), set)
			}
		}
	}
}
