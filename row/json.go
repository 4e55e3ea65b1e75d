package row

import (
	"encoding/base64"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// jsonDepth is how deep nested values are written; what lies deeper is null.
const jsonDepth = 200

// AppendJSON appends v as JSON to dst, in the form that VQL results have:
// whole floats without a fraction, NaN and infinities as null, bytes as
// base64, times as RFC 3339 in loc (nil: UTC), and <, > and & escaped.
func AppendJSON(dst []byte, v Value, loc *time.Location) []byte {
	return appendJSON(dst, v, loc, 0)
}

func appendJSON(dst []byte, v Value, loc *time.Location, depth int) []byte {
	if depth > jsonDepth {
		return append(dst, "null"...)
	}
	switch v.kind {
	case KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case KindInt:
		return strconv.AppendInt(dst, v.Int(), 10)
	case KindUint:
		return strconv.AppendUint(dst, v.Uint(), 10)
	case KindFloat:
		return appendFloat(dst, v.Float())
	case KindString:
		return appendString(dst, v.Str())
	case KindBytes:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.Bytes())
		return append(dst, '"')
	case KindTime:
		return appendTime(dst, v.Time(), loc)
	case KindList:
		return appendList(dst, v, loc, depth)
	case KindDict:
		return appendDict(dst, v.Dict(), loc, depth)
	case KindObject:
		if f := v.Force(); f.kind != KindObject {
			return appendJSON(dst, f, loc, depth+1)
		}
		return appendJSON(dst, v.Force().Object().Plain(), loc, depth+1)
	}
	return append(dst, "null"...)
}

func appendList(dst []byte, v Value, loc *time.Location, depth int) []byte {
	if v.IsNilList() {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, e := range v.List() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, e, loc, depth+1)
	}
	return append(dst, ']')
}

func appendDict(dst []byte, d *Dict, loc *time.Location, depth int) []byte {
	dst = append(dst, '{')
	for i, e := range d.vals {
		if i > 0 {
			dst = append(dst, ',')
		}
		if d.own == nil {
			dst = append(dst, d.cols.keys[i]...)
		} else {
			dst = append(appendString(dst, d.more[i]), ':')
		}
		dst = appendJSON(dst, e, loc, depth+1)
	}
	return append(dst, '}')
}

// appendFloat writes the shortest text that reads back as f, in the form of
// ECMAScript, which encoding/json uses too.
func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 is written e-9
		dst = dst[:n-1]
	}
	return dst
}

func appendTime(dst []byte, t time.Time, loc *time.Location) []byte {
	if loc != nil {
		t = t.In(loc)
	}
	if y := t.Year(); y < 0 || y > 9999 {
		return append(dst, "null"...) // RFC 3339 has no such year
	}
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

const hexDigits = "0123456789abcdef"

// plain marks the ASCII bytes that stand for themselves inside a JSON string.
var plain = func() (t [utf8.RuneSelf]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return t
}()

// appendString writes s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD each; U+2028 and U+2029 are escaped, as encoding/json does.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if plain[c] {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\ufffd"...)
			start = i + size
		case r == '\u2028' || r == '\u2029':
			dst = append(dst, s[start:i]...)
			dst = append(dst, '\\', 'u', '2', '0', '2', hexDigits[r&0xf])
			start = i + size
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
