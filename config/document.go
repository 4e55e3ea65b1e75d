package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxBytes bounds what is read of a file. A configuration with many artifacts in
// it has some 100 KB.
const maxBytes = 4 << 20

// document is a parsed file. Its tree has no aliases.
type document struct {
	file string
	node *yaml.Node // of kind DocumentNode with one mapping; nil if the file is empty
}

func readDocument(path string) (*document, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return parse(path, text)
}

// readFile reads one byte more than parse allows, so that parse refuses a file
// that is too long.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxBytes+1))
}

func parse(file string, text []byte) (*document, error) {
	if len(text) > maxBytes {
		return nil, &Error{File: file, Reason: fmt.Sprintf("is larger than %d MiB", maxBytes>>20)}
	}
	d := &document{file: file}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var n yaml.Node
	switch err := dec.Decode(&n); {
	case errors.Is(err, io.EOF):
		return d, nil
	case err != nil:
		return nil, syntaxError(file, text, err)
	}
	var next yaml.Node
	if err := dec.Decode(&next); err == nil {
		return nil, &Error{file, next.Line, next.Column, "", "a second YAML document begins here, but a file holds one"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(file, text, err)
	}
	root, err := expand(n.Content[0])
	if err != nil {
		err.File = file
		return nil, err
	}
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return d, nil
	}
	n.Content[0] = root
	d.node = &n
	if root.Kind != yaml.MappingNode {
		return nil, d.root().fault("must be %s, not %s", "a mapping (key: value)", describe(root))
	}
	return d, nil
}

// need refuses an empty file.
func (d *document) need() error {
	if d.node == nil {
		return &Error{File: d.file, Reason: "is empty"}
	}
	return nil
}

// root returns the place of the outermost mapping.
func (d *document) root() place {
	if d.node == nil {
		return place{file: d.file}
	}
	return place{file: d.file, node: d.node.Content[0], near: d.node.Content[0]}
}

// syntaxLine finds the line in an error of the YAML parser.
var syntaxLine = regexp.MustCompile(`^line ([0-9]+): `)

// syntaxError turns an error of the YAML parser, which is a text alone, into ours.
func syntaxError(file string, text []byte, err error) error {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := syntaxLine.FindStringSubmatch(reason); m != nil {
		line, _ = strconv.Atoi(m[1])
		reason = reason[len(m[0]):]
	}
	if strings.HasPrefix(reason, "did not find expected") {
		line++ // for these the parser counts lines from 0
	}
	if name, ok := strings.CutPrefix(reason, "unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		if i := bytes.Index(text, []byte("*"+name)); i >= 0 {
			line = 1 + bytes.Count(text[:i], []byte("\n"))
		}
	}
	if lines := bytes.SplitN(text, []byte("\n"), line+1); line <= len(lines) {
		if l := bytes.TrimLeft(lines[line-1], " "); bytes.HasPrefix(l, []byte("\t")) {
			reason += " (YAML is indented with spaces, not tabs)"
		}
	}
	return &Error{File: file, Line: min(line, 1+bytes.Count(text, []byte("\n"))), Reason: "is no YAML: " + reason}
}

// encode writes a tree in the form of the files of the field: block YAML,
// sections at column 0, texts of several lines as literal blocks.
func encode(n *yaml.Node) ([]byte, error) {
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	enc.CompactSeqIndent()
	if err := enc.Encode(n); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
