package accessor

import (
	"fmt"
	"maps"
	"slices"
)

// Set is the accessors that queries can name. It is written out where a program
// is put together, and not changed afterwards.
type Set map[string]FileSystem

// Get returns the accessor of that name. No name is auto, reg is registry.
func (s Set) Get(name string) (FileSystem, error) {
	switch name {
	case "":
		name = "auto"
	case "reg":
		name = "registry"
	}
	if fs, ok := s[name]; ok {
		return fs, nil
	}
	//lint:ignore ST1005 people and tests look for these words
	return nil, fmt.Errorf("Unknown filesystem accessor %s", name)
}

// Names lists the accessors in order.
func (s Set) Names() []string { return slices.Sorted(maps.Keys(s)) }
