package runner

import (
	"fmt"
	"strings"
	"time"

	"goshawk/row"
	"goshawk/vql"
	"goshawk/wire"
)

// logBuffer is log lines that were not sent yet.
type logBuffer struct {
	lines []byte
	count int64
	first int64 // number of the first of them in the flow
	full  bool  // the limit was reached, and said
}

// log adds a line to the flow's log. It says whether the line is an error, and
// the text without a level in front.
func (f *flow) log(level vql.Level, text string) (isError bool, message string) {
	if level == vql.Default {
		level, text = levelOf(text)
	}
	isError = level == vql.Error || f.failed.MatchString(text)
	if isError {
		level = vql.Error
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	b := &f.logs
	if b.full {
		return isError, text
	}
	if b.first+b.count >= f.limits.logLines {
		b.full = true
		level, text = vql.Warn, fmt.Sprintf("More than %d log lines: the rest is dropped", f.limits.logLines)
	}
	b.lines = appendLine(b.lines, f.r.o.Now(), level, text)
	b.count++
	return isError, text
}

// levelOf takes the level off the front of a text that has one.
func levelOf(text string) (vql.Level, string) {
	for _, l := range []vql.Level{vql.Error, vql.Warn, vql.Info, vql.Debug} {
		if rest, ok := strings.CutPrefix(text, string(l)+":"); ok {
			return l, rest
		}
	}
	return vql.Default, text
}

var lineColumns = row.NewColumns("client_time", "level", "message")

// appendLine writes a log line as the wire has it.
func appendLine(dst []byte, at time.Time, level vql.Level, text string) []byte {
	d := row.NewDict(lineColumns, []row.Value{row.Int(at.Unix()), row.String(string(level)), row.String(text)})
	return append(row.AppendJSON(dst, row.FromDict(d), nil), '\n')
}

// takeLogs returns the lines that were not sent yet, or nil.
func (f *flow) takeLogs() *wire.Logs {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := &f.logs
	if b.count == 0 {
		return nil
	}
	m := &wire.Logs{First: b.first, Count: b.count, JSONL: b.lines}
	f.logs = logBuffer{first: b.first + b.count, full: b.full}
	return m
}
