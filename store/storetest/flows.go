package storetest

import (
	"context"
	"time"

	"goshawk"
	"goshawk/store"
)

var flowTests = map[string]func(*env){
	"flows/a new one is scheduled, with its task": func(e *env) {
		c := e.enrol(1)
		f := goshawk.Flow{
			ID: flowID(1), Client: c, Creator: "ann", Artifacts: []string{"Generic.Client.Info", "X", "X"}, Created: at(5),
			State: goshawk.FlowFinished, Rows: 7, Finished: at(6), // are the store's own
		}
		e.must(e.CreateFlow(e.Context(), f, store.Task{Payload: []byte("p"), Client: "C.other", Flow: "F.other"}))
		f.State, f.Rows, f.Finished = goshawk.FlowScheduled, 0, time.Time{}
		e.twice(func() {
			e.want("flow", e.flow(c, f.ID), f)
			ts := e.waiting(c, false)
			e.want("task", ts, []store.Task{{ID: ts[0].ID, Client: c, Flow: f.ID, Start: true, Payload: []byte("p"), Created: at(5)}})
		})
	},

	"flows/an id is taken once per client": func(e *env) {
		a, b := e.enrol(1), e.enrol(2)
		const hunt = goshawk.FlowID("F.0123456789ABC.H")
		e.newFlow(a, hunt)
		e.wantErr("the same again", e.CreateFlow(e.Context(), goshawk.Flow{ID: hunt, Client: a}, store.Task{}), goshawk.ErrExists)
		e.want("tasks after the refusal", len(e.waiting(a, false)), 1)
		e.newFlow(b, hunt)
		e.wantErr("an unknown client", e.CreateFlow(e.Context(), goshawk.Flow{ID: hunt, Client: clientID(9)}, store.Task{}), goshawk.ErrNotFound)
		e.commit(a, rows(hunt, 0, 5))
		e.commit(b, rows(hunt, 0, 3))
		e.twice(func() {
			e.want("rows", []int64{e.flow(a, hunt).Rows, e.flow(b, hunt).Rows}, []int64{5, 3})
			e.want("batches", []any{e.stored(a, hunt, store.Source{Name: "S"}, 0), e.stored(b, hunt, store.Source{Name: "S"}, 0)},
				[]any{[]store.RowBatch{rows(hunt, 0, 5)}, []store.RowBatch{rows(hunt, 0, 3)}})
		})
	},

	"flows/listed from the newest on": func(e *env) {
		c, other := e.enrol(1), e.enrol(2)
		e.newFlow(other, flowID(1))
		for i, seconds := range []int{30, 10, 20, 20, 40} {
			e.must(e.CreateFlow(e.Context(), goshawk.Flow{ID: flowID(i), Client: c, Created: at(seconds)}, store.Task{}))
		}
		e.twice(func() {
			var got []goshawk.FlowID
			for before := goshawk.FlowID(""); ; {
				list, err := e.ListFlows(e.Context(), c, before, 2)
				e.must(err)
				if len(list) == 0 {
					break
				}
				for _, f := range list {
					got = append(got, f.ID)
				}
				before = got[len(got)-1]
			}
			e.want("order", got, []goshawk.FlowID{flowID(4), flowID(0), flowID(3), flowID(2), flowID(1)})
		})
		_, err := e.ListFlows(e.Context(), c, flowID(9), 2)
		e.wantErr("before a flow that is not there", err, goshawk.ErrNotFound)
		_, err = e.ListFlows(e.Context(), clientID(9), "", 2)
		e.wantErr("of a client that is not there", err, goshawk.ErrNotFound)
		_, err = e.ListFlows(e.Context(), c, "", 0)
		e.wantErr("a limit of 0", err, goshawk.ErrInvalid)
	},

	"flows/what is not there is ErrNotFound": func(e *env) {
		c, id := e.start()
		other := e.enrol(2)
		for _, miss := range []struct {
			c  goshawk.ClientID
			id goshawk.FlowID
		}{{c, flowID(9)}, {other, id}, {clientID(9), id}} {
			_, err := e.Flow(e.Context(), miss.c, miss.id)
			e.wantErr("Flow", err, goshawk.ErrNotFound)
			_, err = e.Sources(e.Context(), miss.c, miss.id)
			e.wantErr("Sources", err, goshawk.ErrNotFound)
			_, err = e.Uploads(e.Context(), miss.c, miss.id)
			e.wantErr("Uploads", err, goshawk.ErrNotFound)
			_, err = e.Parts(e.Context(), miss.c, miss.id, 0)
			e.wantErr("Parts", err, goshawk.ErrNotFound)
			_, err = e.CancelFlow(e.Context(), miss.c, miss.id, store.Cancel{At: at(1)})
			e.wantErr("CancelFlow", err, goshawk.ErrNotFound)
			for _, err := range e.Rows(e.Context(), miss.c, miss.id, store.Source{}, 0) {
				e.wantErr("Rows", err, goshawk.ErrNotFound)
			}
			for _, err := range e.Logs(e.Context(), miss.c, miss.id, 0) {
				e.wantErr("Logs", err, goshawk.ErrNotFound)
			}
		}
		_, err := e.Parts(e.Context(), c, id, 0)
		e.wantErr("Parts of a file that is not there", err, goshawk.ErrNotFound)
		e.want("rows of a source that is not there", len(e.stored(c, id, store.Source{Name: "none"}, 0)), 0)
	},

	"flows/cancelled before its task was sent": func(e *env) {
		c, id := e.start()
		f, err := e.CancelFlow(e.Context(), c, id, store.Cancel{Reason: "not needed", At: at(300), Task: store.Task{Payload: []byte("stop")}})
		e.must(err)
		want := goshawk.Flow{ID: id, Client: c, State: goshawk.FlowCancelled, Error: "not needed", Created: at(100), Finished: at(300)}
		e.want("answer", f, want)
		e.twice(func() {
			e.want("flow", e.flow(c, id), want)
			e.want("waiting", len(e.waiting(c, true)), 0)
		})
		f, err = e.CancelFlow(e.Context(), c, id, store.Cancel{Reason: "again", At: at(400), Now: true})
		e.must(err)
		e.want("cancelled again", f, want)
	},

	"flows/cancelled while it runs: the client is asked": func(e *env) {
		c, id := e.start()
		e.must(e.Sent(e.Context(), c, []int64{e.waiting(c, false)[0].ID}, at(9), false))
		e.commit(c, rows(id, 0, 1))
		f, err := e.CancelFlow(e.Context(), c, id, store.Cancel{Reason: "enough", At: at(300), Task: store.Task{Payload: []byte("stop"), Urgent: true}})
		e.must(err)
		e.want("state", f.State, goshawk.FlowRunning)
		e.twice(func() {
			ts := e.waiting(c, false)
			e.want("task", ts, []store.Task{{ID: ts[0].ID, Client: c, Flow: id, Urgent: true, Payload: []byte("stop"), Created: at(300)}})
		})
		e.must(e.Sent(e.Context(), c, []int64{e.waiting(c, false)[0].ID}, at(9), false))
		e.commit(c, store.Progress{Flow: id, Complete: true, Cancelled: true, Rows: 100})
		got := e.flow(c, id)
		e.want("state and tasks", []any{got.State, got.Tasks, got.Finished}, []any{goshawk.FlowCancelled, int64(1), at(200)})
	},

	"flows/cancelled at once when the client is not there": func(e *env) {
		c, id := e.start()
		e.must(e.Sent(e.Context(), c, []int64{e.waiting(c, false)[0].ID}, at(9), true))
		e.commit(c, rows(id, 0, 1))
		f, err := e.CancelFlow(e.Context(), c, id, store.Cancel{Reason: "gone", At: at(300), Now: true, Task: store.Task{Payload: []byte("stop")}})
		e.must(err)
		e.want("state", []any{f.State, f.Error, f.Finished, f.Rows}, []any{goshawk.FlowCancelled, "gone", at(300), int64(1)})
		e.want("waiting: it is not started again", len(e.waiting(c, true)), 0)
	},

	"flows/a context that ended is heeded": func(e *env) {
		c, id := e.start()
		ctx, cancel := context.WithCancel(e.Context())
		cancel()
		_, err := e.Flow(ctx, c, id)
		e.wantErr("Flow", err, context.Canceled)
		e.wantErr("PutUser", e.PutUser(ctx, goshawk.User{Name: "x"}), context.Canceled)
		_, err = e.Commit(ctx, store.Delivery{Client: c, Lists: []store.List{{Effects: []store.Effect{rows(id, 0, 1)}}}})
		e.wantErr("Commit", err, context.Canceled)
		for _, err := range e.Keys(ctx) {
			e.wantErr("Keys", err, context.Canceled)
		}
		e.want("rows after a withdrawn commit", e.flow(c, id).Rows, int64(0))
	},
}
