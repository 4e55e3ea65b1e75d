// Package row holds what queries move: values, dicts, columns and batches of
// rows, with the order, the comparison and the JSON form that VQL gives them.
//
// A Value is 24 bytes and carries numbers, times and strings without an
// allocation. Values are immutable, except that a dict can be changed through
// its *Dict by whoever made it. A Batch keeps rows under shared Columns, so
// that a name is resolved once for a batch and never for a row.
package row

import (
	"math"
	"time"
	"unsafe"
)

// Kind says what a Value is.
type Kind uint8

// The kinds. KindUint is used only above math.MaxInt64: every smaller
// unsigned number is a KindInt, so that equal numbers have equal kinds.
const (
	KindNull Kind = iota
	KindBool
	KindInt
	KindUint
	KindFloat
	KindString
	KindBytes
	KindTime
	KindList
	KindDict
	KindObject
)

var kindNames = [...]string{"null", "bool", "int", "uint", "float", "string", "bytes", "time", "list", "dict", "object"}

// String returns the kind's name in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Value is one VQL value. The zero Value is NULL.
//
// Go's == compares identity of strings and lists, not their content; use Equal.
type Value struct {
	p    unsafe.Pointer // string and bytes: first byte; list: first element; dict: *Dict; object: *Object
	n    uint64         // number, length, or seconds since 1970
	aux  uint32         // nanoseconds of a time
	kind Kind
}

// Null is the missing value.
var Null = Value{}

// True and False are the two booleans.
var (
	True  = Value{kind: KindBool, n: 1}
	False = Value{kind: KindBool}
)

// Object is a value with a behaviour of its own: a path, a file's attributes,
// a stored query. The optional interfaces below teach it further operators.
type Object interface {
	// Member returns the named member; ok is false if there is none.
	Member(name string) (v Value, ok bool)
	// Plain returns what the object is without its behaviour: the value that
	// JSON and text show. It must not be an Object again.
	Plain() Value
}

// Lazy is an Object that stands for a value not yet computed. Operators,
// calls and results force it; a lazy value that nobody looks at costs nothing.
type Lazy interface {
	Object
	Force() Value
}

// Texter is an Object that compares and matches as its text, such as a path.
type Texter interface{ Text() string }

// Truther is an Object that decides by itself whether it is true.
type Truther interface{ Truth() bool }

// Indexer is an Object with elements: i counts from the end when negative.
type Indexer interface {
	Len() int
	Index(i int) Value
}

// Slicer is an Object of which a part can be taken, such as a path.
type Slicer interface {
	Len() int
	Slice(from, to int) Value
}

// Adder is an Object that has a meaning for `+` with a value on its right.
type Adder interface {
	Add(right Value) (v Value, ok bool)
}

// Bool returns b as a Value.
func Bool(b bool) Value {
	if b {
		return True
	}
	return False
}

// Int returns i as a Value.
func Int(i int64) Value { return Value{kind: KindInt, n: uint64(i)} }

// Uint returns u as a Value: a KindInt whenever it fits.
func Uint(u uint64) Value {
	if u > math.MaxInt64 {
		return Value{kind: KindUint, n: u}
	}
	return Value{kind: KindInt, n: u}
}

// Float returns f as a Value.
func Float(f float64) Value { return Value{kind: KindFloat, n: math.Float64bits(f)} }

// String returns s as a Value. VQL strings are bytes; they need not be UTF-8.
func String(s string) Value {
	return Value{kind: KindString, p: unsafe.Pointer(unsafe.StringData(s)), n: uint64(len(s))}
}

// Bytes returns b as a Value. The caller must not change b afterwards.
func Bytes(b []byte) Value {
	return Value{kind: KindBytes, p: unsafe.Pointer(unsafe.SliceData(b)), n: uint64(len(b))}
}

// Time returns t as a Value, to the nanosecond; its zone is dropped.
func Time(t time.Time) Value {
	return Value{kind: KindTime, n: uint64(t.Unix()), aux: uint32(t.Nanosecond())}
}

// List returns the list of the given values; a nil slice is the empty list
// that prints as null. The caller must not change vs afterwards.
func List(vs []Value) Value {
	return Value{kind: KindList, p: unsafe.Pointer(unsafe.SliceData(vs)), n: uint64(len(vs))}
}

// Strings returns a list of strings.
func Strings(ss []string) Value {
	vs := make([]Value, len(ss))
	for i, s := range ss {
		vs[i] = String(s)
	}
	return List(vs)
}

// FromDict returns d as a Value; a nil d is NULL.
func FromDict(d *Dict) Value {
	if d == nil {
		return Null
	}
	return Value{kind: KindDict, p: unsafe.Pointer(d)}
}

// FromObject returns o as a Value; a nil o is NULL.
func FromObject(o Object) Value {
	if o == nil {
		return Null
	}
	return Value{kind: KindObject, p: unsafe.Pointer(&o)}
}

// Kind returns the value's kind.
func (v Value) Kind() Kind { return v.kind }

// IsNull says whether v is NULL.
func (v Value) IsNull() bool { return v.kind == KindNull }

// Bool returns the boolean; v must be a KindBool.
func (v Value) Bool() bool { return v.n != 0 }

// Int returns the integer of a KindInt, and the bits of a KindUint as int64,
// which is how VQL arithmetic wraps.
func (v Value) Int() int64 { return int64(v.n) }

// Uint returns the integer of a KindInt or KindUint as uint64.
func (v Value) Uint() uint64 { return v.n }

// Float returns the number of a KindFloat.
func (v Value) Float() float64 { return math.Float64frombits(v.n) }

// Str returns the bytes of a KindString or KindBytes as a string, without a copy.
func (v Value) Str() string { return unsafe.String((*byte)(v.p), int(v.n)) }

// Bytes returns the bytes of a KindBytes or KindString, without a copy: the
// caller must not change them.
func (v Value) Bytes() []byte { return unsafe.Slice((*byte)(v.p), int(v.n)) }

// Time returns the instant of a KindTime, in UTC.
func (v Value) Time() time.Time { return time.Unix(int64(v.n), int64(v.aux)).UTC() }

// List returns the elements of a KindList; the caller must not change them.
func (v Value) List() []Value { return unsafe.Slice((*Value)(v.p), int(v.n)) }

// IsNilList says whether v is the empty list that prints as null.
func (v Value) IsNilList() bool { return v.kind == KindList && v.p == nil }

// Dict returns the dict of a KindDict.
func (v Value) Dict() *Dict { return (*Dict)(v.p) }

// Object returns the object of a KindObject.
func (v Value) Object() Object { return *(*Object)(v.p) }

// Force returns the value that a lazy v stands for, and v itself otherwise.
func (v Value) Force() Value {
	for depth := 0; v.kind == KindObject; depth++ {
		l, ok := v.Object().(Lazy)
		if !ok {
			return v
		}
		if depth == maxDepth {
			return Null
		}
		v = l.Force()
	}
	return v
}

// operand is what an operator sees of v: a lazy value is computed, and an
// object without a behaviour of its own for operators is what it shows.
func (v Value) operand() Value {
	if v.kind != KindObject {
		return v
	}
	v = v.Force()
	if v.kind != KindObject {
		return v
	}
	switch v.Object().(type) {
	case Texter, Adder, Indexer:
		return v
	}
	return v.Object().Plain()
}

// Number returns v as a float64 if it is an int, uint, float or bool.
func (v Value) Number() (f float64, ok bool) {
	switch v.kind {
	case KindInt:
		return float64(int64(v.n)), true
	case KindUint:
		return float64(v.n), true
	case KindFloat:
		return v.Float(), true
	case KindBool:
		return float64(v.n), true
	}
	return 0, false
}

// IsInteger says whether v is an int or a uint.
func (v Value) IsInteger() bool { return v.kind == KindInt || v.kind == KindUint }

// maxDepth bounds how deep nested values are followed, so that a value built
// by a hostile query cannot exhaust the stack.
const maxDepth = 1000

// Member returns the named member of v by the rules of VQL's dot operator for
// plain values; ok is false if there is none. A list maps over its elements,
// skipping those that lack the member.
func (v Value) Member(name string) (m Value, ok bool) {
	switch v.kind {
	case KindDict:
		return v.Dict().Member(name)
	case KindObject:
		if m, ok = v.Object().Member(name); ok {
			return m, true
		}
		if v = v.Force(); v.kind != KindObject {
			return v.Member(name)
		}
	case KindList:
		return memberOfList(v.List(), name), true
	case KindTime:
		return memberOfTime(v.Time(), name)
	}
	return Null, false
}

func memberOfList(vs []Value, name string) Value {
	var out []Value
	for _, e := range vs {
		if m, ok := e.Member(name); ok {
			out = append(out, m)
		}
	}
	return List(out)
}

func memberOfTime(t time.Time, name string) (Value, bool) {
	switch name {
	case "Unix":
		return Int(t.Unix()), true
	case "UnixNano":
		return Int(t.UnixNano()), true
	case "Year":
		return Int(int64(t.Year())), true
	case "Month":
		return Int(int64(t.Month())), true
	case "Day":
		return Int(int64(t.Day())), true
	case "Hour":
		return Int(int64(t.Hour())), true
	case "Minute":
		return Int(int64(t.Minute())), true
	case "Second":
		return Int(int64(t.Second())), true
	case "Nanosecond":
		return Int(int64(t.Nanosecond())), true
	case "YearDay":
		return Int(int64(t.YearDay())), true
	case "Weekday":
		return Int(int64(t.Weekday())), true
	case "String":
		return String(t.Format(time.RFC3339Nano)), true
	}
	return Null, false
}

// valueSize is what a Value takes by itself.
const valueSize = int64(unsafe.Sizeof(Value{}))

// Footprint is about how many bytes of memory keeping v takes.
func Footprint(v Value) int64 { return footprint(v, 0) }

func footprint(v Value, depth int) int64 {
	n := valueSize
	if depth > jsonDepth {
		return n
	}
	switch v.kind {
	case KindString, KindBytes:
		return n + int64(v.n)
	case KindList:
		for _, e := range v.List() {
			n += footprint(e, depth+1)
		}
	case KindDict:
		for _, e := range v.Dict().vals {
			n += footprint(e, depth+1)
		}
	}
	return n
}
