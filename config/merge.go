package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// mergeFile is how errors name the text that Generate merges.
const mergeFile = "merge"

// parseMerge reads a JSON object as a tree, with positions, and refuses keys that
// no stock program knows. Empty text is an empty object.
func parseMerge(text []byte) (place, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}")
	}
	r := jsonReader{text: text, dec: json.NewDecoder(bytes.NewReader(text))}
	r.dec.UseNumber()
	if len(text) > maxBytes {
		return place{}, r.fault(0, "is too long")
	}
	// This finds every error of syntax, and bounds the depth.
	if err := json.Unmarshal(text, new(json.RawMessage)); err != nil {
		var s *json.SyntaxError
		if errors.As(err, &s) {
			return place{}, r.fault(max(0, s.Offset-1), "is no JSON: "+s.Error())
		}
		return place{}, r.fault(0, "is no JSON: "+err.Error())
	}
	root := r.value()
	p := place{file: mergeFile, node: root, near: root}
	if root.Kind != yaml.MappingNode {
		return p, p.fault("must be a JSON object, not %s", describe(root))
	}
	return p, check(p, stockSchema, rootConfig)
}

// jsonReader makes a tree of a text that is known to be JSON.
type jsonReader struct {
	text []byte
	dec  *json.Decoder

	// Up to this offset lines were counted; offsets only grow.
	counted, lines, lineStart int
}

func (r *jsonReader) fault(offset int64, reason string) error {
	line, column := r.position(offset)
	return &Error{File: mergeFile, Line: line, Column: column, Reason: reason}
}

// position returns line and column, from 1, of an offset.
func (r *jsonReader) position(offset int64) (line, column int) {
	for to := min(int(offset), len(r.text)); r.counted < to; r.counted++ {
		if r.text[r.counted] == '\n' {
			r.lines++
			r.lineStart = r.counted + 1
		}
	}
	return 1 + r.lines, 1 + r.counted - r.lineStart
}

func (r *jsonReader) value() *yaml.Node {
	start := r.dec.InputOffset()
	for start < int64(len(r.text)) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[start]) >= 0 {
		start++
	}
	n := &yaml.Node{Kind: yaml.ScalarNode}
	n.Line, n.Column = r.position(start)
	token, err := r.dec.Token()
	if err != nil {
		panic("bug: JSON that was checked: " + err.Error())
	}
	switch v := token.(type) {
	case json.Delim:
		n.Kind = yaml.SequenceNode
		if v == '{' {
			n.Kind = yaml.MappingNode
		}
		for r.dec.More() {
			n.Content = append(n.Content, r.value())
		}
		r.dec.Token() // the bracket that closes it
	case string:
		*n = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v, Style: scalar(v).Style, Line: n.Line, Column: n.Column}
	case json.Number:
		n.Value, n.Tag = v.String(), numberTag(v.String())
	case bool:
		n.Value, n.Tag = strconv.FormatBool(v), "!!bool"
	default:
		n.Value, n.Tag = "null", "!!null"
	}
	return n
}

func numberTag(s string) string {
	if _, err := strconv.ParseInt(s, 10, 64); err == nil {
		return "!!int"
	}
	if _, err := strconv.ParseUint(s, 10, 64); err == nil {
		return "!!int"
	}
	return "!!float"
}

// merge applies a patch as RFC 7396 has it: mappings are merged, null takes a key
// away, and anything else replaces what was there.
func merge(target, patch *yaml.Node) {
	for i := 0; i < len(patch.Content); i += 2 {
		name, v := patch.Content[i].Value, patch.Content[i+1]
		switch {
		case v.ShortTag() == "!!null":
			remove(target, name)
		case v.Kind == yaml.MappingNode:
			have := child(target, name)
			if have == nil || have.Kind != yaml.MappingNode {
				have = &yaml.Node{Kind: yaml.MappingNode, Line: v.Line, Column: v.Column}
				set(target, name, have)
			}
			merge(have, v)
		default:
			set(target, name, clone(v))
		}
	}
}

func clone(n *yaml.Node) *yaml.Node {
	out := *n
	out.Content = nil
	for _, c := range n.Content {
		out.Content = append(out.Content, clone(c))
	}
	return &out
}

// prune takes out keys whose values are zero, as stock programs do on writing.
// Empty sections stay.
func prune(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		for _, c := range n.Content {
			prune(c)
		}
		return
	}
	var kept []*yaml.Node
	for i := 0; i < len(n.Content); i += 2 {
		if v := n.Content[i+1]; !isZero(v) {
			prune(v)
			kept = append(kept, n.Content[i], v)
		}
	}
	n.Content = kept
}

func isZero(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.SequenceNode:
		return len(n.Content) == 0
	case yaml.ScalarNode:
		return n.Value == "" || n.Value == "0" && n.ShortTag() == "!!int" || n.Value == "false" && n.ShortTag() == "!!bool" || isNull(n)
	}
	return false
}
