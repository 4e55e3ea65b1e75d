// Package plugin gathers the VQL vocabulary: a folder for each topic, a file
// for each plugin.
package plugin

import (
	"time"

	"goshawk/accessor/local"
	"goshawk/plugin/core"
	"goshawk/plugin/files"
	"goshawk/plugin/host"
	"goshawk/plugin/process"
	"goshawk/vql"
)

// Options of a Vocabulary.
type Options struct {
	Uploader files.Uploader // nil: there is nowhere to send files to
	Start    time.Time      // of the program
}

// Vocabulary returns all plugins and functions that there are on this system.
func Vocabulary(o Options) (*vql.Vocabulary, error) {
	f := files.Options{Accessors: local.Accessors(), Uploader: o.Uploader}
	h := host.Options{Start: o.Start}
	plugins := core.Plugins()
	plugins = append(plugins, files.Plugins(f)...)
	plugins = append(plugins, process.Plugins()...)
	plugins = append(plugins, host.Plugins(h)...)
	functions := core.Functions()
	functions = append(functions, files.Functions(f)...)
	functions = append(functions, process.Functions()...)
	functions = append(functions, host.Functions(h)...)
	return vql.NewVocabulary(plugins, functions)
}
