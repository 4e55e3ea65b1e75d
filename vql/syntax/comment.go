package syntax

import "strings"

// comment is a comment on a line of its own. After says that a blank line
// stands in front of it.
type comment struct {
	text  string
	after bool
}

// piece is a token with the comments around it.
type piece struct {
	token
	text  string
	lead  []comment // on lines of their own, in front of the token
	trail []string  // behind the token, on its line
	blank bool      // a blank line stands in front of the token
}

// pieces cuts a text that parses. The last piece is the end of the text.
func pieces(src string) []piece {
	l := newLexer(src)
	var all []piece
	for end := 0; ; end = l.off {
		t := l.next()
		p := piece{token: t, text: src[t.off:t.end]}
		var trail []string
		trail, p.lead, p.blank = comments(src[end:t.off], len(all) == 0)
		if len(all) > 0 {
			all[len(all)-1].trail = trail
		}
		all = append(all, p)
		if t.kind == tEOF {
			passCommas(all)
			return all
		}
	}
}

// passCommas moves line comments from in front of a comma to behind it, where
// they do not tear the comma off its item.
func passCommas(all []piece) {
	for i := 1; i < len(all); i++ {
		item, comma := &all[i-1], &all[i]
		if comma.kind != tComma || len(comma.lead)+len(comma.trail) > 0 {
			continue
		}
		if n := len(item.trail); n > 0 && isLineComment(item.trail[n-1]) {
			item.trail, comma.trail = nil, item.trail
		}
	}
}

// comments takes apart what stands between two tokens: the comments that trail
// the first one, those that lead the second, and whether a blank line stands
// just in front of the second.
func comments(gap string, atStart bool) (trail []string, lead []comment, blank bool) {
	ends := 0 // line ends since the last comment
	if atStart {
		ends = 1
	}
	leading := atStart
	for gap != "" {
		n := commentLen(gap)
		if n == 0 {
			if gap[0] == '\n' {
				ends++
				leading = true
			}
			gap = gap[1:]
			continue
		}
		text := strings.TrimRight(gap[:n], " \t\r\f")
		if leading {
			lead = append(lead, comment{text, ends > 1})
		} else {
			trail = append(trail, text)
		}
		gap, ends = gap[n:], 0
	}
	return trail, lead, ends > 1
}

// isLineComment says that nothing can follow the comment on its line.
func isLineComment(s string) bool { return !strings.HasPrefix(s, "/*") }
