package row

import (
	"strconv"
	"time"
	"unsafe"
)

// timeText is how a time prints inside text, as opposed to JSON.
const timeText = "2006-01-02 15:04:05.999999999 -0700 MST"

// AppendText appends the default text of v: what `str` gives, what regular
// expressions search, what GROUP BY compares. NULL is Null, a list is [1 2],
// a dict is its JSON.
func AppendText(dst []byte, v Value) []byte { return appendText(dst, v, 0) }

// Text returns the default text of v.
func Text(v Value) string {
	switch v.kind {
	case KindString, KindBytes:
		return v.Str()
	}
	b := AppendText(nil, v)
	return unsafe.String(unsafe.SliceData(b), len(b)) // nobody else has b
}

func appendText(dst []byte, v Value, depth int) []byte {
	if depth > jsonDepth {
		return append(dst, "..."...)
	}
	switch v.kind {
	case KindNull:
		return append(dst, "Null"...)
	case KindFloat:
		return appendFloatText(dst, v.Float())
	case KindString, KindBytes:
		return append(dst, v.Str()...)
	case KindTime:
		return v.Time().AppendFormat(dst, timeText)
	case KindList:
		return appendListText(dst, v.List(), depth)
	case KindObject:
		return appendObjectText(dst, v, depth)
	}
	return AppendJSON(dst, v, time.UTC)
}

// appendFloatText writes f as Go's %v does, which differs from JSON in the
// place where exponents begin.
func appendFloatText(dst []byte, f float64) []byte {
	// %v is %g with exponents from 21 digits on; see package fmt.
	b := strconv.AppendFloat(nil, f, 'g', -1, 64)
	text := strconv.AppendFloat(nil, f, 'f', -1, 64)
	for i, c := range b {
		if c != 'e' {
			continue
		}
		if exp, err := strconv.Atoi(string(b[i+1:])); err == nil && exp >= -4 && exp < 21 {
			return append(dst, text...)
		}
	}
	return append(dst, b...)
}

func appendListText(dst []byte, vs []Value, depth int) []byte {
	dst = append(dst, '[')
	for i, e := range vs {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = appendText(dst, e, depth+1)
	}
	return append(dst, ']')
}

func appendObjectText(dst []byte, v Value, depth int) []byte {
	v = v.Force()
	if v.kind != KindObject {
		return appendText(dst, v, depth+1)
	}
	if t, ok := v.Object().(Texter); ok {
		return append(dst, t.Text()...)
	}
	return appendText(dst, v.Object().Plain(), depth+1)
}
