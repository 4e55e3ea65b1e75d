package config

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed schema.txt
var stockSchema string

// The roots of schema.txt, one for each kind of file.
const (
	rootConfig    = "Config"
	rootAPIClient = "ApiClientConfig"
	rootWriteback = "Writeback"
)

// field is what may stand under a key.
type field struct {
	form byte   // 0 for one value, '[' for a list, '{' for a map from strings
	kind string // a scalar type, or the name of a section
}

// schema has the keys of each section.
type schema map[string]map[string]field

// parseSchema reads the form that the head of schema.txt describes.
func parseSchema(text string) schema {
	s := schema{}
	var section map[string]field
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || line[0] == '#':
		case line[0] != '\t':
			section = map[string]field{}
			s[words[0]] = section
		default:
			f := field{kind: strings.TrimLeft(words[0], "[]{}")}
			if f.kind != words[0] {
				f.form = words[0][0]
			}
			for _, key := range words[1:] {
				section[key] = f
			}
		}
	}
	return s
}

// check refuses a file with unknown keys or values of the wrong type.
func check(p place, schemaText, root string) error {
	return parseSchema(schemaText).one(p, root)
}

func (s schema) check(p place, f field) error {
	switch f.form {
	case '[':
		return s.list(p, f.kind)
	case '{':
		return s.dict(p, f.kind)
	}
	return s.one(p, f.kind)
}

func (s schema) list(p place, kind string) error {
	if isNull(p.node) {
		return nil
	}
	if p.node.Kind != yaml.SequenceNode {
		return p.fault("must be a list, not %s", describe(p.node))
	}
	for _, item := range p.items() {
		if err := s.one(item, kind); err != nil {
			return err
		}
	}
	return nil
}

func (s schema) dict(p place, kind string) error {
	return s.mapping(p, func(string) (field, bool) { return field{kind: kind}, true }, nil)
}

func (s schema) one(p place, kind string) error {
	fields, ok := s[kind]
	if !ok {
		return checkScalar(p, kind)
	}
	return s.mapping(p, func(key string) (field, bool) { f, ok := fields[key]; return f, ok }, fields)
}

// mapping checks the keys and values of a mapping. Suggestions for unknown keys
// are taken from fields.
func (s schema) mapping(p place, lookup func(string) (field, bool), fields map[string]field) error {
	if isNull(p.node) {
		return nil
	}
	if p.node.Kind != yaml.MappingNode {
		return p.fault("must be a section (key: value), not %s", describe(p.node))
	}
	seen := map[string]int{}
	for i := 0; i < len(p.node.Content); i += 2 {
		k, v := p.node.Content[i], p.node.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			return place{p.file, p.key, k, k}.fault("a key must be text, not %s", describe(k))
		}
		here := place{p.file, join(p.key, clip(k.Value)), k, k}
		if line, twice := seen[k.Value]; twice {
			return here.fault("is given twice, first in line %d", line)
		}
		seen[k.Value] = k.Line
		f, ok := lookup(k.Value)
		if !ok {
			return here.fault("unknown key%s", suggest(k.Value, fields))
		}
		here.node, here.near = v, v
		if err := s.check(here, f); err != nil {
			return err
		}
	}
	return nil
}

// suggest names the key that was probably meant, if there is one.
func suggest(key string, fields map[string]field) string {
	best, bound := "", 1+min(len(key), 60)/4
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if d := distance(key, name, bound); d < bound || (d == bound && best == "") {
			best, bound = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// distance is the number of letters to change, add or drop to make b of a, with
// a change of case for free, or more than bound if it is more.
func distance(a, b string, bound int) int {
	if len(a)-len(b) > bound || len(b)-len(a) > bound {
		return bound + 1
	}
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d = 1 + min(d, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
