package files

import (
	"encoding/binary"
	"slices"

	"goshawk/row"
)

// state says that the names in a folder are to be compared with a component of
// a pattern. depth is the number of further folders that a recursive one may take.
type state struct{ pattern, component, depth int32 }

// place is what is sought in a folder and below: all states that the way to it
// has led to. Folders with the same states share their place.
type place struct {
	states   []state
	literals map[string][]int // folded names → states; of literal components only
	wild     []int            // the other states
	all      *step            // what every name leads to, if it is the same for all
	same     bool             // all is or can be set
}

// step is what a name leads to.
type step struct {
	globs row.Value // texts of the patterns that match, NULL if none does
	next  *place    // for what is below the name, nil if nothing can match there
}

// matcher takes the names on the way through a tree along all patterns at once.
type matcher struct {
	patterns []pattern
	places   map[string]*place    // by their states
	globs    map[string]row.Value // by the numbers of the patterns
	key      []byte               // reused, like the slices below
	matched  []int
	hits     []int32
}

// maxPlaces bounds what is remembered of places and of combinations of patterns.
const maxPlaces = 4096

func newMatcher(patterns []pattern) *matcher {
	return &matcher{patterns: patterns, places: map[string]*place{}, globs: map[string]row.Value{}}
}

// start is the place of the root; nil without patterns.
func (m *matcher) start() *place {
	var states []state
	for i := range m.patterns {
		states = m.reach(states, int32(i), 0)
	}
	return m.place(states)
}

// reach adds the state at a component, and those behind it that it lets through at once.
func (m *matcher) reach(states []state, pattern, component int32) []state {
	cs := m.patterns[pattern].components
	for ; int(component) < len(cs); component++ {
		c := &cs[component]
		states = append(states, state{pattern, component, c.depth})
		if !c.recursive {
			break
		}
	}
	return states
}

// place returns the place with these states, of which only the deepest of
// those at one component counts. It takes states over.
func (m *matcher) place(states []state) *place {
	slices.SortFunc(states, func(a, b state) int {
		switch {
		case a.pattern != b.pattern:
			return int(a.pattern) - int(b.pattern)
		case a.component != b.component:
			return int(a.component) - int(b.component)
		}
		return int(b.depth) - int(a.depth)
	})
	states = slices.CompactFunc(states, func(a, b state) bool {
		return a.pattern == b.pattern && a.component == b.component
	})
	if len(states) == 0 {
		return nil
	}
	m.key = m.key[:0]
	for _, s := range states {
		m.key = binary.AppendVarint(m.key, int64(s.pattern))
		m.key = binary.AppendVarint(m.key, int64(s.component))
		m.key = binary.AppendVarint(m.key, int64(s.depth))
	}
	if p, ok := m.places[string(m.key)]; ok {
		return p
	}
	if len(m.places) >= maxPlaces {
		clear(m.places)
	}
	p := m.newPlace(states)
	m.places[string(m.key)] = p
	return p
}

func (m *matcher) newPlace(states []state) *place {
	p, same := &place{states: states}, true
	for i, s := range states {
		c := m.component(s)
		if c.recursive || c.tokens != nil {
			p.wild = append(p.wild, i)
			same = same && (c.recursive || len(c.tokens) == 1 && c.tokens[0].kind == tokenAny)
			continue
		}
		if p.literals == nil {
			p.literals = map[string][]int{}
		}
		p.literals[c.literal] = append(p.literals[c.literal], i)
		same = false
	}
	p.same = same
	return p
}

func (m *matcher) component(s state) *component {
	return &m.patterns[s.pattern].components[s.component]
}

func (m *matcher) isLast(s state) bool {
	return int(s.component) == len(m.patterns[s.pattern].components)-1
}

// take returns what a name in a folder leads to. next is worked out only for
// names that may be folders.
func (m *matcher) take(p *place, name string, maybeFolder bool) step {
	if !p.same {
		return m.takeMatched(p, m.match(p, fold(name)), maybeFolder)
	}
	if p.all == nil {
		all := m.takeMatched(p, p.wild, true)
		p.all = &all
	}
	return *p.all
}

// match returns the numbers of the states whose component matches a folded name.
func (m *matcher) match(p *place, name string) []int {
	m.matched = append(m.matched[:0], p.literals[name]...)
	for _, i := range p.wild {
		if m.component(p.states[i]).matches(name) {
			m.matched = append(m.matched, i)
		}
	}
	return m.matched
}

func (m *matcher) takeMatched(p *place, matched []int, maybeFolder bool) (out step) {
	if len(matched) == 0 {
		return out
	}
	m.hits = m.hits[:0]
	for _, i := range matched {
		if s := p.states[i]; m.isLast(s) && (s.depth > 0 || !m.component(s).recursive) {
			m.hits = append(m.hits, s.pattern)
		}
	}
	out.globs = m.globsOf(m.hits)
	if maybeFolder {
		out.next = m.below(p, matched)
	}
	return out
}

// below returns the place of a folder whose name matched the given states.
func (m *matcher) below(p *place, matched []int) *place {
	var states []state
	for _, i := range matched {
		s := p.states[i]
		if !m.component(s).recursive {
			states = m.reach(states, s.pattern, s.component+1)
			continue
		}
		if s.depth == 0 || s.depth == 1 && m.isLast(s) {
			continue
		}
		at := len(states)
		states = m.reach(states, s.pattern, s.component)
		states[at].depth = s.depth - 1
	}
	return m.place(states)
}

// globsOf returns the texts of patterns, NULL for none of them.
func (m *matcher) globsOf(hits []int32) row.Value {
	if len(hits) == 0 {
		return row.Null
	}
	slices.Sort(hits)
	hits = slices.Compact(hits)
	m.key = m.key[:0]
	for _, h := range hits {
		m.key = binary.AppendVarint(m.key, int64(h))
	}
	if v, ok := m.globs[string(m.key)]; ok {
		return v
	}
	if len(m.globs) >= maxPlaces {
		clear(m.globs)
	}
	texts := make([]row.Value, len(hits))
	for i, h := range hits {
		texts[i] = m.patterns[h].text
	}
	v := row.List(texts)
	m.globs[string(m.key)] = v
	return v
}
