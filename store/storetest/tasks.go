package storetest

import (
	"fmt"

	"goshawk"
	"goshawk/store"
)

// payloads names tasks in order.
func payloads(ts []store.Task) (s []string) {
	for _, t := range ts {
		s = append(s, string(t.Payload))
	}
	return s
}

// queue makes flows with a task each and returns the tasks.
func (e *env) queue(c goshawk.ClientID, payloads ...string) []store.Task {
	e.Helper()
	for i, p := range payloads {
		f := goshawk.Flow{ID: flowID(i), Client: c, Created: at(i)}
		e.must(e.CreateFlow(e.Context(), f, store.Task{Payload: []byte(p), Urgent: p[0] == '!', Created: at(i)}))
	}
	return e.waiting(c, false)
}

var taskTests = map[string]func(*env){
	"tasks/urgent ones first, then in order of creation": func(e *env) {
		c, other := e.enrol(1), e.enrol(2)
		e.newFlow(other, flowID(50))
		e.queue(c, "a", "!b", "c", "!d", "e")
		e.twice(func() {
			e.want("order", payloads(e.waiting(c, false)), []string{"!b", "!d", "a", "c", "e"})
			some, err := e.Waiting(e.Context(), c, false, 3)
			e.must(err)
			e.want("the first three", payloads(some), []string{"!b", "!d", "a"})
			task := some[0]
			e.want("task", task, store.Task{ID: task.ID, Client: c, Flow: flowID(1), Start: true, Urgent: true, Payload: []byte("!b"), Created: at(1)})
			none, err := e.Waiting(e.Context(), clientID(99), true, 10)
			e.must(err)
			e.want("of a client that is not there", len(none), 0)
		})
		_, err := e.Waiting(e.Context(), c, false, 0)
		e.wantErr("a limit of 0", err, goshawk.ErrInvalid)
	},

	"tasks/sent ones are forgotten and counted": func(e *env) {
		c := e.enrol(1)
		ts := e.queue(c, "a", "b", "c")
		e.must(e.Sent(e.Context(), c, []int64{ts[0].ID, ts[1].ID, 999}, at(9), false))
		e.must(e.Sent(e.Context(), c, []int64{ts[0].ID}, at(9), false)) // is gone, and not counted again
		e.must(e.Sent(e.Context(), c, nil, at(9), false))
		e.twice(func() {
			e.want("waiting", payloads(e.waiting(c, true)), []string{"c"})
			for i, want := range []int64{1, 1, 0} {
				f := e.flow(c, flowID(i))
				e.want("tasks and state", []any{f.Tasks, f.State}, []any{want, goshawk.FlowScheduled})
			}
		})
	},

	"tasks/kept ones wait for acceptance": func(e *env) {
		c := e.enrol(1)
		ts := e.queue(c, "a", "b")
		a := ts[0]
		e.must(e.Sent(e.Context(), c, []int64{a.ID}, at(9), true))
		e.twice(func() {
			e.want("not sent", payloads(e.waiting(c, false)), []string{"b"})
			all := e.waiting(c, true)
			e.want("not accepted", payloads(all), []string{"a", "b"})
			a.Sent = at(9)
			e.want("the sent one", all[0], a)
		})
		e.must(e.Sent(e.Context(), c, []int64{a.ID}, at(10), true)) // once more, after a reconnection
		e.want("tasks of the flow", e.flow(c, a.Flow).Tasks, int64(2))
		r := e.commit(c, store.TaskAccepted{Flow: flowID(0)}, store.TaskAccepted{Flow: flowID(1)}, store.TaskAccepted{Flow: flowID(7)})
		e.want("strange", r.Strange, 1)
		e.twice(func() {
			e.want("after acceptance: what was not sent stays", payloads(e.waiting(c, true)), []string{"b"})
		})
	},

	"tasks/another client's ids do nothing": func(e *env) {
		c, other := e.enrol(1), e.enrol(2)
		ts := e.queue(c, "a")
		e.must(e.Sent(e.Context(), other, []int64{ts[0].ID}, at(9), false))
		e.want("waiting", len(e.waiting(c, false)), 1)
		e.want("tasks of the flow", e.flow(c, ts[0].Flow).Tasks, int64(0))
	},

	"tasks/ids increase and are never used again": func(e *env) {
		c := e.enrol(1)
		var last int64
		for i := range 5 {
			e.newFlow(c, flowID(i))
			ts := e.waiting(c, false)
			e.want("tasks", len(ts), 1)
			if ts[0].ID <= last {
				e.Fatalf("task id %d after %d", ts[0].ID, last)
			}
			last = ts[0].ID
			e.must(e.Sent(e.Context(), c, []int64{last}, at(9), false))
			e.reopen()
		}
	},

	"tasks/a flow that ended needs none": func(e *env) {
		c := e.enrol(1)
		ts := e.queue(c, "a")
		e.must(e.Sent(e.Context(), c, []int64{ts[0].ID}, at(9), true))
		e.commit(c, store.Progress{Flow: flowID(0), Complete: true})
		e.want("waiting", len(e.waiting(c, true)), 0)
	},

	"tasks/any bytes are a payload": func(e *env) {
		c := e.enrol(1)
		for i, p := range [][]byte{nil, {0}, make([]byte, 1<<20)} {
			e.must(e.CreateFlow(e.Context(), goshawk.Flow{ID: flowID(i), Client: c, Created: at(i)}, store.Task{Payload: p}))
		}
		e.twice(func() {
			var sizes []int
			for _, t := range e.waiting(c, false) {
				sizes = append(sizes, len(t.Payload))
			}
			e.want("sizes", fmt.Sprint(sizes), fmt.Sprint([]int{0, 1, 1 << 20}))
		})
	},
}
