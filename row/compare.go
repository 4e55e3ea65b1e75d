package row

import (
	"math"
	"strings"
)

// Truth says whether v counts as true: numbers above zero, non-empty strings,
// lists and dicts, times after 1970. NULL and negative numbers are false.
func Truth(v Value) bool {
	switch v.kind {
	case KindBool, KindUint:
		return v.n != 0
	case KindInt:
		return v.Int() > 0
	case KindFloat:
		return v.Float() > 0
	case KindString, KindBytes, KindList:
		return v.n > 0
	case KindDict:
		return v.Dict().Len() > 0
	case KindTime:
		return int64(v.n) > 0 || (v.n == 0 && v.aux > 0)
	case KindObject:
		return truthOfObject(v.Force())
	}
	return false
}

func truthOfObject(v Value) bool {
	if v.kind != KindObject {
		return Truth(v)
	}
	switch o := v.Object().(type) {
	case Truther:
		return o.Truth()
	case Indexer:
		return o.Len() > 0
	}
	return Truth(v.Object().Plain())
}

// Equal is VQL's `=`.
func Equal(a, b Value) bool { return equal(a, b, 0) }

func equal(a, b Value, depth int) bool {
	if depth > maxDepth {
		return false
	}
	if a.kind == KindObject || b.kind == KindObject {
		return equalObjects(a.operand(), b.operand(), depth)
	}
	if a.kind == b.kind {
		return equalSame(a, b, depth)
	}
	if a.kind == KindNull || b.kind == KindNull {
		return false
	}
	if a.kind == KindTime || b.kind == KindTime {
		return compareTimes(a, b) == 0 && numeric(a, b)
	}
	if x, ok := boolAndText(a, b); ok {
		return x
	}
	if isText(a) && isText(b) {
		return a.Str() == b.Str()
	}
	x, ok1 := a.Number()
	y, ok2 := b.Number()
	return ok1 && ok2 && x == y
}

func isText(v Value) bool { return v.kind == KindString || v.kind == KindBytes }

func equalSame(a, b Value, depth int) bool {
	switch a.kind {
	case KindNull:
		return true
	case KindFloat:
		return a.Float() == b.Float()
	case KindString, KindBytes:
		return a.Str() == b.Str()
	case KindTime:
		return a.n == b.n && a.aux == b.aux
	case KindList:
		return equalLists(a.List(), b.List(), depth)
	case KindDict:
		return equalDicts(a.Dict(), b.Dict(), depth)
	}
	return a.n == b.n
}

// boolAndText compares a bool with a string: Y, y, TRUE and True stand for
// true, every other text for false.
func boolAndText(a, b Value) (equal, ok bool) {
	if b.kind == KindBool {
		a, b = b, a
	}
	if a.kind != KindBool || b.kind != KindString {
		return false, false
	}
	switch b.Str() {
	case "Y", "y", "TRUE", "True":
		return a.Bool(), true
	}
	return !a.Bool(), true
}

func equalLists(a, b []Value, depth int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i], depth+1) {
			return false
		}
	}
	return true
}

func equalDicts(a, b *Dict, depth int) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		other, ok := b.Get(a.Key(i))
		if !ok || !equal(a.At(i), other, depth+1) {
			return false
		}
	}
	return true
}

func equalObjects(a, b Value, depth int) bool {
	x, ok1 := textOf(a)
	y, ok2 := textOf(b)
	if ok1 && ok2 {
		return x == y
	}
	if a.kind == KindObject && b.kind == KindObject {
		return a.Object() == b.Object()
	}
	if a.kind == KindObject || b.kind == KindObject {
		return false
	}
	return equal(a, b, depth+1)
}

// textOf returns the text of a string, of bytes, and of an object that compares as text.
func textOf(v Value) (string, bool) {
	switch v.kind {
	case KindString, KindBytes:
		return v.Str(), true
	case KindObject:
		if t, ok := v.Object().(Texter); ok {
			return t.Text(), true
		}
	}
	return "", false
}

// Less is VQL's `<`. It is false whenever the two cannot be ordered, NULL
// included. (Text beside a time is parsed by the engine before it comes here.)
func Less(a, b Value) bool {
	if a.kind == KindObject || b.kind == KindObject {
		a, b = a.operand(), b.operand()
	}
	switch {
	case a.kind == KindInt && b.kind == KindInt:
		return a.Int() < b.Int()
	case a.kind == KindTime || b.kind == KindTime:
		return numeric(a, b) && compareTimes(a, b) < 0
	case a.kind == KindDict && b.kind == KindDict:
		return a.Dict().Len() < b.Dict().Len()
	case a.kind == KindList && b.kind == KindList:
		return lessLists(a.List(), b.List())
	case a.kind == KindUint && b.IsInteger(), b.kind == KindUint && a.IsInteger():
		return compareIntegers(a, b) < 0
	}
	if x, ok := a.Number(); ok {
		y, ok := b.Number()
		return ok && x < y
	}
	x, ok1 := textOf(a)
	y, ok2 := textOf(b)
	return ok1 && ok2 && x < y
}

func lessLists(a, b []Value) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == 0 && len(b) > 0
	}
	return Less(a[0], b[0])
}

func compareIntegers(a, b Value) int {
	if a.kind == KindUint && b.kind == KindUint {
		return compareOrdered(a.Uint(), b.Uint())
	}
	if a.kind == KindUint {
		return 1
	}
	if b.kind == KindUint {
		return -1
	}
	return compareOrdered(a.Int(), b.Int())
}

func compareOrdered[T int | int64 | uint64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// numeric says whether both are times or numbers, bool excluded.
func numeric(a, b Value) bool {
	ok := func(v Value) bool { return v.kind == KindTime || v.kind == KindFloat || v.IsInteger() }
	return ok(a) && ok(b)
}

// compareTimes orders two values of which numbers are seconds since 1970.
func compareTimes(a, b Value) int {
	as, an := instant(a)
	bs, bn := instant(b)
	if c := compareOrdered(as, bs); c != 0 {
		return c
	}
	return compareOrdered(an, bn)
}

func instant(v Value) (sec, nsec int64) {
	switch v.kind {
	case KindTime:
		return int64(v.n), int64(v.aux)
	case KindFloat:
		whole, frac := math.Modf(v.Float())
		return int64(whole), int64(frac * 1e9)
	}
	return v.Int(), 0
}

// rank is the place of a kind in the total order of Compare.
func rank(v Value) int {
	switch v.kind {
	case KindNull:
		return 0
	case KindString, KindBytes:
		return 1
	case KindBool, KindInt, KindUint, KindFloat:
		return 2
	case KindTime:
		return 3
	case KindList:
		return 4
	case KindDict:
		return 5
	}
	if _, ok := textOf(v); ok {
		return 1
	}
	return 6
}

// Compare orders any two values totally, for ORDER BY: NULL (which sorts as the
// empty string), strings, numbers and bools, times, lists, dicts, the rest.
// Within a kind it agrees with Less.
func Compare(a, b Value) int {
	if a.kind == KindInt && b.kind == KindInt {
		return compareOrdered(a.Int(), b.Int())
	}
	a, b = a.operand(), b.operand()
	ra, rb := rank(a), rank(b)
	if ra <= 1 && rb <= 1 { // NULL is the empty string
		x, _ := textOf(a)
		y, _ := textOf(b)
		return strings.Compare(x, y)
	}
	if ra != rb {
		return compareOrdered(ra, rb)
	}
	switch ra {
	case 2:
		return compareNumbers(a, b)
	case 3:
		return compareTimes(a, b)
	}
	switch {
	case Less(a, b):
		return -1
	case Less(b, a):
		return 1
	}
	return 0
}

func compareNumbers(a, b Value) int {
	if a.IsInteger() && b.IsInteger() {
		return compareIntegers(a, b)
	}
	x, _ := a.Number()
	y, _ := b.Number()
	if math.IsNaN(x) || math.IsNaN(y) { // NaN first, so that the order stays total
		return compareOrdered(bit(!math.IsNaN(x)), bit(!math.IsNaN(y)))
	}
	return compareOrdered(x, y)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
