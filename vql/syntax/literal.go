package syntax

import (
	"strconv"
	"strings"
)

// unquote is the value of a string token.
func unquote(text string) string {
	if strings.HasPrefix(text, "'''") {
		return text[3 : len(text)-3]
	}
	s := text[1 : len(text)-1]
	n := strings.IndexByte(s, '\\')
	if n < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:n]...)
	for s = s[n:]; s != ""; {
		c, size := unescape(s)
		if size == 0 {
			break
		}
		b = append(b, c)
		s = s[size:]
	}
	return string(b)
}

// unescape is the first byte that s stands for and how many bytes of s it took.
// An escape that the end of the string cuts off takes none.
func unescape(s string) (byte, int) {
	if s[0] != '\\' {
		return s[0], 1
	}
	if len(s) == 1 {
		return 0, 0
	}
	switch s[1] {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'x', 'X':
		if len(s) < 4 {
			return 0, 0
		}
		if !isHex(s[2]) || !isHex(s[3]) {
			return '\\', 1
		}
		return hexValue(s[2])<<4 | hexValue(s[3]), 4
	}
	return s[1], 2
}

func hexValue(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// number is the expression that a number, with its sign, stands for: an Int if
// it fits, else a Float. False: the number is too large for either.
func number(pos Pos, text string) (Expr, bool) {
	hex := strings.Contains(text, "x")
	if hex || !strings.ContainsAny(text, ".eE") {
		// Base 0 reads 0x1F and octal 010; 08 is no octal, hence a float.
		if n, err := strconv.ParseInt(text, 0, 64); err == nil {
			return &Int{Pos: pos, Value: n}, true
		}
	}
	if hex {
		text += "p0" // ParseFloat wants an exponent after hex digits
	}
	f, err := strconv.ParseFloat(text, 64)
	return &Float{Pos: pos, Value: f}, err == nil
}
