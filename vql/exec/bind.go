package exec

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"goshawk/row"
	"goshawk/vql/plan"
)

// binder fills a struct of type A with the arguments of a call. Reflection is
// used once, when a plugin or function is defined; a call writes through the
// offsets found then.
type binder[A any] struct {
	fields   []field
	rest     uintptr // offset of the []Named field, if hasRest
	hasRest  bool
	defaults A
}

// field is one declared argument.
type field struct {
	plan.Param
	offset uintptr
	set    setter
}

// setter converts v and stores it at p.
type setter func(p unsafe.Pointer, site *callSite, t *thread, s *scope, v row.Value) error

// Named is an argument of a free-form call. Value is as given: a query is not run.
type Named struct {
	Name  string
	Query Query
}

// Value returns the argument's value; a query becomes the list of its rows.
func (n *Named) Value() row.Value { return n.Query.Value() }

func newBinder[A any]() *binder[A] {
	b := &binder[A]{}
	typ := reflect.TypeFor[A]()
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag, ok := f.Tag.Lookup("vql")
		if !ok {
			continue
		}
		if tag == "**" {
			b.rest, b.hasRest = f.Offset, true
			continue
		}
		b.add(f, strings.Split(tag, ","))
	}
	return b
}

func (b *binder[A]) add(f reflect.StructField, tag []string) {
	typ, set := setterFor(f.Type)
	one := field{offset: f.Offset, set: set}
	one.Param = plan.Param{Name: tag[0], Type: typ, Doc: f.Tag.Get("doc"), Lazy: typ == "lazy"}
	for _, word := range tag[1:] {
		if word == "required" {
			one.Required = true
		} else if text, ok := strings.CutPrefix(word, "default="); ok {
			setDefault(reflect.ValueOf(&b.defaults).Elem().FieldByIndex(f.Index), text)
		} else {
			panic("bug: unknown word in a vql tag: " + word)
		}
	}
	b.fields = append(b.fields, one)
}

func setDefault(v reflect.Value, text string) {
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int64:
		var n int64
		n, err = strconv.ParseInt(text, 0, 64)
		v.SetInt(n)
	case reflect.Uint64:
		var n uint64
		n, err = strconv.ParseUint(text, 0, 64)
		v.SetUint(n)
	case reflect.Float64:
		var n float64
		n, err = strconv.ParseFloat(text, 64)
		v.SetFloat(n)
	case reflect.Bool:
		v.SetBool(text == "TRUE")
	default:
		err = fmt.Errorf("no defaults for %s", v.Type())
	}
	if err != nil {
		panic("bug: default in a vql tag: " + err.Error())
	}
}

func (b *binder[A]) signature(spec Spec) plan.Signature {
	sig := plan.Signature{Name: spec.Name, Free: b.hasRest, Pure: spec.Pure, Fresh: spec.Fresh, Version: spec.Version}
	for _, f := range b.fields {
		sig.Params = append(sig.Params, f.Param)
	}
	return sig
}

func (b *binder[A]) field(name string) *field {
	for i := range b.fields {
		if b.fields[i].Name == name {
			return &b.fields[i]
		}
	}
	return nil
}

// bound is a call's argument that knows its place in the struct.
type bound struct {
	field *field // nil: one of the rest
	name  string
	value eval
}

// resolve finds the place of each argument of a call. Its errors are those of
// the language: a missing or an unexpected argument makes the whole call fail.
func (b *binder[A]) resolve(args []siteArg) ([]bound, error) {
	out := make([]bound, 0, len(args))
	given := map[string]bool{}
	for _, a := range args {
		f := b.field(a.name)
		if f == nil && !b.hasRest {
			return nil, refusal("Unexpected arg " + a.name + suggest(a.name, b.names()))
		}
		given[a.name] = true
		out = append(out, bound{f, a.name, a.value})
	}
	for _, f := range b.fields {
		if f.Required && !given[f.Name] {
			return nil, refusal("Field " + f.Name + " is required")
		}
	}
	return out, nil
}

func (b *binder[A]) names() []string {
	out := make([]string, len(b.fields))
	for i, f := range b.fields {
		out[i] = f.Name
	}
	return out
}

// fill sets the struct's fields from the arguments of a call.
func (b *binder[A]) fill(a *A, args []bound, site *callSite, t *thread, s *scope) error {
	*a = b.defaults
	p := unsafe.Pointer(a)
	for i := range args {
		arg := &args[i]
		if arg.field == nil {
			rest := (*[]Named)(unsafe.Add(p, b.rest))
			*rest = append(*rest, Named{arg.name, Query{t: t, s: s, v: arg.value(t, s), set: true}})
			continue
		}
		at := unsafe.Add(p, arg.field.offset)
		if arg.field.Lazy {
			*(*Lazy)(at) = Lazy{t: t, s: s, e: arg.value}
			continue
		}
		if err := arg.field.set(at, site, t, s, arg.value(t, s)); err != nil {
			return refusal("Field " + arg.name + " " + err.Error())
		}
	}
	return nil
}

// setterFor returns the documented name of a field's type and its conversion.
func setterFor(typ reflect.Type) (string, setter) {
	switch typ {
	case reflect.TypeFor[row.Value]():
		return "any", setAny
	case reflect.TypeFor[*row.Dict]():
		return "dict", setDict
	case reflect.TypeFor[[]string]():
		return "list<string>", setStrings
	case reflect.TypeFor[[]row.Value]():
		return "list<any>", setList
	case reflect.TypeFor[time.Time]():
		return "time", setTime
	case reflect.TypeFor[Query]():
		return "query", setQuery
	case reflect.TypeFor[Lazy]():
		return "lazy", nil
	case reflect.TypeFor[*Lambda]():
		return "lambda", setLambda
	}
	switch typ.Kind() {
	case reflect.String:
		return "string", setString
	case reflect.Int64:
		return "int", setInt
	case reflect.Uint64:
		return "uint", setInt // the bits are those of a uint64
	case reflect.Float64:
		return "float", setFloat
	case reflect.Bool:
		return "bool", setBool
	}
	panic("bug: no argument can have the type " + typ.String())
}
