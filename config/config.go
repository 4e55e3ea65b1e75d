// Package config reads and writes the files of a deployment: the server's, the
// client's and the API client's configuration, the client's state (writeback),
// and our own settings.
//
// All but the settings have the form of Velociraptor's files, which its programs
// read strictly. So every key that those know is accepted and kept, whether it
// matters to us or not (schema.txt lists them), and no other is ever written.
// What is ours stands in goshawk.yaml beside the configuration; see Settings.
//
//	s, err := config.LoadServer("server.config.yaml")
//	if err != nil {
//		return err // server.config.yaml:12:5: Client.server_urls[0]: must end in "/"
//	}
//	text, err := config.ClientFile(s)
//
// A loaded value has defaults in the place of numbers that the file leaves out.
// It remembers the file itself, from which texts such as ClientFile are made.
package config

import (
	"fmt"

	"goshawk"
)

// Error says what is wrong with a file and where. It is a goshawk.ErrInvalid.
type Error struct {
	File         string
	Line, Column int    // from 1; 0 if unknown
	Key          string // path of the key, as in Client.server_urls[0]; may be empty
	Reason       string
}

// Error returns file, position, key and reason in one line.
func (e *Error) Error() string {
	s := e.File
	if e.Line > 0 {
		s += fmt.Sprintf(":%d", e.Line)
		if e.Column > 0 {
			s += fmt.Sprintf(":%d", e.Column)
		}
	}
	if e.Key != "" {
		s += ": " + e.Key
	}
	return s + ": " + e.Reason
}

// Unwrap returns goshawk.ErrInvalid.
func (e *Error) Unwrap() error { return goshawk.ErrInvalid }

// clip shortens a value from a file for an error message.
func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}
