package row

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrJSON is the kind of every error that the JSON reader returns.
var ErrJSON = errors.New("not valid JSON")

// ParseJSON reads one JSON value; anything but white space after it is an
// error. Integers that fit 64 bits stay exact, other numbers become floats.
// Objects keep the order of their keys; of repeated keys the last value wins.
func ParseJSON(data []byte) (Value, error) {
	p := Parser{data: data}
	v, err := p.Next()
	if err == io.EOF {
		return Null, p.fail("no value")
	}
	if err != nil {
		return Null, err
	}
	if p.skipSpace(); p.at < len(p.data) {
		return Null, p.fail("text after the value")
	}
	return v, nil
}

// Parser reads JSON values one after another, such as JSON lines. Objects with
// the same keys share their Columns.
type Parser struct {
	data   []byte
	at     int
	depth  int
	shapes Interner
	names  []string // stack of names of the objects being read
	vals   []Value  // stack of values of the objects and lists being read
}

// NewParser returns a parser of data, which must not be changed while it is used.
func NewParser(data []byte) *Parser { return &Parser{data: data} }

// Next returns the next value, or io.EOF when only white space is left.
func (p *Parser) Next() (Value, error) {
	p.skipSpace()
	if p.at >= len(p.data) {
		return Null, io.EOF
	}
	return p.value()
}

func (p *Parser) fail(what string) error {
	return fmt.Errorf("%w: %s at byte %d", ErrJSON, what, p.at)
}

func (p *Parser) skipSpace() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

// parseDepth bounds the nesting that is read.
const parseDepth = 500

func (p *Parser) value() (Value, error) {
	p.skipSpace()
	if p.at >= len(p.data) {
		return Null, p.fail("unexpected end")
	}
	switch c := p.data[p.at]; c {
	case '{', '[':
		if p.depth++; p.depth > parseDepth {
			return Null, p.fail("nested too deeply")
		}
		defer func() { p.depth-- }()
		p.at++
		if c == '{' {
			return p.object()
		}
		return p.list()
	case '"':
		s, err := p.str()
		return String(s), err
	case 't':
		return True, p.word("true")
	case 'f':
		return False, p.word("false")
	case 'n':
		return Null, p.word("null")
	}
	return p.number()
}

func (p *Parser) word(w string) error {
	if !strings.HasPrefix(string(p.data[p.at:min(len(p.data), p.at+len(w))]), w) {
		return p.fail("unknown word")
	}
	p.at += len(w)
	return nil
}

// more steps over the comma between elements; done is true at the closing byte.
func (p *Parser) more(first bool, closing byte) (done bool, err error) {
	p.skipSpace()
	if p.at >= len(p.data) {
		return false, p.fail("unexpected end")
	}
	c := p.data[p.at]
	if c == closing {
		p.at++
		return true, nil
	}
	if first {
		return false, nil
	}
	if c != ',' {
		return false, p.fail("expected , or " + string(closing))
	}
	p.at++
	return false, nil
}

func (p *Parser) list() (Value, error) {
	base := len(p.vals)
	defer func() { p.vals = p.vals[:base] }()
	for first := true; ; first = false {
		done, err := p.more(first, ']')
		if err != nil {
			return Null, err
		}
		if done {
			return List(append(make([]Value, 0, len(p.vals)-base), p.vals[base:]...)), nil
		}
		v, err := p.value()
		if err != nil {
			return Null, err
		}
		p.vals = append(p.vals, v)
	}
}

func (p *Parser) object() (Value, error) {
	names, vals := len(p.names), len(p.vals)
	defer func() { p.names, p.vals = p.names[:names], p.vals[:vals] }()
	for first := true; ; first = false {
		done, err := p.more(first, '}')
		if err != nil {
			return Null, err
		}
		if done {
			return p.dict(p.names[names:], p.vals[vals:]), nil
		}
		if err := p.member(); err != nil {
			return Null, err
		}
	}
}

func (p *Parser) member() error {
	p.skipSpace()
	if p.at >= len(p.data) || p.data[p.at] != '"' {
		return p.fail("expected a name")
	}
	name, err := p.str()
	if err != nil {
		return err
	}
	p.skipSpace()
	if p.at >= len(p.data) || p.data[p.at] != ':' {
		return p.fail("expected :")
	}
	p.at++
	p.names = append(p.names, name)
	v, err := p.value()
	p.vals = append(p.vals, v)
	return err
}

func (p *Parser) dict(names []string, vals []Value) Value {
	cols := p.shapes.Columns(names)
	if hasRepeats(cols) {
		d := &Dict{}
		for i, n := range names {
			d.Set(n, vals[i])
		}
		return FromDict(d)
	}
	return FromDict(NewDict(cols, append(make([]Value, 0, len(vals)), vals...)))
}

// hasRepeats says whether a name occurs twice: the later one is then not the one found.
func hasRepeats(c *Columns) bool {
	for i, n := range c.names {
		if c.Index(n) != i {
			return true
		}
	}
	return false
}

func (p *Parser) number() (Value, error) {
	start, float := p.at, false
	for p.at < len(p.data) {
		c := p.data[p.at]
		if c == '.' || c == 'e' || c == 'E' {
			float = true
		} else if c != '-' && c != '+' && (c < '0' || c > '9') {
			break
		}
		p.at++
	}
	text := string(p.data[start:p.at])
	if !validNumber(text) {
		p.at = start
		return Null, p.fail("unexpected character")
	}
	if !float && text != "-0" { // the int has no negative zero
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return Int(i), nil
		}
		if u, err := strconv.ParseUint(text, 10, 64); err == nil {
			return Uint(u), nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return Null, p.fail("number out of range")
	}
	return Float(f), nil
}

// validNumber checks the grammar of RFC 8259 §6, which strconv is wider than.
func validNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() int {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		return n
	}
	n := digits()
	if n == 0 || (n > 1 && s[0] == '0') {
		return false
	}
	if s = s[n:]; strings.HasPrefix(s, ".") {
		s = s[1:]
		if n = digits(); n == 0 {
			return false
		}
		s = s[n:]
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	if s = s[1:]; strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") {
		s = s[1:]
	}
	return digits() == len(s) && s != ""
}

func (p *Parser) str() (string, error) {
	p.at++ // the opening quote
	start := p.at
	for ; p.at < len(p.data); p.at++ {
		switch c := p.data[p.at]; {
		case c == '"':
			s := string(p.data[start:p.at])
			p.at++
			return strings.ToValidUTF8(s, "\ufffd"), nil
		case c == '\\':
			return p.escapedStr(start)
		case c < ' ':
			return "", p.fail("control character in a string")
		}
	}
	return "", p.fail("unexpected end of a string")
}

func (p *Parser) escapedStr(start int) (string, error) {
	out := append([]byte(nil), p.data[start:p.at]...)
	for p.at < len(p.data) {
		c := p.data[p.at]
		switch {
		case c == '"':
			p.at++
			return strings.ToValidUTF8(string(out), "\ufffd"), nil
		case c < ' ':
			return "", p.fail("control character in a string")
		case c != '\\':
			out = append(out, c)
			p.at++
		default:
			var err error
			if out, err = p.escape(out); err != nil {
				return "", err
			}
		}
	}
	return "", p.fail("unexpected end of a string")
}

func (p *Parser) escape(out []byte) ([]byte, error) {
	if p.at+1 >= len(p.data) {
		return nil, p.fail("unexpected end of a string")
	}
	c := p.data[p.at+1]
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		p.at += 2
		return append(out, "\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' {
		return nil, p.fail("unknown escape")
	}
	r, ok := p.hex4(p.at + 2)
	if !ok {
		return nil, p.fail("bad \\u escape")
	}
	p.at += 6
	if utf16.IsSurrogate(r) {
		second, ok := rune(0), false
		if p.at+1 < len(p.data) && p.data[p.at] == '\\' && p.data[p.at+1] == 'u' {
			second, ok = p.hex4(p.at + 2)
		}
		if joined := utf16.DecodeRune(r, second); ok && joined != utf8.RuneError {
			p.at += 6
			return utf8.AppendRune(out, joined), nil
		}
		r = utf8.RuneError
	}
	return utf8.AppendRune(out, r), nil
}

func (p *Parser) hex4(at int) (rune, bool) {
	if at+4 > len(p.data) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.data[at:at+4]), 16, 32)
	return rune(n), err == nil
}
