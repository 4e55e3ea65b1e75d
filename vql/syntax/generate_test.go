package syntax

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// generator writes random programs, with comments and white space anywhere.
type generator struct {
	*rand.Rand
	out   strings.Builder
	depth int
}

func (g *generator) one(texts ...string) string { return texts[g.IntN(len(texts))] }

// put writes tokens with something between them.
func (g *generator) put(tokens ...string) {
	for _, t := range tokens {
		g.out.WriteString(t)
		g.out.WriteString(g.one(" ", " ", " ", " ", "\n", "\n\n\n", "\t", " -- c\n", " /* d */ ", "\n// e\n", "\n/* f\n  g */"))
	}
}

// some writes 1 to 3 items with a token between them.
func (g *generator) some(between string, item func()) {
	for i := range 1 + g.IntN(3) {
		if i > 0 {
			g.put(between)
		}
		item()
	}
}

// maybe calls f about once in n times.
func (g *generator) maybe(n int, f func()) {
	if g.IntN(n) == 0 {
		f()
	}
}

func (g *generator) name() {
	g.put(g.one("a", "Foo", "_x1", "`a b`", "`limit`", "`c`", "group", "a_rather_long_name_to_fill_the_line"))
}

func (g *generator) program() string {
	g.some("", func() {
		if g.IntN(2) == 0 {
			g.query()
			return
		}
		g.put(g.one("LET", "let"))
		g.name()
		g.maybe(3, func() {
			g.put("(")
			g.some(",", func() {
				g.name()
				g.maybe(2, func() { g.put("="); g.argValue() })
			})
			g.put(")")
		})
		g.put(g.one("=", "<="))
		if g.IntN(3) == 0 {
			g.query()
		} else {
			g.expr()
		}
	})
	return g.out.String()
}

func (g *generator) query() {
	g.maybe(9, func() { g.put("EXPLAIN") })
	g.put(g.one("SELECT", "select"))
	g.maybe(4, func() { g.put("*"); g.maybe(2, func() { g.put(",") }) })
	g.some(",", func() {
		switch g.IntN(9) {
		case 0:
			g.put("*")
		case 1:
			g.subQuery()
		default:
			g.expr()
		}
		g.maybe(3, func() { g.put("AS"); g.name() })
	})
	g.put("FROM")
	g.some(".", g.name)
	g.maybe(2, g.args)
	g.maybe(3, func() { g.put("WHERE"); g.list() })
	g.maybe(4, func() { g.put("group  by"); g.list() })
	g.maybe(4, func() { g.put("ORDER\nBY"); g.name(); g.maybe(2, func() { g.put("Desc") }) })
	g.maybe(4, func() { g.put("LIMIT", g.one("0", "5", "0x10")) })
}

func (g *generator) subQuery() {
	if g.depth++; g.depth > 2 {
		g.put("{", "SELECT", "1", "FROM", "x", "}")
	} else {
		g.put("{")
		g.query()
		g.put("}")
	}
	g.depth--
}

func (g *generator) list() {
	g.some(",", g.expr)
	g.maybe(5, func() { g.put(",") })
}

func (g *generator) args() {
	g.put("(")
	g.maybe(2, func() {
		g.some(",", func() { g.name(); g.put("="); g.argValue() })
	})
	g.put(")")
}

func (g *generator) argValue() {
	switch g.IntN(5) {
	case 0:
		g.subQuery()
	case 1:
		g.put("[")
		g.maybe(2, g.list)
		g.put("]")
	default:
		g.expr()
	}
}

func (g *generator) expr() {
	if g.depth++; g.depth > 2 {
		g.value()
	} else {
		g.some(g.one("AND", "and", "&&", "OR", "or", "||", "|"), func() {
			g.maybe(6, func() { g.put("NOT") })
			g.sum()
			g.maybe(3, func() {
				g.put(g.one("=", "!=", "<>", "<", ">", "<=", ">=", "=~", "in"))
				g.sum()
			})
		})
	}
	g.depth--
}

func (g *generator) sum() {
	g.value()
	g.maybe(2, func() { g.put(g.one("+", "-", "*", "/")); g.value() })
	g.maybe(4, func() { g.out.WriteString(g.one("-1", "-x")); g.put("") })
}

// value is a value with what is taken of it.
func (g *generator) value() {
	g.bare()
	g.maybe(6, func() { g.put("["); g.bare(); g.put("]") })
	g.maybe(9, func() { g.put("[", g.one("1:", ":-x", ":", "a:b"), "]") })
	g.maybe(9, func() { g.put("."); g.name() })
}

func (g *generator) bare() {
	switch g.IntN(8) {
	case 0:
		g.put("(")
		g.expr()
		g.maybe(3, func() { g.put(",") })
		g.put(")")
	case 1:
		g.name()
		g.args()
	case 2, 3:
		g.out.WriteString(g.one("-", ""))
		g.some(".", g.name)
	default:
		g.put(g.one("1", "-1", "0x1F", "1.5", "1e3", "'a'", `"b\n'"`, "'''c\nd'''", "TRUE", "false", "NULL"))
	}
}

func TestRandomPrograms(t *testing.T) {
	for seed := range uint64(500) {
		g := generator{Rand: rand.New(rand.NewPCG(seed, 0))}
		src := g.program()
		if _, err := Parse(src); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, src)
		}
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			checkText(t, src)
			checkFormat(t, src)
		})
	}
}
