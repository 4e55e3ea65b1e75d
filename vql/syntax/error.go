package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is a text that is not VQL: where, what, and what to write instead.
type Error struct {
	Pos  Pos
	Msg  string
	Near string // the source about the place, on one line
	Hint string // what the writer may have meant, or empty

	src string
}

// Error gives line:column: message (hint).
func (e *Error) Error() string {
	s := fmt.Sprintf("%d:%d: %s", e.Pos.Line, e.Pos.Column, e.Msg)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// excerptWidth is how much of a long line Excerpt shows on either side, in bytes.
const excerptWidth = 60

// Excerpt is the source line of the error and, below it, a caret under the column.
func (e *Error) Excerpt() string {
	at := min(e.Pos.Offset, len(e.src))
	from := strings.LastIndexByte(e.src[:at], '\n') + 1
	to := at
	if n := strings.IndexByte(e.src[at:], '\n'); n >= 0 {
		to += n
	} else {
		to = len(e.src)
	}
	from, to = around(e.src, at, max(from, at-excerptWidth), min(to, at+excerptWidth))
	line := strings.TrimRight(e.src[from:to], "\r")
	return line + "\n" + margin(e.src[from:at]) + "^"
}

// around narrows the range from..to of s until it starts and ends between two
// characters, but not beyond at, which is in it.
func around(s string, at, from, to int) (int, int) {
	for from < at && !utf8.RuneStart(s[from]) {
		from++
	}
	for to > at && to < len(s) && !utf8.RuneStart(s[to]) {
		to--
	}
	return from, to
}

// margin is white space as wide as s; tabs stay tabs.
func margin(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, s)
}

// near is about ten characters of the source on either side of an offset.
func near(src string, at int) string {
	from, to := around(src, at, max(0, at-10), min(len(src), at+10))
	return strings.Join(strings.Fields(src[from:to]), " ")
}
