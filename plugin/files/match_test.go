package files

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"goshawk/accessor"
	"goshawk/accessor/data"
)

func TestComponentMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"abc", "ABC", true}, {"abc", "abcd", false}, {"*", "", true}, {"*", ".x", true}, {"?", "", false}, {"?", "é", true},
		{"?", "\xff", true}, {"??", "é", false}, {"a*b*c", "a-b-b-c", true}, {"a*b*c", "a-c-b", false}, {"*.txt", "x.TXT", true},
		{"[a-c]x", "Bx", true}, {"[!a-c]x", "Bx", false}, {"[!a-c]x", "dx", true}, {"[abc", "[abc", true}, {"[abc", "a", false},
		{"[]]", "]", true}, {"[!]]", "]", false}, {"[]", "[]", true}, {"[a-]", "-", true}, {"[-a]", "-", true}, {"[z-a]", "m", false},
		{"[A-Z]", "q", true}, {"[\xff]", "\xff", true}, {"\xff", "\xfe", false}, {"\xff", "\ufffd", false}, {"ſ", "S", true},
		{"[k]", "\u212a", true}, {"ÄÖ*", "äöx", true}, {"σ", "ς", true}, {"**", "anything", true}, {"**.txt", "x.exe", true},
		{`\*`, `\x`, true}, {`\*`, "*", false},
	} {
		comp := compileComponent(c.pattern)
		if got := comp.matches(fold(c.name)); got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}

func TestDepthOfRecursion(t *testing.T) {
	for text, want := range map[string]int32{
		"**": 30, "**5": 5, "**0": 0, "**.txt": 30, "**12abc": 12, "**99999999999999999999": maxDepth, "***": 30,
	} {
		if c := compileComponent(text); !c.recursive || c.depth != want {
			t.Errorf("%s: recursive %v, depth %d, want %d", text, c.recursive, c.depth, want)
		}
	}
}

func TestBraces(t *testing.T) {
	for glob, want := range map[string]string{
		"/x":            "/x",
		"/{a,b}":        "/a /b",
		"/{a,b}{c,d}":   "/ac /bc /ad /bd",
		"/{a,{b,c}d}":   "/a /bd /a /cd",
		"/{a,b/c}/{,x}": "/a/ /b/c/ /a/x /b/c/x",
		"{a,b}":         "{a,b}",
		"{a,b}/{c,d}":   "{a,b}/c {a,b}/d",
		"/{}":           "/{}",
		"/{a}":          "/a",
		"/{a,b":         "/{a,b",
		"/a}{b,c}":      "/a}b /a}c",
		"/{x{a,b}":      "/{xa /{xb",
		"/{a,b}{c":      "/a{c /b{c",
	} {
		got, err := expand(glob)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("expand(%q) = %q, %v, want %q", glob, got, err, want)
		}
	}
}

func TestBraceBombs(t *testing.T) {
	for name, glob := range map[string]string{
		"many groups": "/" + strings.Repeat("{a,b}", 200),
		"nested":      "/" + strings.Repeat("{a,", 5000) + "b" + strings.Repeat("}", 5000),
		"wide":        "/{" + strings.Repeat("a,", 20000) + "a}",
		"long":        "/" + strings.Repeat("x", 1<<20) + strings.Repeat("{a,b}", 10),
		"commas":      "/{" + strings.Repeat(",", 9000) + "}" + strings.Repeat("y", 5000),
	} {
		start := time.Now()
		got, err := expand(glob)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s: %v", name, d)
		}
		if err == nil && name != "nested" {
			t.Errorf("%s: %d patterns and no error", name, len(got))
		}
	}
}

// paths that a tree of the given depth, in which every folder holds these
// names, shows to a pattern.
func hits(t *testing.T, globs ...string) []string {
	t.Helper()
	fsys := slashes{data.New()}
	ss := searches(fsys, accessor.Linux.Path(), globs, func(err error) { t.Error(err) })
	m := newMatcher(ss[0].patterns)
	var out []string
	var walk func(at string, p *place, depth int)
	walk = func(at string, p *place, depth int) {
		for _, name := range []string{"a", "B"} {
			s := m.take(p, name, true)
			if !s.globs.IsNull() {
				out = append(out, at+"/"+name)
			}
			if s.next != nil && depth < 4 {
				walk(at+"/"+name, s.next, depth+1)
			}
		}
	}
	if p := m.start(); p != nil {
		walk("", p, 0)
	}
	slices.Sort(out)
	return out
}

type slashes struct{ accessor.FileSystem }

func (slashes) Parse(text string) (accessor.Path, error) { return accessor.Linux.Parse(text) }

func TestWaysThroughATree(t *testing.T) {
	for globs, want := range map[string]string{
		"/a/b":         "/a/B",
		"/**/x":        "",
		"/**1":         "/B /a",
		"/**1/b":       "/B /B/B /a/B",
		"/**0/b":       "/B",
		"/**0":         "",
		"/a/**2":       "/a/B /a/B/B /a/B/a /a/a /a/a/B /a/a/a",
		"/a/**1/b":     "/a/B /a/B/B /a/a/B",
		"/*/b":         "/B/B /a/B",
		"/a /a/a":      "/a /a/a",
		"/**1/**1":     "/B /B/B /B/a /a /a/B /a/a",
		"/b/**1/a/**1": "/B/B/a/B /B/B/a/a /B/a/B /B/a/a /B/a/a/B /B/a/a/a",
	} {
		if got := strings.Join(hits(t, strings.Fields(globs)...), " "); got != want {
			t.Errorf("%s: %s, want %s", globs, got, want)
		}
	}
	if got := len(hits(t, "/**")); got != 2+4+8+16+32 {
		t.Errorf("/**: %d, want every path", got)
	}
}

func TestManyPatternsStaySmall(t *testing.T) {
	globs := []string{"/" + strings.Repeat("**/", 50) + "x"}
	for range 4000 {
		globs = append(globs, "/lib/"+strings.Repeat("y", len(globs)%50)+strings.Repeat("z", len(globs)/50))
	}
	start := time.Now()
	hits(t, globs...)
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

// oracle is the component as a regular expression, for texts that both
// understand: package regexp reads UTF-8 only.
func oracle(pattern string) *regexp.Regexp {
	if !strings.ContainsAny(pattern, "*?[") {
		return regexp.MustCompile("(?is)^" + regexp.QuoteMeta(pattern) + "$")
	}
	var b strings.Builder
	b.WriteString("(?is)^")
	for i := 0; i < len(pattern); {
		_, n := utf8.DecodeRuneInString(pattern[i:])
		switch pattern[i] {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		case '[':
			return nil
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+n]))
		}
		i += n
	}
	return regexp.MustCompile(b.String() + "$")
}

func FuzzComponent(f *testing.F) {
	for _, s := range [][2]string{{"a*b?c", "aXbYc"}, {"[!a-z]*", "Q"}, {"***", "x"}, {"[", "["}, {"*ſ*", "S"}, {"[\xff-", "\xfe"}, {"İ", "i"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		start := time.Now()
		c := compileComponent(pattern)
		got := c.matches(fold(name))
		if d := time.Since(start); d > 5*time.Second {
			t.Fatalf("took %v", d)
		}
		if c.recursive || !utf8.ValidString(pattern) || !utf8.ValidString(name) || len(pattern) > 200 {
			return
		}
		if re := oracle(pattern); re != nil && re.MatchString(name) != got {
			t.Fatalf("%q matches %q: %v, a regular expression says otherwise", pattern, name, got)
		}
	})
}

func FuzzGlob(f *testing.F) {
	for _, s := range []string{"/a/{b,c}/**", "{\"Path\":\"/x/*\"}", "/{a,{b,c}}/[x]?", "**/**/**", "/{,,,}{,,,}{,,,}{,,,}{,,,}{,,,}", "/a/**3/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, glob string) {
		start := time.Now()
		fsys := slashes{data.New()}
		for _, s := range searches(fsys, accessor.Linux.Path(), []string{glob}, func(error) {}) {
			m := newMatcher(s.patterns)
			if p := m.start(); p != nil {
				for _, name := range []string{"a", "B", "x", "\xff", ""} {
					if s := m.take(p, name, true); s.next != nil {
						m.take(s.next, name, true)
					}
				}
			}
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Fatalf("took %v", d)
		}
	})
}
