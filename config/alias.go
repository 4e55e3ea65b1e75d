package config

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// maxAliased bounds the nodes that aliases add to a file: a few nested aliases
// could otherwise stand for billions.
const maxAliased = 100_000

// expand replaces the aliases of a tree by copies of what they stand for, and
// merge keys (<<) by the keys of what they name.
func expand(n *yaml.Node) (*yaml.Node, *Error) {
	e := expander{open: map[*yaml.Node]bool{}}
	return e.expand(n, false)
}

type expander struct {
	open  map[*yaml.Node]bool // anchored nodes that are being expanded
	added int                 // nodes that aliases added
}

// expand changes a node in place, or changes and returns a copy if it is reached
// through an alias.
func (e *expander) expand(n *yaml.Node, aliased bool) (*yaml.Node, *Error) {
	if n.Kind == yaml.AliasNode {
		if e.open[n.Alias] {
			return nil, aliasError(n, "the alias *%s contains itself", n.Value)
		}
		return e.expand(n.Alias, true)
	}
	if n.Anchor != "" {
		e.open[n] = true
		defer delete(e.open, n)
	}
	out := n
	if aliased {
		if e.added++; e.added > maxAliased {
			return nil, aliasError(n, "aliases make this file larger than %d values", maxAliased)
		}
		kopy := *n
		kopy.Content = make([]*yaml.Node, len(n.Content))
		out = &kopy
	}
	out.Anchor = ""
	if n.Kind == yaml.ScalarNode && n.Value == "" && isNull(n) {
		out.Value = "null" // within braces the encoder would write it as a text
	}
	for i, c := range n.Content {
		c, err := e.expand(c, aliased)
		if err != nil {
			return nil, err
		}
		out.Content[i] = c
	}
	return out, mergeKeys(out)
}

func aliasError(n *yaml.Node, format string, args ...any) *Error {
	return &Error{Line: n.Line, Column: n.Column, Reason: fmt.Sprintf(format, args...)}
}

// mergeKeys replaces the merge keys of a mapping. Keys that stand in the mapping
// itself win, and of several merged mappings the first.
func mergeKeys(n *yaml.Node) *Error {
	if n.Kind != yaml.MappingNode || !hasMergeKey(n) {
		return nil
	}
	have := map[string]bool{}
	var pairs, merged []*yaml.Node
	for i := 0; i < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if !isMerge(k) {
			have[k.Value] = true
			pairs = append(pairs, k, v)
			continue
		}
		if v.Kind == yaml.SequenceNode {
			merged = append(merged, v.Content...)
		} else {
			merged = append(merged, v)
		}
	}
	for _, m := range merged {
		if m.Kind != yaml.MappingNode {
			return aliasError(m, "<< merges mappings, not %s", describe(m))
		}
		for i := 0; i < len(m.Content); i += 2 {
			if k := m.Content[i]; !have[k.Value] {
				have[k.Value] = true
				pairs = append(pairs, k, m.Content[i+1])
			}
		}
	}
	n.Content = pairs
	return nil
}

func hasMergeKey(n *yaml.Node) bool {
	for i := 0; i < len(n.Content); i += 2 {
		if isMerge(n.Content[i]) {
			return true
		}
	}
	return false
}

func isMerge(key *yaml.Node) bool { return key.ShortTag() == "!!merge" }
