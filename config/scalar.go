package config

import "go.yaml.in/yaml/v3"

func isNull(n *yaml.Node) bool { return n == nil || n.ShortTag() == "!!null" }

// describe says what a value is, in the words of a user.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	}
	switch tag := n.ShortTag(); tag {
	case "!!str":
		return "text"
	case "!!int":
		return "a whole number"
	case "!!float":
		return "a number with a fraction or out of range"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	case "!!null":
		return "nothing"
	default:
		return "a value with the tag " + clip(tag)
	}
}

// checkScalar checks a single value. Nothing at all is fine for every type.
func checkScalar(p place, kind string) error {
	if isNull(p.node) {
		return nil
	}
	if p.node.Kind == yaml.ScalarNode && fits(p.node, kind) {
		return nil
	}
	switch kind {
	case "string":
		return p.fault("must be text, not %s", describe(p.node))
	case "bool":
		return p.fault("must be true or false, not %s", describe(p.node))
	case "float":
		return p.fault("must be a number, not %s", describe(p.node))
	case "int64":
		return p.fault("must be a whole number, not %s", describe(p.node))
	}
	if p.node.ShortTag() == "!!int" {
		return p.fault("must be a whole number from 0 within %s, not %s", kind, clip(p.node.Value))
	}
	return p.fault("must be a whole number, not %s", describe(p.node))
}

// fits says whether a scalar can be read as a type. A text may be written without
// quotes even where it looks like a number or a date (version: 1.0), but a number
// must not be in quotes.
func fits(n *yaml.Node, kind string) bool {
	tag := n.ShortTag()
	switch kind {
	case "string":
		return tag == "!!str" || tag == "!!int" || tag == "!!float" || tag == "!!bool" || tag == "!!timestamp"
	case "bool": // yes and no are texts to YAML 1.2, and truth values to 1.1
		return (tag == "!!bool" || tag == "!!str" && n.Style == 0) && n.Decode(new(bool)) == nil
	case "float":
		return (tag == "!!float" || tag == "!!int") && n.Decode(new(float64)) == nil
	case "int64":
		return tag == "!!int" && n.Decode(new(int64)) == nil
	case "uint64":
		return tag == "!!int" && n.Decode(new(uint64)) == nil
	case "uint32":
		return tag == "!!int" && n.Decode(new(uint32)) == nil
	}
	panic("bug: no such type in the schema: " + kind)
}
