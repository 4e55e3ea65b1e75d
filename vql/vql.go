// Package vql is the front door of the query engine: Compile a text once, run
// it in Sessions with a Vocabulary of plugins and functions.
//
//	v, err := vql.NewVocabulary(plugins, functions)
//	p, err := vql.Compile("SELECT _value FROM range(end=3)")
//	s := vql.NewSession(v, vql.Options{})
//	defer s.Close()
//	err = s.Run(ctx, p, func(statement int, b *vql.Batch) error { … })
//
// The engine has no words of its own: even scope() is a plugin of the
// vocabulary. It depends on package row alone and can be embedded.
package vql

import (
	"context"
	"time"

	"goshawk/row"
	"goshawk/vql/exec"
	"goshawk/vql/syntax"
)

// Program is a checked text: its statements in order. It is immutable and can
// be run by any number of sessions.
type Program = syntax.Program

// Compile parses a text. Its error is a *SyntaxError.
func Compile(text string) (*Program, error) { return syntax.Parse(text) }

// SyntaxError says where a text is wrong, and what may have been meant.
type SyntaxError = syntax.Error

// The engine's types, as documented in package exec.
type (
	Batch      = row.Batch
	Call       = exec.Call
	Emit       = exec.Emit
	Function   = exec.Function
	Lambda     = exec.Lambda
	Lazy       = exec.Lazy
	Level      = exec.Level
	Limits     = exec.Limits
	Named      = exec.Named
	Options    = exec.Options
	Out        = exec.Out
	Plugin     = exec.Plugin
	Query      = exec.Query
	Session    = exec.Session
	Spec       = exec.Spec
	Variable   = exec.Variable
	Vocabulary = exec.Vocabulary
)

// The levels of log lines.
const (
	Default = exec.Default
	Debug   = exec.Debug
	Info    = exec.Info
	Warn    = exec.Warn
	Error   = exec.Error
	Alert   = exec.Alert
)

// ToTime reads a time from a number or a date; see exec.ToTime.
func ToTime(v row.Value, loc *time.Location) (time.Time, bool) { return exec.ToTime(v, loc) }

// Warning marks an error that is met in the normal course of things; see exec.Warning.
func Warning(err error) error { return exec.Warning(err) }

// ErrLimit ends a session that passed one of its limits.
var ErrLimit = exec.ErrLimit

// NewSession begins a session, the scope in which statements run.
func NewSession(v *Vocabulary, o Options) *Session { return exec.NewSession(v, o) }

// NewPlugin defines a plugin whose arguments are the fields of A; see exec.NewPlugin.
func NewPlugin[A any](spec Spec, run func(ctx context.Context, c *Call, a *A, out *Out) error) Plugin {
	return exec.NewPlugin(spec, run)
}

// NewFunction defines a function whose arguments are the fields of A.
func NewFunction[A any](spec Spec, run func(ctx context.Context, c *Call, a *A) (row.Value, error)) Function {
	return exec.NewFunction(spec, run)
}

// NewAggregate defines a function that keeps a state of type S for each place
// where it is written, and for each group.
func NewAggregate[A, S any](spec Spec, run func(ctx context.Context, c *Call, a *A, state *S) (row.Value, error)) Function {
	return exec.NewAggregate(spec, run)
}

// NewVocabulary collects what queries can call; no name may occur twice.
func NewVocabulary(plugins []Plugin, functions []Function) (*Vocabulary, error) {
	return exec.NewVocabulary(plugins, functions)
}
