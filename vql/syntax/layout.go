package syntax

import (
	"strings"
	"unicode/utf8"
)

// doc is a text with places where it may be broken over lines. A group is
// printed on one line if it fits; else its own places become line ends, and
// each group inside decides anew.
type doc struct {
	kind docKind
	text string // of docText; of docLine what stands there if it is not broken
	docs []doc
	hard bool // has a line end that cannot be left out

	width int  // in columns, on one line
	head  int  // in columns, up to the first place for a line end
	stops bool // there is such a place
}

type docKind uint8

const (
	docText docKind = iota
	docLine
	docEnd // a line end, always
	docGroup
	docNest // its line ends are indented deeper
	docCat
)

const (
	maxColumn = 80
	indentBy  = 2
	maxIndent = 60 // so that deep nesting does not multiply the text
)

// lineEnd is a line end that cannot be left out.
var lineEnd = doc{kind: docEnd, hard: true, stops: true}

func text(s string) doc {
	if first, _, many := strings.Cut(s, "\n"); many {
		return doc{text: s, hard: true, head: utf8.RuneCountInString(first), stops: true}
	}
	n := utf8.RuneCountInString(s)
	return doc{text: s, width: n, head: n}
}

// line is a place for a line end, with blanks in its stead if it is not broken.
func line(s string) doc { return doc{kind: docLine, text: s, width: len(s), stops: true} }

func cat(docs ...doc) doc { return combine(docCat, docs) }

func nest(docs ...doc) doc { return combine(docNest, docs) }

func group(docs ...doc) doc { return combine(docGroup, docs) }

func combine(k docKind, docs []doc) doc {
	d := doc{kind: k, docs: docs}
	for i := range docs {
		part := &docs[i]
		d.hard = d.hard || part.hard
		d.width += part.width
		if !d.stops {
			d.head += part.head
			d.stops = part.stops
		}
	}
	return d
}

// todo is a doc to print: how far indented, and whether it is to be broken.
type todo struct {
	indent int
	broken bool
	doc    doc
}

// printer lays out a doc. Its stack holds what comes next at the end.
type printer struct {
	out    []byte
	column int
	stack  []todo
}

func render(d doc) string {
	p := printer{stack: []todo{{0, true, d}}}
	for len(p.stack) > 0 {
		t := p.stack[len(p.stack)-1]
		p.stack = p.stack[:len(p.stack)-1]
		p.print(t)
	}
	return string(p.out)
}

func (p *printer) print(t todo) {
	switch t.doc.kind {
	case docText:
		p.write(t.doc.text)
	case docLine:
		if t.broken {
			p.newline(t.indent)
		} else {
			p.write(t.doc.text)
		}
	case docEnd:
		p.newline(t.indent)
	case docGroup:
		t.broken = t.broken && (t.doc.hard || !p.fits(t.doc))
		p.stack = push(p.stack, t)
	default:
		p.stack = push(p.stack, t)
	}
}

// push puts the parts of t on the stack, its first on top.
func push(stack []todo, t todo) []todo {
	if t.doc.kind == docNest {
		t.indent = min(t.indent+indentBy, maxIndent)
	}
	for i := len(t.doc.docs) - 1; i >= 0; i-- {
		stack = append(stack, todo{t.indent, t.broken, t.doc.docs[i]})
	}
	return stack
}

func (p *printer) write(s string) {
	p.out = append(p.out, s...)
	if n := strings.LastIndexByte(s, '\n'); n >= 0 {
		s, p.column = s[n+1:], 0
	}
	p.column += utf8.RuneCountInString(s)
}

func (p *printer) newline(indent int) {
	for n := len(p.out); n > 0 && p.out[n-1] == ' '; n-- {
		p.out = p.out[:n-1]
	}
	p.out = append(p.out, '\n')
	for range indent {
		p.out = append(p.out, ' ')
	}
	p.column = indent
}

// fits says whether d fits on the current line together with what follows it
// up to the next place for a line end. It is asked inside broken groups only.
func (p *printer) fits(d doc) bool {
	room := maxColumn - p.column - d.width
	for i := len(p.stack) - 1; i >= 0 && room >= 0; i-- {
		next := &p.stack[i].doc
		room -= next.head
		if next.stops {
			break
		}
	}
	return room >= 0
}
