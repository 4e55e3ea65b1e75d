// Package vqltest runs text scripts of queries and what they should yield.
//
// A script is a file of blocks that a line ==== separates:
//
//	# the third and last number
//	SELECT _value FROM range(end=4)
//	WHERE _value > 2 OR nothing
//	---
//	{"_value":3}
//	log ERROR: Symbol nothing not found
//
// Above the line --- stand the statements, below it the rows of all of them as
// JSON lines, in order, and then, in any order:
//
//	log LEVEL: text    a log line of that level which contains the text
//	error: text        the session ended with an error that contains the text
//
// A block fails as well when a line of level WARN, ERROR or ALERT is logged
// that it does not expect. Lines that begin with # are comments. $DIR stands
// for a fresh folder, and other names for what Options.Vars says; both are also
// written in place of those values in what the queries yield. A folder's name
// belongs into ”'$DIR”' where scripts run on Windows too.
//
// go test -update writes what came out below the line --- of every block.
//
// Query is for tests that look at values themselves.
package vqltest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"goshawk/row"
	"goshawk/vql"
)

var update = flag.Bool("update", false, "write what came out into the scripts")

// Options of Run. The zero value works.
type Options struct {
	Env   []vql.Variable                  // names that each block's scope begins with
	Vars  map[string]string               // replaced where $NAME stands in a script
	Setup func(t *testing.T, dir string)  // fills $DIR of a script
	Tune  func(o vql.Options) vql.Options // changes a block's session
}

// Query runs a text in a session of its own that begins with env, and returns
// its rows and its log lines, each as "LEVEL: text".
func Query(t testing.TB, v *vql.Vocabulary, text string, env ...vql.Variable) (rows []*row.Dict, logs []string) {
	t.Helper()
	p, err := vql.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	s := vql.NewSession(v, vql.Options{Env: env, Log: func(l vql.Level, text string) {
		logs = append(logs, fmt.Sprintf("%s: %s", l, text))
	}})
	defer s.Close()
	err = s.Run(t.Context(), p, func(_ int, b *vql.Batch) error {
		for i := range b.Len() {
			rows = append(rows, b.Dict(i))
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return rows, logs
}

const (
	blockLine  = "===="
	resultLine = "---"
)

// Run runs the scripts that match a pattern of package filepath, each as a
// subtest with a folder of its own, and each block in a session of its own.
func Run(t *testing.T, v *vql.Vocabulary, pattern string, o Options) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts match %s: %v", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), func(t *testing.T) {
			runFile(t, v, file, o)
		})
	}
}

func runFile(t *testing.T, v *vql.Vocabulary, file string, o Options) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if o.Setup != nil {
		o.Setup(t, dir)
	}
	names := variables(dir, o.Vars)
	var blocks []string
	line := 1
	for _, block := range strings.Split(string(text), "\n"+blockLine+"\n") {
		query, want, _ := strings.Cut(block+"\n", "\n"+resultLine+"\n")
		got := run(t, v, names.in(query), o)
		got.hide(names)
		if *update {
			blocks = append(blocks, query+"\n"+resultLine+"\n"+got.String())
		} else if problem := got.compare(want); problem != "" {
			t.Errorf("%s:%d: %s\n%s", file, line, strings.TrimSpace(query), problem)
		}
		line += strings.Count(block, "\n") + 2
	}
	if new := strings.Join(blocks, blockLine+"\n"); *update && new != string(text) {
		if err := os.WriteFile(file, []byte(new), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// vars is names and values in turn, the longest name first.
type vars []string

func variables(dir string, others map[string]string) (out vars) {
	all := map[string]string{"DIR": dir}
	maps.Copy(all, others)
	for _, name := range slices.SortedFunc(maps.Keys(all), func(a, b string) int { return len(b) - len(a) }) {
		out = append(out, "$"+name, all[name])
	}
	return out
}

func (v vars) in(text string) string { return strings.NewReplacer(v...).Replace(text) }

// outOf puts names in place of values, also of those that JSON has escaped.
func (v vars) outOf(text string) string {
	for i := 0; i < len(v); i += 2 {
		if v[i+1] == "" {
			continue
		}
		escaped := string(row.AppendJSON(nil, row.String(v[i+1]), nil))
		text = strings.ReplaceAll(text, escaped[1:len(escaped)-1], v[i])
		text = strings.ReplaceAll(text, v[i+1], v[i])
	}
	return text
}

// outcome is what a block yields.
type outcome struct {
	rows []string
	logs []string // "LEVEL: text"
	err  string
}

func run(t *testing.T, v *vql.Vocabulary, text string, o Options) *outcome {
	out := &outcome{}
	var lines []string
	for l := range strings.Lines(text) {
		if !strings.HasPrefix(l, "#") {
			lines = append(lines, l)
		}
	}
	p, err := vql.Compile(strings.Join(lines, ""))
	if err != nil {
		out.err = err.Error()
		return out
	}
	opts := vql.Options{Env: o.Env, Log: func(l vql.Level, text string) {
		out.logs = append(out.logs, fmt.Sprintf("%s: %s", l, text))
	}}
	if o.Tune != nil {
		opts = o.Tune(opts)
	}
	s := vql.NewSession(v, opts)
	defer s.Close()
	err = s.Run(context.WithoutCancel(t.Context()), p, func(_ int, b *vql.Batch) error {
		for l := range bytes.Lines(b.AppendJSONL(nil, nil)) {
			out.rows = append(out.rows, string(bytes.TrimSpace(l)))
		}
		return nil
	})
	if err != nil {
		out.err = err.Error()
	}
	return out
}

func (o *outcome) hide(names vars) {
	for _, list := range [][]string{o.rows, o.logs} {
		for i := range list {
			list[i] = names.outOf(list[i])
		}
	}
	o.err = names.outOf(o.err)
}

func isGrave(line string) bool {
	return strings.HasPrefix(line, "WARN: ") || strings.HasPrefix(line, "ERROR: ") || strings.HasPrefix(line, "ALERT: ")
}

// String is the outcome as a script has it.
func (o *outcome) String() string {
	var b strings.Builder
	for _, r := range o.rows {
		b.WriteString(r + "\n")
	}
	for _, l := range o.logs {
		if isGrave(l) {
			b.WriteString("log " + strings.ReplaceAll(l, "\n", `\n`) + "\n")
		}
	}
	if o.err != "" {
		first, _, _ := strings.Cut(o.err, "\n")
		b.WriteString("error: " + first + "\n")
	}
	return b.String()
}

// compare tells how the outcome differs from what a script wants.
func (o *outcome) compare(want string) string {
	var rows []string
	wantErr, unexpected, problems := "", slices.DeleteFunc(slices.Clone(o.logs), func(l string) bool { return !isGrave(l) }), []string(nil)
	for line := range strings.Lines(want) {
		line = strings.TrimSpace(line)
		if l, ok := strings.CutPrefix(line, "log "); ok {
			if !slices.ContainsFunc(o.logs, func(have string) bool { return matches(have, l) }) {
				problems = append(problems, "missing log line: "+l)
			}
			unexpected = slices.DeleteFunc(unexpected, func(have string) bool { return matches(have, l) })
		} else if e, ok := strings.CutPrefix(line, "error: "); ok {
			wantErr = e
		} else if line != "" && !strings.HasPrefix(line, "#") {
			rows = append(rows, canonical(line))
		}
	}
	if !slices.Equal(o.rows, rows) {
		problems = append(problems, "got rows:\n"+strings.Join(o.rows, "\n")+"\nwant rows:\n"+strings.Join(rows, "\n"))
	}
	for _, l := range unexpected {
		problems = append(problems, "unexpected log line: "+l)
	}
	if !strings.Contains(o.err, wantErr) || (o.err == "") != (wantErr == "") {
		problems = append(problems, fmt.Sprintf("got error %q, want %q", o.err, wantErr))
	}
	return strings.Join(problems, "\n")
}

// matches says whether a log line is of the level and contains the text of "LEVEL: text".
func matches(have, want string) bool {
	level, text, _ := strings.Cut(want, ": ")
	haveLevel, haveText, _ := strings.Cut(have, ": ")
	return level == haveLevel && strings.Contains(strings.ReplaceAll(haveText, "\n", `\n`), text)
}

// canonical writes a row of a script as the engine would.
func canonical(line string) string {
	v, err := row.ParseJSON([]byte(line))
	if err != nil {
		return line
	}
	return string(row.AppendJSON(nil, v, nil))
}
