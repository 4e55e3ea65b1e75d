package row

import (
	"errors"
	"strings"
)

// MaxString is the length in bytes above which no operator makes a string.
const MaxString = 100_000_000

// ErrTooLarge is returned by Add and Mul, beside NULL, for a string longer than MaxString.
var ErrTooLarge = errors.New("string is too large")

// Add is VQL's `+`: numbers, strings, lists, dicts. What cannot be added is NULL.
func Add(a, b Value) (Value, error) {
	switch {
	case a.kind == KindInt && b.kind == KindInt:
		return Int(a.Int() + b.Int()), nil
	case a.kind == KindObject || b.kind == KindObject:
		return addObjects(a.operand(), b.operand())
	case isText(a) && isText(b):
		return concat(a.Str(), b.Str())
	case a.kind == KindNull:
		return Null, nil
	case a.kind == KindList || b.kind == KindList:
		return appendLists(a, b), nil
	case a.kind == KindDict && b.kind == KindDict:
		return mergeDicts(a.Dict(), b.Dict()), nil
	case a.IsInteger() && b.IsInteger():
		return Int(a.Int() + b.Int()), nil
	case a.kind == KindFloat || (b.kind == KindFloat && a.IsInteger()):
		return floats(a, b, func(x, y float64) float64 { return x + y }), nil
	}
	return Null, nil
}

func concat(a, b string) (Value, error) {
	if len(a)+len(b) > MaxString {
		return Null, ErrTooLarge
	}
	return String(a + b), nil
}

func floats(a, b Value, op func(x, y float64) float64) Value {
	x, ok1 := a.Number()
	y, ok2 := b.Number()
	if !ok1 || !ok2 {
		return Null
	}
	return Float(op(x, y))
}

func addObjects(a, b Value) (Value, error) {
	if a.kind == KindObject {
		if adder, ok := a.Object().(Adder); ok {
			if v, ok := adder.Add(b); ok {
				return v, nil
			}
		}
	}
	if a.kind == KindList || b.kind == KindList {
		return appendLists(a, b), nil
	}
	x, ok1 := textOf(a)
	y, ok2 := textOf(b)
	if ok1 && ok2 {
		return concat(x, y)
	}
	if a.kind == KindObject || b.kind == KindObject {
		return Null, nil
	}
	return Add(a, b)
}

func appendLists(a, b Value) Value {
	out := make([]Value, 0, int(a.n)+1)
	for _, v := range []Value{a, b} {
		if v.kind == KindList {
			out = append(out, v.List()...)
		} else {
			out = append(out, v)
		}
	}
	return List(out)
}

func mergeDicts(a, b *Dict) Value {
	out := a.Clone()
	for i := range b.Len() {
		out.Set(b.Key(i), b.At(i))
	}
	return FromDict(out)
}

// Sub is VQL's `-`: numbers, bools as 0 and 1, dicts. Anything else is NULL.
func Sub(a, b Value) Value {
	if a.kind == KindInt && b.kind == KindInt {
		return Int(a.Int() - b.Int())
	}
	a, b = a.operand(), b.operand()
	if a.kind == KindDict && b.kind == KindDict {
		return filterDict(a.Dict(), b.Dict(), false)
	}
	if a.kind == KindFloat || b.kind == KindFloat {
		return floats(a, b, func(x, y float64) float64 { return x - y })
	}
	if integral(a) && integral(b) {
		return Int(a.Int() - b.Int())
	}
	return Null
}

func integral(v Value) bool { return v.IsInteger() || v.kind == KindBool }

// filterDict keeps the entries of a whose key is in b, or is not.
func filterDict(a, b *Dict, in bool) Value {
	out := &Dict{}
	for i := range a.Len() {
		if _, ok := b.Get(a.Key(i)); ok == in {
			out.Set(a.Key(i), a.At(i))
		}
	}
	return FromDict(out)
}

// Mul is VQL's `*`: numbers, bools as 0 and 1, a string and a count, dicts.
// ErrTooLarge comes with NULL for a negative count, too.
func Mul(a, b Value) (Value, error) {
	if a.kind == KindInt && b.kind == KindInt {
		return Int(a.Int() * b.Int()), nil
	}
	a, b = a.operand(), b.operand()
	switch {
	case isText(a):
		return repeat(a.Str(), b)
	case a.kind == KindDict && b.kind == KindDict:
		return filterDict(a.Dict(), b.Dict(), true), nil
	case a.kind == KindFloat || b.kind == KindFloat:
		return floats(a, b, func(x, y float64) float64 { return x * y }), nil
	case integral(a) && integral(b):
		return Int(a.Int() * b.Int()), nil
	}
	return Null, nil
}

func repeat(s string, count Value) (Value, error) {
	f, ok := count.Number()
	if !ok {
		return Null, nil
	}
	n := int64(f)
	if n < 0 || (len(s) > 0 && n > MaxString/int64(len(s))) {
		return Null, ErrTooLarge
	}
	if len(s) == 0 {
		return String(""), nil
	}
	return String(strings.Repeat(s, int(n))), nil
}

// Div is VQL's `/`, always in floats. Division by zero is NULL.
func Div(a, b Value) Value {
	x, ok1 := a.operand().Number()
	y, ok2 := b.operand().Number()
	if !ok1 || !ok2 || y == 0 {
		return Null
	}
	return Float(x / y)
}

// Neg is the minus glued to a name: a number's negative, a bool's inverse.
func Neg(v Value) Value {
	v = v.operand()
	switch v.kind {
	case KindBool:
		return Bool(!v.Bool())
	case KindInt, KindUint:
		return Int(-v.Int())
	case KindFloat:
		return Float(-v.Float())
	}
	return Null
}

// In is VQL's `IN`: a key of a dict, a substring, an element of a list.
func In(a, b Value) bool {
	a, b = a.operand(), b.operand()
	switch b.kind {
	case KindDict:
		if a.kind != KindString {
			return false
		}
		_, ok := b.Dict().Get(a.Str())
		return ok
	case KindList:
		for _, e := range b.List() {
			if Equal(e, a) {
				return true
			}
		}
		return false
	}
	x, ok1 := textOf(a)
	y, ok2 := textOf(b)
	return ok1 && ok2 && strings.Contains(y, x)
}

// Index is VQL's a[i] on plain values: an element, the value of a byte, an
// entry of a dict. What is not there is NULL.
func Index(a, i Value) Value {
	a, i = a.operand(), i.operand()
	if a.kind == KindDict {
		if i.kind != KindString {
			return Null
		}
		v, _ := a.Dict().Get(i.Str())
		return v.Force()
	}
	n, ok := i.Number()
	if !ok {
		if i.kind == KindString {
			v, _ := a.Member(i.Str())
			return v
		}
		return Null
	}
	at := int64(n)
	switch a.kind {
	case KindString, KindBytes:
		if at, ok = place(at, len(a.Str())); ok {
			return Int(int64(a.Str()[at]))
		}
	case KindList:
		if at, ok = place(at, len(a.List())); ok {
			return a.List()[at].Force()
		}
	case KindObject:
		if x, is := a.Object().(Indexer); is {
			if at, ok = place(at, x.Len()); ok {
				return x.Index(int(at))
			}
		}
	}
	return Null
}

// place turns an index that may count from the end into one from the beginning.
func place(i int64, n int) (int64, bool) {
	if i < 0 {
		i += int64(n)
	}
	return i, i >= 0 && i < int64(n)
}

// SliceOf is VQL's a[from:to]. Bounds that are not given are NULL with given
// unset; a bound that is given and no number makes the result NULL.
func SliceOf(a Value, from, to Value, hasFrom, hasTo bool) Value {
	a = a.operand()
	n := 0
	switch a.kind {
	case KindString, KindBytes, KindList:
		n = int(a.n)
	case KindObject:
		s, ok := a.Object().(Slicer)
		if !ok {
			return Null
		}
		n = s.Len()
	default:
		return Null
	}
	i, ok1 := bound(from.operand(), hasFrom, 0, n)
	j, ok2 := bound(to.operand(), hasTo, n, n)
	if !ok1 || !ok2 {
		return Null
	}
	j = max(i, j)
	switch a.kind {
	case KindString:
		return String(a.Str()[i:j])
	case KindBytes:
		return Bytes(a.Bytes()[i:j])
	case KindList:
		return List(append([]Value{}, a.List()[i:j]...))
	}
	return a.Object().(Slicer).Slice(i, j)
}

func bound(v Value, given bool, missing, n int) (int, bool) {
	if !given {
		return missing, true
	}
	f, ok := v.Number()
	if !ok {
		return 0, false
	}
	i := int64(f)
	if i < 0 {
		i += int64(n)
	}
	return int(min(max(i, 0), int64(n))), true
}

// Len is the number of bytes, elements or keys of v, and 0 for anything else.
func Len(v Value) int {
	v = v.operand()
	switch v.kind {
	case KindString, KindBytes, KindList:
		return int(v.n)
	case KindDict:
		return v.Dict().Len()
	case KindObject:
		if x, ok := v.Object().(Indexer); ok {
			return x.Len()
		}
	}
	return 0
}
