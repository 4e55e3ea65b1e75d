package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is a value in a file, together with the path of its key.
type place struct {
	file string
	key  string
	node *yaml.Node // nil if the value is absent
	near *yaml.Node // the value, or what stands next to where it should be
}

// at returns the value under a key, or under a path of keys with dots.
func (p place) at(path string) place {
	for name := range strings.SplitSeq(path, ".") {
		p.key = join(p.key, name)
		if p.node = child(p.node, name); p.node != nil {
			p.near = p.node
		}
	}
	return p
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// child returns the value of a key of a mapping, or nil if there is none or it
// is null.
func child(n *yaml.Node, name string) *yaml.Node {
	if i := index(n, name); i >= 0 {
		if v := n.Content[i+1]; v.ShortTag() != "!!null" {
			return v
		}
	}
	return nil
}

// index returns where a key stands in the content of a mapping, or -1.
func index(n *yaml.Node, name string) int {
	if n == nil || n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return i
		}
	}
	return -1
}

// items returns the elements of a list.
func (p place) items() []place {
	if p.node == nil || p.node.Kind != yaml.SequenceNode {
		return nil
	}
	var out []place
	for i, n := range p.node.Content {
		out = append(out, place{p.file, fmt.Sprintf("%s[%d]", p.key, i), n, n})
	}
	return out
}

// text returns the value of a scalar, or nothing.
func (p place) text() string {
	if p.node == nil || p.node.Kind != yaml.ScalarNode {
		return ""
	}
	return p.node.Value
}

// fault makes an error at the place.
func (p place) fault(format string, args ...any) error {
	e := &Error{File: p.file, Key: p.key, Reason: fmt.Sprintf(format, args...)}
	if p.near != nil {
		e.Line, e.Column = p.near.Line, p.near.Column
	}
	return e
}

// set puts a value under a key of a mapping.
func set(n *yaml.Node, name string, value *yaml.Node) {
	if i := index(n, name); i >= 0 {
		n.Content[i+1] = value
		return
	}
	n.Content = append(n.Content, scalar(name), value)
}

// remove takes a key out of a mapping.
func remove(n *yaml.Node, name string) {
	if i := index(n, name); i >= 0 {
		n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
	}
}

// scalar makes a text.
func scalar(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.Contains(s, "\n") {
		n.Style = yaml.LiteralStyle
	}
	return n
}

// mapping makes a mapping of texts from keys and values in turn, and leaves out
// those that are empty.
func mapping(pairs ...string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			set(n, pairs[i], scalar(pairs[i+1]))
		}
	}
	return n
}
