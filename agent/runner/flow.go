package runner

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"goshawk/agent/spool"
	"goshawk/wire"
)

// cancelled is why a flow ends that somebody cancelled.
type cancelled struct{ by string }

func (c cancelled) Error() string {
	if c.by == "" {
		return "Cancelled"
	}
	return "Cancelled by " + c.by
}

// flow is one run of a request.
type flow struct {
	r      *Runner
	id     string
	urgent bool
	ctx    context.Context
	cancel context.CancelCauseFunc
	limits limits
	failed *regexp.Regexp // log lines that are errors

	mu          sync.Mutex // guards the fields below
	waiting     []*collection
	collections []*collection
	logs        logBuffer
	uploads     map[uploadKey]*uploadSlot
	nextUpload  int64
	rows        int64 // of all collections
	uploaded    int64 // bytes of all files
}

// limits are those of the flow as a whole. Zero is none.
type limits struct {
	rows, uploadBytes, logLines int64
	logEvery, statsEvery        time.Duration
	compress                    bool
}

// defaultLogLines is how many log lines a flow keeps if the request does not say.
const defaultLogLines = 100_000

// defaultErrors are the log lines that count as errors if the request does not
// say, beside those of level ERROR.
const defaultErrors = `(?i)(Error:|Symbol.+?not found|Expecting a path arg type, not|Field.+?is required|Unexpected arg)`

func newFlow(r *Runner, id string, req *wire.FlowRequest, urgent bool) *flow {
	f := &flow{r: r, id: id, urgent: urgent, uploads: map[uploadKey]*uploadSlot{}}
	f.ctx, f.cancel = context.WithCancelCause(r.life)
	f.limits = limits{
		rows: req.MaxRows, uploadBytes: req.MaxUploadBytes, logLines: req.MaxLogLines,
		logEvery: req.LogEvery, statsEvery: req.StatsEvery, compress: req.Compress,
	}
	f.limits.logEvery = orDefault(f.limits.logEvery, r.o.LogEvery)
	f.limits.statsEvery = orDefault(f.limits.statsEvery, r.o.StatsEvery)
	f.limits.logLines = orDefault(f.limits.logLines, defaultLogLines)
	f.failed = errorPattern(req.ErrorPattern)
	f.add(req)
	return f
}

func orDefault[T int64 | time.Duration](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}

// errorPattern compiles a request's pattern; one that is none is left out, and
// the default holds.
func errorPattern(text string) *regexp.Regexp {
	if text != "" {
		if re, err := regexp.Compile(text); err == nil {
			return re
		}
	}
	return regexp.MustCompile(defaultErrors)
}

// add gives the flow the collections of a further request.
func (f *flow) add(req *wire.FlowRequest) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range req.Collections {
		c := newCollection(f, len(f.collections), &req.Collections[i])
		f.collections = append(f.collections, c)
		f.waiting = append(f.waiting, c)
	}
}

// run runs the flow's collections side by side and reports the end.
func (f *flow) run() {
	defer f.cancel(nil)
	if !f.urgent {
		select {
		case f.r.slots <- struct{}{}:
			defer func() { <-f.r.slots }()
		case <-f.ctx.Done():
		}
	}
	ticked := make(chan struct{})
	over := make(chan struct{})
	go func() { defer close(ticked); f.ticks(over) }() // ends when over is closed, awaited below
	for batch := f.take(); len(batch) > 0; batch = f.take() {
		var wg sync.WaitGroup
		for _, c := range batch {
			wg.Go(c.run)
		}
		wg.Wait()
	}
	close(over)
	<-ticked
	f.finish()
}

// take returns the collections that wait to be run.
func (f *flow) take() []*collection {
	f.mu.Lock()
	defer f.mu.Unlock()
	batch := f.waiting
	f.waiting = nil
	return batch
}

// ticks sends logs, part-full batches of rows and progress while the flow runs.
func (f *flow) ticks(over <-chan struct{}) {
	logs := time.NewTicker(max(f.limits.logEvery, 100*time.Millisecond))
	defer logs.Stop()
	stats := time.NewTicker(max(f.limits.statsEvery, 100*time.Millisecond))
	defer stats.Stop()
	for {
		select {
		case <-logs.C:
			f.tick(false)
		case <-stats.C:
			f.tick(true)
		case <-over:
			return
		}
	}
}

func (f *flow) tick(progress bool) {
	var rows, rest []wire.Message
	for _, c := range f.all() {
		rows = append(rows, c.due()...)
	}
	if logs := f.takeLogs(); logs != nil {
		rest = append(rest, wire.Message{Session: f.id, Body: logs})
	}
	if progress {
		stats := f.stats(false)
		rest = append(rest, wire.Message{Session: f.id, Body: &stats})
	}
	// An error means that the flow ends, which its end reports.
	_ = f.spool(f.ctx, rows, rest)
}

func (f *flow) all() []*collection {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*collection(nil), f.collections...)
}

// finish sends what is left and says that nothing more runs: all at once, so
// that a short flow takes one packet.
func (f *flow) finish() {
	var rows, rest []wire.Message
	dropped := f.wasCancelled()
	for _, c := range f.all() {
		if last := c.rest(); !dropped {
			rows = append(rows, last...)
		}
	}
	if logs := f.takeLogs(); logs != nil {
		rest = append(rest, wire.Message{Session: f.id, Body: logs})
	}
	stats := f.stats(true)
	rest = append(rest, wire.Message{Session: f.id, Body: &stats})
	if err := f.spool(f.r.life, rows, rest); err != nil {
		f.r.o.Log.Warn("end of a flow not spooled", "flow", f.id, "error", err)
	}
}

func (f *flow) wasCancelled() bool {
	var c cancelled
	return errors.As(context.Cause(f.ctx), &c)
}

// spool puts messages into the spool together: rows and files of a flow that is
// cancelled are thrown away there, logs and states are kept.
func (f *flow) spool(ctx context.Context, droppable, kept []wire.Message) error {
	var entries []spool.Entry
	for i, ms := range [][]wire.Message{droppable, kept} {
		if len(ms) == 0 {
			continue
		}
		list, err := f.r.o.Pack(ms)
		if err != nil {
			return fmt.Errorf("pack messages of %s: %w", f.id, err)
		}
		entries = append(entries, spool.Entry{Session: f.id, Keep: i == 1, List: list})
	}
	if len(entries) == 0 {
		return nil
	}
	return f.r.o.Outbox.Add(ctx, entries...)
}

// stats is the state of all collections.
func (f *flow) stats(complete bool) wire.Stats {
	s := wire.Stats{Complete: complete}
	for _, c := range f.all() {
		s.Queries = append(s.Queries, c.status())
	}
	return s
}

// countRows counts rows about to be sent and says how many of them the flow's
// limit lets through.
func (f *flow) countRows(n int64) (allowed int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	allowed = n
	if max := f.limits.rows; max > 0 {
		allowed = min(n, max-f.rows)
	}
	f.rows += allowed
	return allowed
}

// countUpload counts bytes of a file about to be sent and says whether the
// flow's limit lets them through.
func (f *flow) countUpload(n int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if max := f.limits.uploadBytes; max > 0 && f.uploaded+n > max {
		return false
	}
	f.uploaded += n
	return true
}
