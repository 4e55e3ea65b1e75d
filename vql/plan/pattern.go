package plan

import (
	"regexp"

	"goshawk/row"
)

// preparePattern compiles a pattern that is known now, once.
func preparePattern(e Expr) Expr {
	m, ok := e.(*Match)
	if !ok {
		return e
	}
	c, ok := constant(m.Y)
	if !ok || c.Value.Kind() != row.KindString {
		return e
	}
	return NewPattern(m.X, c.Value.Str())
}

// NewPattern returns the match of x against a pattern: RE2, unanchored and
// without regard to case unless the pattern says otherwise.
func NewPattern(x Expr, text string) *Pattern {
	p := &Pattern{X: x, Text: text, All: text == "" || text == "." || text == ".*"}
	if !p.All {
		p.Re, p.Bad = CompilePattern(text)
	}
	return p
}

// CompilePattern compiles a pattern of =~.
func CompilePattern(text string) (*regexp.Regexp, error) { return regexp.Compile("(?i)" + text) }
