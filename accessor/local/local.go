// Package local lists the accessors that need nothing but the machine itself.
package local

import (
	"goshawk/accessor"
	"goshawk/accessor/data"
	"goshawk/accessor/file"
)

// Accessors returns the set that every program has.
func Accessors() accessor.Set {
	disk := file.New(file.Options{})
	return accessor.Set{
		"auto":        disk,
		"data":        data.New(),
		"file":        disk,
		"file_nocase": file.New(file.Options{NoCase: true}),
	}
}
