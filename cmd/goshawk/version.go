package main

import (
	"fmt"
	"runtime/debug"

	"goshawk/agent"
	"goshawk/row"
)

// version is set when a release is built (-ldflags -X main.version=…).
var version = "0.1.0-dev"

func thisVersion() agent.Version {
	v := agent.Version{Name: "goshawk", Version: version}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" {
				v.BuildTime = s.Value
			}
		}
	}
	return v
}

type versionCommand struct{ formats }

// Run prints the version.
func (c *versionCommand) Run() error {
	v := thisVersion()
	if c.Format == "" {
		fmt.Println(v.Name, v.Version, v.BuildTime)
		return nil
	}
	cols := row.NewColumns("name", "version", "build_time")
	return c.one(row.NewDict(cols, []row.Value{row.String(v.Name), row.String(v.Version), row.String(v.BuildTime)}))
}
