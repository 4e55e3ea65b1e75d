package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"

	"goshawk/plugin"
	"goshawk/row"
	"goshawk/vql"
	apiv1 "goshawk/web/api/v1"
)

type queryCommand struct {
	formats
	remote
	Client  string        `name:"client" placeholder:"ID" help:"Run on this client, as a flow; wait and print its rows."`
	Remote  bool          `name:"remote" help:"Run on the server that GOSHAWK_API_CONFIG names."`
	Env     []string      `name:"env" sep:"none" placeholder:"K=V" help:"A variable of the query, a string."`
	EnvFile string        `name:"env-file" type:"path" placeholder:"FILE" help:"Variables as one JSON object."`
	Strict  bool          `name:"strict" help:"End with status 4 if an error was logged."`
	Timeout time.Duration `name:"timeout" help:"Stop after this time."`
	MaxRows int64         `name:"max-rows" placeholder:"N" help:"Stop after this many rows."`
	NoWait  bool          `name:"nowait" help:"With --client: print the flow's id and do not wait."`
	VQL     []string      `arg:"" name:"vql" help:"One or more texts, each with one or more statements."`
}

// Help is shown by --help.
func (queryCommand) Help() string {
	return "Example: goshawk query 'SELECT Name, Pid FROM pslist() LIMIT 5'\n" +
		"         goshawk query --api_config ann.api.yaml --client C.1234567890abcdef 'SELECT * FROM info()'"
}

// Run runs the query where the flags say.
func (q *queryCommand) Run(ctx context.Context, all *commands) error {
	env, err := q.variables()
	if err != nil {
		return exitError{exitUsage, err}
	}
	fromEnvironment := q.APIConfig != "" && q.APIConfig == os.Getenv("GOSHAWK_API_CONFIG")
	switch {
	case q.Client != "":
		return q.onClient(ctx, all, env)
	case all.Config != "", q.Remote, q.APIConfig != "" && !fromEnvironment:
		return q.onServer(ctx, all, env)
	}
	return q.here(ctx, all, env)
}

// variables returns what --env-file and --env set; the latter wins.
func (q *queryCommand) variables() (map[string]string, error) {
	env := map[string]string{}
	if q.EnvFile != "" {
		text, err := os.ReadFile(q.EnvFile)
		if err != nil {
			return nil, err
		}
		var raw map[string]json.RawMessage
		if err := json.Unmarshal(text, &raw); err != nil {
			return nil, fmt.Errorf("%s: %w", q.EnvFile, err)
		}
		for k, v := range raw {
			var s string
			if json.Unmarshal(v, &s) != nil {
				s = string(v) // numbers and the like as they stand
			}
			env[k] = s
		}
	}
	for _, kv := range q.Env {
		k, v, ok := strings.Cut(kv, "=")
		if !ok || k == "" {
			return nil, fmt.Errorf("--env %q is not of the form K=V", kv)
		}
		env[k] = v
	}
	return env, nil
}

func sortedNames(env map[string]string) []string {
	names := make([]string, 0, len(env))
	for k := range env {
		names = append(names, k)
	}
	sort.Strings(names)
	return names
}

// text is the whole query.
func (q *queryCommand) text() string { return strings.Join(q.VQL, "\n") }

// logged prints log lines to standard error and remembers whether there were errors.
type logged struct {
	verbose bool
	errors  int
}

func (l *logged) line(level, text string) {
	if level == string(vql.Error) {
		l.errors++
	}
	if level == string(vql.Debug) && !l.verbose {
		return
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", level, cell(row.String(text), maxLogLine))
}

// maxLogLine is how much of a log line is shown.
const maxLogLine = 4000

func (q *queryCommand) status(l *logged) error {
	if q.Strict && l.errors > 0 {
		return exitError{exitStrict, fmt.Errorf("%d errors were logged", l.errors)}
	}
	return nil
}

// here runs the query in this process.
func (q *queryCommand) here(ctx context.Context, all *commands, env map[string]string) error {
	p, err := vql.Compile(q.text())
	if err != nil {
		return err
	}
	vocabulary, err := plugin.Vocabulary(plugin.Options{})
	if err != nil {
		return err
	}
	l := &logged{verbose: all.Verbose}
	o := vql.Options{
		Limits: vql.Limits{Rows: q.MaxRows, Time: q.Timeout},
		Log:    func(level vql.Level, text string) { l.line(string(level), text) },
	}
	for _, k := range sortedNames(env) {
		o.Env = append(o.Env, vql.Variable{Name: k, Value: row.String(env[k])})
	}
	s := vql.NewSession(vocabulary, o)
	defer s.Close()
	out := q.printer(os.Stdout)
	err = s.Run(ctx, p, func(_ int, b *vql.Batch) error {
		for i := range b.Len() {
			if err := out.row(b.Dict(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if closed := out.close(); err == nil && closed != nil {
		return closed
	}
	if errors.Is(err, vql.ErrLimit) || errors.Is(err, context.Canceled) {
		return exitError{exitStopped, err}
	}
	if err != nil {
		return err
	}
	return q.status(l)
}

func (q *queryCommand) limits() *apiv1.Limits {
	l := &apiv1.Limits{Rows: q.MaxRows}
	if q.Timeout > 0 {
		l.Time = durationpb.New(q.Timeout)
	}
	return l
}

func protoEnv(env map[string]string) (out []*apiv1.Variable) {
	for _, k := range sortedNames(env) {
		out = append(out, &apiv1.Variable{Name: k, Value: env[k]})
	}
	return out
}

// onServer runs the query on the server.
func (q *queryCommand) onServer(ctx context.Context, all *commands, env map[string]string) error {
	api, err := q.dial(all)
	if err != nil {
		return err
	}
	stream, err := api.queries.Run(ctx, connect.NewRequest(&apiv1.RunRequest{Vql: q.VQL, Env: protoEnv(env), Limits: q.limits()}))
	if err != nil {
		return err
	}
	defer stream.Close()
	l, out := &logged{verbose: all.Verbose}, q.printer(os.Stdout)
	for stream.Receive() {
		m := stream.Msg()
		if m.LogLevel != "" {
			l.line(m.LogLevel, m.Log)
		}
		if err := printLines(out, m.Jsonl); err != nil {
			return err
		}
	}
	if err := out.close(); err != nil {
		return err
	}
	if err := stream.Err(); err != nil {
		return stopped(err)
	}
	return q.status(l)
}

// stopped gives errors of limits and cancels their exit status.
func stopped(err error) error {
	switch connect.CodeOf(err) {
	case connect.CodeResourceExhausted, connect.CodeCanceled, connect.CodeDeadlineExceeded:
		return exitError{exitStopped, err}
	}
	return err
}

// printLines prints rows that came as JSON lines.
func printLines(out printer, lines []byte) error {
	if j, ok := out.(*jsonLines); ok {
		_, err := j.out.Write(lines)
		return err
	}
	p := row.NewParser(lines)
	for {
		v, err := p.Next()
		if errors.Is(err, errEOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("row from the server: %w", err)
		}
		if v.Kind() != row.KindDict {
			return fmt.Errorf("row from the server is a %s", v.Kind())
		}
		if err := out.row(v.Dict()); err != nil {
			return err
		}
	}
}
