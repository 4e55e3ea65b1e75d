package storetest

import (
	"fmt"

	"goshawk"
	"goshawk/store"
)

// stateCase is what a client says of a flow, packet by packet, and what the
// flow is afterwards.
type stateCase struct {
	packets [][]store.Effect
	state   goshawk.FlowState
	err     string
	rows    int64
}

// stateCases use flow 1.
func stateCases() map[string]stateCase {
	id := flowID(1)
	part := func(number int64, last bool) store.Effect {
		return store.UploadPart{Upload: goshawk.Upload{Flow: id, Number: number, StoredSize: 10}, Part: store.Part{Length: 10}, Last: last}
	}
	hash := func(number int64) store.Effect { return store.UploadDone{Flow: id, Number: number} }
	complete := func(rows, uploads int64) store.Effect {
		return store.Progress{Flow: id, Complete: true, Rows: rows, Uploads: uploads}
	}
	log := func(err string) store.Effect {
		return store.LogBatch{Flow: id, Count: 1, JSONL: []byte("x\n"), Error: err}
	}
	type p = []store.Effect
	return map[string]stateCase{
		"progress begins it":                {[][]store.Effect{p{store.Progress{Flow: id}}}, goshawk.FlowRunning, "", 0},
		"logs begin it":                     {[][]store.Effect{p{log("")}}, goshawk.FlowRunning, "", 0},
		"a file begins it":                  {[][]store.Effect{p{part(0, false)}}, goshawk.FlowRunning, "", 0},
		"rows before completion":            {[][]store.Effect{p{rows(id, 0, 5)}, p{complete(5, 0)}}, goshawk.FlowFinished, "", 5},
		"completion before rows":            {[][]store.Effect{p{complete(5, 0)}, p{rows(id, 0, 5)}}, goshawk.FlowFinished, "", 5},
		"completion and rows at once":       {[][]store.Effect{p{complete(5, 0), rows(id, 0, 5)}}, goshawk.FlowFinished, "", 5},
		"rows are missing":                  {[][]store.Effect{p{rows(id, 0, 4)}, p{complete(5, 0)}}, goshawk.FlowRunning, "", 4},
		"the last of many rows":             {[][]store.Effect{p{complete(5, 0)}, p{rows(id, 0, 4)}, p{rows(id, 4, 1)}}, goshawk.FlowFinished, "", 5},
		"no rows at all":                    {[][]store.Effect{p{complete(0, 0)}}, goshawk.FlowFinished, "", 0},
		"a file is missing":                 {[][]store.Effect{p{complete(0, 1)}}, goshawk.FlowRunning, "", 0},
		"a file has begun":                  {[][]store.Effect{p{complete(0, 1)}, p{part(0, false)}}, goshawk.FlowRunning, "", 0},
		"a file is whole, not done":         {[][]store.Effect{p{complete(0, 1)}, p{part(0, true)}}, goshawk.FlowRunning, "", 0},
		"a file is done":                    {[][]store.Effect{p{complete(0, 1)}, p{part(0, true), hash(0)}}, goshawk.FlowFinished, "", 0},
		"one of two files":                  {[][]store.Effect{p{part(1, true), hash(1)}, p{complete(0, 2)}}, goshawk.FlowRunning, "", 0},
		"an error ends as error":            {[][]store.Effect{p{store.Progress{Flow: id, Error: "bad"}}, p{complete(0, 0)}}, goshawk.FlowError, "bad", 0},
		"an error keeps it running":         {[][]store.Effect{p{store.Progress{Flow: id, Error: "bad"}}}, goshawk.FlowRunning, "bad", 0},
		"the first error stays":             {[][]store.Effect{p{log("one"), store.Progress{Flow: id, Error: "two"}}, p{log("three"), complete(0, 0)}}, goshawk.FlowError, "one", 0},
		"an error comes with completion":    {[][]store.Effect{p{store.Progress{Flow: id, Complete: true, Error: "bad"}}}, goshawk.FlowError, "bad", 0},
		"an error in the last rows' packet": {[][]store.Effect{p{complete(1, 0)}, p{rows(id, 0, 1), log("late")}}, goshawk.FlowError, "late", 1},
		"an error after the end":            {[][]store.Effect{p{complete(0, 0)}, p{log("late")}}, goshawk.FlowFinished, "", 0},
		"rows after the end":                {[][]store.Effect{p{complete(0, 0)}, p{rows(id, 0, 7)}}, goshawk.FlowFinished, "", 7},
		"cancelled ends at once":            {[][]store.Effect{p{rows(id, 0, 1)}, p{store.Progress{Flow: id, Complete: true, Cancelled: true, Rows: 9, Uploads: 9}}}, goshawk.FlowCancelled, "", 1},
		"rows after the cancellation":       {[][]store.Effect{p{store.Progress{Flow: id, Complete: true, Cancelled: true}}, p{rows(id, 0, 3)}, p{complete(3, 0)}}, goshawk.FlowCancelled, "", 3},
		"cancelled but not complete":        {[][]store.Effect{p{store.Progress{Flow: id, Cancelled: true}}}, goshawk.FlowRunning, "", 0},
		"completion, then an older word":    {[][]store.Effect{p{complete(2, 0)}, p{store.Progress{Flow: id, Rows: 1}}, p{rows(id, 0, 2)}}, goshawk.FlowFinished, "", 2},
		"completion corrected by another":   {[][]store.Effect{p{complete(9, 0)}, p{complete(2, 0)}, p{rows(id, 0, 2)}}, goshawk.FlowFinished, "", 2},
		"a claim below zero":                {[][]store.Effect{p{complete(-5, -5)}}, goshawk.FlowFinished, "", 0},
		"a gap in the rows":                 {[][]store.Effect{p{rows(id, 0, 1), rows(id, 50, 1)}, p{complete(2, 0)}}, goshawk.FlowFinished, "", 2},
	}
}

var stateTests = func() map[string]func(*env) {
	tests := map[string]func(*env){
		"states/started is when the agent was first heard": started,
		"states/every final state stays":                   finalStays,
	}
	for name, sc := range stateCases() {
		tests["states/"+name] = func(e *env) { sc.run(e) }
	}
	return tests
}()

func (sc stateCase) run(e *env) {
	c, id := e.start()
	for i, effects := range sc.packets {
		e.commit(c, effects...)
		if i == 0 {
			e.reopen()
		}
	}
	e.twice(func() {
		f := e.flow(c, id)
		e.want("state, error and rows", []any{f.State, f.Error, f.Rows}, []any{sc.state, sc.err, sc.rows})
		e.want("finished is set", !f.Finished.IsZero(), sc.state.Final())
		e.want("packets", f.Packets, int64(len(sc.packets)))
	})
}

func started(e *env) {
	c, id := e.start()
	e.commit(c, store.Progress{Flow: id, Started: at(150)})
	e.commit(c, store.Progress{Flow: id, Started: at(170)})
	second := e.newFlow(c, flowID(2))
	e.commit(c, rows(second, 0, 1), store.Progress{Flow: second, Started: at(150)})
	e.want("by the agent's word", e.flow(c, id).Started, at(150))
	e.want("by its rows", e.flow(c, second).Started, at(200))
}

func finalStays(e *env) {
	c := e.enrol(1)
	for i, end := range []store.Progress{{Complete: true}, {Complete: true, Error: "e"}, {Complete: true, Cancelled: true}} {
		id := e.newFlow(c, flowID(i))
		end.Flow = id
		e.commit(c, end)
		was := e.flow(c, id)
		for _, p := range []store.Progress{{Error: "x"}, {Complete: true, Cancelled: true}, {Complete: true, Error: "y", Rows: 5}} {
			p.Flow = id
			e.commit(c, p)
		}
		got := e.flow(c, id)
		got.Packets = was.Packets
		e.want(fmt.Sprint("flow that was ", was.State), got, was)
	}
}
