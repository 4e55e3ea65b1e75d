package config

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Writeback is what a client keeps between its runs. It stands in two files: the
// first (level 1) holds who the client is and is written rarely, the second
// (level 2) holds everything and is the backup of the first. Known keys that are
// not fields here stay as they are. A Writeback belongs to one goroutine.
type Writeback struct {
	InstallTime   uint64     // seconds since 1970
	PrivateKey    string     // PKCS#1 PEM; empty before the first start
	ClientID      string     // for people to read: it follows from the key
	LastServerPEM string     // the server's certificate when it was last fetched
	EventQueries  *yaml.Node // the last event table, or nil

	// Broken says what was wrong with one of the files if the other one made up
	// for it. The first is then written anew at once, the second by Save.
	Broken error

	path, suffix string
	tree         *yaml.Node // a mapping: level 2 as it was read
	level1       []byte     // level 1 as it stands on disk, in our form
}

// level1Keys are the keys of the first file.
func level1Keys() []string { return []string{"install_time", "private_key", "client_id"} }

// LoadWriteback reads the state of a client from path and from path + suffix,
// and restores the first from the second if it is missing or broken. Without
// either file the state is empty. A broken file is an error only if the other
// one has no key: a client must not become another one by accident.
func LoadWriteback(path, suffix string) (*Writeback, error) {
	w := &Writeback{path: path, suffix: cmp.Or(suffix, ".bak")}
	first, err1 := readLevel(w.path)
	second, err2 := readLevel(w.path + w.suffix)
	if err1 != nil && !bearable(err1, second) {
		return nil, err1
	}
	if err2 != nil && !bearable(err2, first) {
		return nil, err2
	}
	w.Broken = cmp.Or(err1, err2)
	w.tree = cmp.Or(second, first, &yaml.Node{Kind: yaml.MappingNode})
	if first != nil {
		id := identity(first)
		text, err := encode(id)
		if err != nil {
			return nil, err
		}
		w.level1 = text
		merge(w.tree, id)
	}
	if err := w.readTree(); err != nil {
		return nil, err
	}
	if first == nil && second != nil {
		return w, w.saveLevel1()
	}
	return w, nil
}

// bearable says whether a file that cannot be read is made up for by the other.
func bearable(err error, other *yaml.Node) bool {
	var broken *Error
	return errors.As(err, &broken) && child(other, "private_key") != nil
}

// readLevel reads one of the files. It returns nil if the file is missing, or
// blank, as a file can be after a loss of power.
func readLevel(path string) (*yaml.Node, error) {
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d, err := parse(path, bytes.Trim(text, "\x00"))
	if err != nil || d.node == nil {
		return nil, err
	}
	root := d.root()
	if err := check(root, stockSchema, rootWriteback); err != nil {
		return nil, err
	}
	if err := checkKey(root.at("private_key")); err != nil {
		return nil, err
	}
	return root.node, nil
}

// identity returns the keys of level 1.
func identity(tree *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode}
	for _, key := range level1Keys() {
		if v := child(tree, key); v != nil {
			set(out, key, v)
		}
	}
	return out
}

func (w *Writeback) readTree() error {
	var v struct {
		InstallTime   uint64 `yaml:"install_time"`
		PrivateKey    string `yaml:"private_key"`
		ClientID      string `yaml:"client_id"`
		LastServerPEM string `yaml:"last_server_pem"`
	}
	if err := w.tree.Decode(&v); err != nil {
		return err
	}
	w.InstallTime, w.PrivateKey, w.ClientID, w.LastServerPEM = v.InstallTime, v.PrivateKey, v.ClientID, v.LastServerPEM
	w.EventQueries = child(w.tree, "event_queries")
	return nil
}

func (w *Writeback) writeTree() {
	w.write("install_time", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatUint(w.InstallTime, 10)})
	w.write("private_key", scalar(w.PrivateKey))
	w.write("client_id", scalar(w.ClientID))
	w.write("last_server_pem", scalar(w.LastServerPEM))
	w.write("event_queries", w.EventQueries)
}

func (w *Writeback) write(key string, v *yaml.Node) {
	if v == nil || isZero(v) {
		remove(w.tree, key)
		return
	}
	set(w.tree, key, v)
}

// Save writes the state, durably, and makes the folder if it is missing. The
// first file is written only if what it holds has changed.
func (w *Writeback) Save() error {
	w.writeTree()
	if err := os.MkdirAll(filepath.Dir(w.path), 0o700); err != nil {
		return err
	}
	if err := w.saveLevel1(); err != nil {
		return err
	}
	text, err := encode(w.tree)
	if err != nil {
		return err
	}
	return WriteFile(w.path+w.suffix, text)
}

func (w *Writeback) saveLevel1() error {
	text, err := encode(identity(w.tree))
	if err != nil || bytes.Equal(text, w.level1) {
		return err
	}
	if err := WriteFile(w.path, text); err != nil {
		return err
	}
	w.level1 = text
	return nil
}
