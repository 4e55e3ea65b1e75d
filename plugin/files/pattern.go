package files

import (
	"fmt"
	"slices"
	"strings"

	"goshawk/accessor"
	"goshawk/row"
)

// pattern is one glob after brace expansion.
type pattern struct {
	text       row.Value // as the column Globs has it
	components []component
}

// Limits of brace expansion, by which a short text can make very many.
const (
	maxPatterns     = 10_000
	maxPatternBytes = 16 << 20
)

// expand returns the texts that a glob with braces stands for. The innermost
// group that begins last is expanded first. A brace at the very beginning is
// that of a pathspec.
func expand(glob string) ([]string, error) {
	done, todo, bytes := []string(nil), []string{glob}, 0
	for len(todo) > 0 {
		text := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		from, to := lastGroup(text)
		if from < 0 {
			done = append(done, text)
			bytes += len(text)
		} else {
			alternatives := strings.Split(text[from+1:to], ",")
			for _, a := range slices.Backward(alternatives) {
				todo = append(todo, text[:from]+a+text[to+1:])
				bytes += len(text)
			}
		}
		if len(done)+len(todo) > maxPatterns || bytes > maxPatternBytes {
			return nil, fmt.Errorf("a glob with braces stands for more than %d patterns: %.60q…", maxPatterns, glob)
		}
	}
	return done, nil
}

// lastGroup finds the braces of the group to expand next; from is -1 if there is none.
func lastGroup(text string) (from, to int) {
	end := len(text)
	for {
		from = strings.LastIndexByte(text[:end], '{')
		if from <= 0 {
			return -1, 0
		}
		if n := strings.IndexAny(text[from+1:], "{}"); n > 0 && text[from+1+n] == '}' {
			return from, from + 1 + n
		}
		end = from
	}
}

// search is patterns below one root.
type search struct {
	root     accessor.Path
	patterns []pattern
}

// searches compiles globs. Usually there is one search; a glob that is a
// pathspec brings a root of its own. bad is told of each glob that is none.
func searches(fs accessor.FileSystem, root accessor.Path, globs []string, bad func(error)) []*search {
	out := []*search{{root: root}}
	known := map[string]bool{}
	for _, glob := range globs {
		texts, err := expand(glob)
		if err != nil {
			bad(err)
			continue
		}
		for _, text := range texts {
			p, err := fs.Parse(text)
			if err != nil {
				bad(err)
				break
			}
			if key := p.String(); !known[key] {
				known[key] = true
				out = addPattern(out, p)
			}
		}
	}
	return out
}

func addPattern(out []*search, p accessor.Path) []*search {
	s := out[0]
	if p.HasDelegate() {
		inside, container := p.Delegate()
		root := p.Type().Path().In(inside, container.String())
		i := slices.IndexFunc(out, func(s *search) bool { return s.root.String() == root.String() })
		if i < 0 {
			i = len(out)
			out = append(out, &search{root: root})
		}
		s = out[i]
	}
	n := pattern{text: row.String(p.Bare())}
	for _, c := range p.Components() {
		n.components = append(n.components, compileComponent(c))
	}
	if len(n.components) > 0 {
		s.patterns = append(s.patterns, n)
	}
	return out
}
