package files

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// component is one part of a pattern, compiled.
type component struct {
	recursive bool
	depth     int32   // of a recursive one: the number of folders
	literal   string  // folded; used when tokens is nil
	tokens    []token // of one with wildcards
}

// token is a piece of a component.
type token struct {
	kind  tokenKind
	text  string // folded
	class class
}

type tokenKind uint8

const (
	tokenText  tokenKind = iota
	tokenOne             // ?
	tokenAny             // *
	tokenClass           // [...]
)

// class is a set of characters.
type class struct {
	not    bool
	ranges [][2]rune
}

// Depth of ** when it says none, and the most that it can say.
const (
	defaultDepth = 30
	maxDepth     = 1 << 20
)

func compileComponent(text string) component {
	if digits, ok := strings.CutPrefix(text, "**"); ok {
		return component{recursive: true, depth: depthOf(digits)}
	}
	if !strings.ContainsAny(text, "*?[") {
		return component{literal: fold(text)}
	}
	tokens := tokensOf(text)
	if len(tokens) == 1 && tokens[0].kind == tokenText { // brackets that are none
		return component{literal: tokens[0].text}
	}
	return component{tokens: tokens}
}

// depthOf reads the number after **. What follows it is ignored.
func depthOf(text string) int32 {
	n, digits := 0, 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		n = min(n*10+int(text[digits]-'0'), maxDepth)
		digits++
	}
	if digits == 0 {
		return defaultDepth
	}
	return int32(n)
}

func tokensOf(text string) (out []token) {
	literal := 0 // where the text began that is not in out yet
	flush := func(end int) {
		if end > literal {
			out = append(out, token{kind: tokenText, text: fold(text[literal:end])})
		}
	}
	for i := 0; i < len(text); {
		t, size := token{}, 1
		switch text[i] {
		case '*':
			t.kind = tokenAny
		case '?':
			t.kind = tokenOne
		case '[':
			if t.class, size = classOf(text[i:]); size > 0 {
				t.kind = tokenClass
				break
			}
			fallthrough
		default:
			i++
			continue
		}
		flush(i)
		if i += size; t.kind != tokenAny || len(out) == 0 || out[len(out)-1].kind != tokenAny {
			out = append(out, t)
		}
		literal = i
	}
	flush(len(text))
	return out
}

// classOf reads a class at the beginning of text; its size is 0 if it is not
// closed. A bracket right at its beginning is one of the characters.
func classOf(text string) (c class, size int) {
	i := 1
	if i < len(text) && text[i] == '!' {
		c.not = true
		i++
	}
	for first := true; i < len(text); first = false {
		if text[i] == ']' && !first {
			return c, i + 1
		}
		lo, n := nextRune(text[i:])
		hi := lo
		i += n
		if i+1 < len(text) && text[i] == '-' && text[i+1] != ']' {
			hi, n = nextRune(text[i+1:])
			i += 1 + n
		}
		c.ranges = append(c.ranges, [2]rune{lo, hi})
	}
	return class{}, 0
}

// has says whether r, in any case, is in the class.
func (c *class) has(r rune) bool {
	found := c.hasExactly(r)
	if r <= utf8.MaxRune {
		for o := unicode.SimpleFold(r); o != r && !found; o = unicode.SimpleFold(o) {
			found = c.hasExactly(o)
		}
	}
	return found != c.not
}

func (c *class) hasExactly(r rune) bool {
	for _, x := range c.ranges {
		if r >= x[0] && r <= x[1] {
			return true
		}
	}
	return false
}

// matches says whether the component matches a folded name.
func (c *component) matches(name string) bool {
	if c.recursive {
		return true
	}
	if c.tokens == nil {
		return c.literal == name
	}
	return matchTokens(c.tokens, name)
}

// matchTokens goes through both at once. After a mismatch the last * takes one
// character more, so that the time is at most the product of the lengths.
func matchTokens(tokens []token, name string) bool {
	i, at := 0, 0
	starred, resume := -1, 0
	for i < len(tokens) || at < len(name) {
		if i < len(tokens) {
			if tokens[i].kind == tokenAny {
				starred, resume = i, at
				i++
				continue
			}
			if n := tokens[i].match(name[at:]); n >= 0 {
				i, at = i+1, at+n
				continue
			}
		}
		if starred < 0 || resume >= len(name) {
			return false
		}
		_, n := nextRune(name[resume:])
		resume += n
		i, at = starred+1, resume
	}
	return true
}

// match returns how many bytes of name the token takes, or -1.
func (t *token) match(name string) int {
	if t.kind == tokenText {
		if strings.HasPrefix(name, t.text) {
			return len(t.text)
		}
		return -1
	}
	if name == "" {
		return -1
	}
	r, n := nextRune(name)
	if t.kind == tokenClass && !t.class.has(r) {
		return -1
	}
	return n
}
