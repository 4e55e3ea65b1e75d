package accessor

import (
	"fmt"
	"runtime"
	"strings"
)

// Type is how the text of a path is read and written. See split.go for the rules.
type Type uint8

// The types. Generic is what a query means that names none.
const (
	Generic  Type = iota // both slashes separate; written with /
	Linux                // only / separates
	Windows              // both slashes; drives, devices and servers are one component; written with \
	NTFS                 // as Windows, but a drive is its device
	Registry             // both slashes; short names of hives are written out
	Pathspec             // one component, which a JSON text holds
	Zip                  // as Linux
	Raw                  // the whole text is one component
)

var typeNames = [...]string{"generic", "linux", "windows", "ntfs", "registry", "pathspec", "zip", "raw"}

// String returns the type's name in queries.
func (t Type) String() string { return typeNames[t] }

// ParseType returns the type of that name; no name is generic.
func ParseType(name string) (Type, error) {
	if name == "" {
		return Generic, nil
	}
	for t, n := range typeNames {
		if n == strings.ToLower(name) {
			return Type(t), nil
		}
	}
	return Generic, fmt.Errorf("unknown path_type %s (one of %s)", name, strings.Join(typeNames[:], ", "))
}

// Native is the type of this system's own paths.
func Native() Type {
	if runtime.GOOS == "windows" {
		return Windows
	}
	return Linux
}

// TypeOf returns the type of an accessor's paths, which must be known even
// where the accessor itself is not, to print the path of a container.
func TypeOf(accessor string) Type {
	switch accessor {
	case "", "auto", "file", "file_nocase", "file_links", "gzip", "bzip2":
		return Native()
	case "ntfs":
		return NTFS
	case "raw_ntfs", "lazy_ntfs", "ntfs_vss", "mft":
		return Windows
	case "reg", "registry":
		return Registry
	case "zip", "zip_nocase", "collector", "collector_sparse", "me":
		return Zip
	case "raw_ext4", "ext4", "ssh":
		return Linux
	case "raw_file", "sparse", "ranged":
		return Pathspec
	case "data", "scope", "pipe":
		return Raw
	}
	return Generic
}

// Parse reads the text of a path. A text that begins with a brace is a
// pathspec (see Path.String), except for Raw.
func (t Type) Parse(text string) (Path, error) {
	if t != Raw && strings.HasPrefix(text, "{") {
		return t.parsePathspec(text)
	}
	return Path{typ: t, components: t.split(text)}, nil
}

// Path returns the path with the given components, taken as they are.
func (t Type) Path(components ...string) Path { return Path{typ: t, components: components} }
