package storetest

import (
	"bytes"
	"fmt"
	"math"

	"goshawk"
	"goshawk/store"
)

var ingestTests = map[string]func(*env){
	"ingest/rows come back as they were committed": func(e *env) {
		c, id := e.start()
		var want []store.RowBatch
		for i, coding := range []store.Coding{store.Plain, store.Zlib, store.Zstd} {
			b := rows(id, int64(i*10), 10)
			b.Coding, b.Data, b.Raw = coding, bytes.Repeat([]byte{0, 255, '\n', byte(i)}, 100_000), 1<<40
			want = append(want, b)
			r := e.commit(c, b)
			e.want("receipt", r, store.Receipt{Changed: []goshawk.Flow{e.flow(c, id)}})
		}
		e.twice(func() {
			f := e.flow(c, id)
			e.want("counters", []int64{f.Rows, f.Batches, f.Packets, f.Logs}, []int64{30, 3, 3, 0})
			e.want("state", []any{f.State, f.Started}, []any{goshawk.FlowRunning, at(200)})
			of := store.Source{Name: "S"}
			for from, first := range map[int64]int{-5: 0, 0: 0, 9: 0, 10: 1, 15: 1, 29: 2, 30: 3, math.MaxInt64: 3} {
				got := e.stored(c, id, of, from)
				if len(got) != 3-first {
					e.Errorf("%d batches from row %d, want %d", len(got), from, 3-first)
				} else if len(got) > 0 {
					e.want("batches", got, want[first:])
				}
			}
			seq := e.Rows(e.Context(), c, id, of, 0)
			for range 2 { // the sequence can be run through again, and left early
				for b, err := range seq {
					e.must(err)
					e.want("first batch", b.First, int64(0))
					break
				}
			}
		})
	},

	"ingest/result sets are kept apart by action and name": func(e *env) {
		c, id := e.start()
		var effects []store.Effect
		for _, of := range []store.Source{{Action: 1, Name: "B"}, {Action: 0, Name: "B"}, {Action: 0, Name: ""}, {Action: 10, Name: "A"}, {Action: 0, Name: "A"}} {
			b := rows(id, 0, int64(of.Action)+2)
			b.Action, b.Source = of.Action, of.Name
			effects = append(effects, b)
		}
		e.commit(c, effects...)
		want := []store.Source{{Action: 0, Name: "", Rows: 2}, {Action: 0, Name: "A", Rows: 2}, {Action: 0, Name: "B", Rows: 2}, {Action: 1, Name: "B", Rows: 3}, {Action: 10, Name: "A", Rows: 12}}
		e.twice(func() {
			got, err := e.Sources(e.Context(), c, id)
			e.must(err)
			e.want("sources", got, want)
			for _, of := range want {
				bs := e.stored(c, id, of, 0)
				if len(bs) != 1 || bs[0].Count != of.Rows || bs[0].Action != of.Action || bs[0].Source != of.Name {
					e.Errorf("batches of %v: %+v", of, bs)
				}
			}
			e.want("rows", e.flow(c, id).Rows, int64(21))
		})
	},

	"ingest/a batch is repeated if its first row is not beyond the end": func(e *env) {
		c, id := e.start()
		for _, step := range []struct {
			first, count int64
			repeated     int
		}{{0, 10, 0}, {0, 10, 1}, {5, 10, 1}, {9, 1, 1}, {10, 5, 0}, {100, 5, 0}, {20, 5, 1}, {104, 9, 1}, {105, 1, 0}} {
			r := e.commit(c, rows(id, step.first, step.count))
			e.want(fmt.Sprintf("repeated at %d+%d", step.first, step.count), r.Repeated, step.repeated)
			e.want("changed", len(r.Changed), 1-step.repeated)
		}
		e.twice(func() {
			f := e.flow(c, id)
			e.want("counters", []int64{f.Rows, f.Batches, f.Packets}, []int64{21, 4, 4})
			var firsts []int64
			for _, b := range e.stored(c, id, store.Source{Name: "S"}, 12) {
				firsts = append(firsts, b.First)
			}
			e.want("batches from row 12", firsts, []int64{10, 100, 105})
			e.want("batches from row 50, in the gap", len(e.stored(c, id, store.Source{Name: "S"}, 50)), 2)
		})
	},

	"ingest/no rows are no batch": func(e *env) {
		c, id := e.start()
		for range 2 {
			e.want("receipt", len(e.commit(c, rows(id, 0, 0)).Changed), 1)
		}
		e.commit(c, rows(id, 0, 1))
		f := e.flow(c, id)
		e.want("counters", []int64{f.Rows, f.Batches, f.Packets}, []int64{1, 1, 3})
	},

	"ingest/numbers that make no sense are strange": func(e *env) {
		c, id := e.start()
		for _, b := range []store.RowBatch{rows(id, -1, 5), rows(id, 0, -5), rows(id, math.MaxInt64, 1), rows(id, math.MinInt64, 1)} {
			e.want("receipt", e.commit(c, b), store.Receipt{Strange: 1})
		}
		e.want("receipt", e.commit(c, store.LogBatch{Flow: id, Count: -1, JSONL: []byte("x")}), store.Receipt{Strange: 1})
		e.want("state", e.flow(c, id).State, goshawk.FlowScheduled)
	},

	"ingest/effects of flows that the client does not have are left out": func(e *env) {
		c, id := e.start()
		other := e.enrol(2)
		e.newFlow(other, flowID(2))
		r := e.commit(c, rows(flowID(2), 0, 1), rows(id, 0, 1), store.LogBatch{Flow: "F.x", Count: 1, JSONL: []byte("x")},
			store.Progress{Flow: flowID(2), Complete: true}, store.UploadDone{Flow: flowID(2)}, store.TaskAccepted{Flow: flowID(2)},
			store.UploadPart{Upload: goshawk.Upload{Flow: flowID(2), Client: other}, Part: store.Part{Length: 1}})
		e.want("receipt", []int{r.Strange, r.Repeated, len(r.Changed)}, []int{6, 0, 1})
		e.twice(func() {
			e.want("rows of the client's flow", e.flow(c, id).Rows, int64(1))
			f := e.flow(other, flowID(2))
			e.want("the other client's flow", []any{f.State, f.Rows, f.Packets}, []any{goshawk.FlowScheduled, int64(0), int64(0)})
			e.want("its task", len(e.waiting(other, false)), 1)
		})
	},

	"ingest/a client that is not there is ErrNotFound": func(e *env) {
		_, err := e.Commit(e.Context(), store.Delivery{Client: clientID(9), At: at(1)})
		e.wantErr("Commit", err, goshawk.ErrNotFound)
	},

	"ingest/a packet counts once for each flow of which it brings something": func(e *env) {
		c, id := e.start()
		second := e.newFlow(c, flowID(2))
		third := e.newFlow(c, flowID(3))
		r := e.deliver(c, store.LaneNormal,
			store.List{Key: keyOf("1"), Effects: []store.Effect{rows(id, 0, 1), rows(id, 1, 1), rows(second, 0, 1)}},
			store.List{Key: keyOf("2"), Effects: []store.Effect{rows(id, 2, 1), store.LogBatch{Flow: id, Count: 2, JSONL: []byte("a\nb\n")}}})
		e.want("changed", r.Changed, []goshawk.Flow{e.flow(c, id), e.flow(c, second)})
		f := e.flow(c, id)
		e.want("counters", []int64{f.Packets, f.Batches, f.Rows, f.Logs}, []int64{1, 3, 3, 2})
		e.want("packets of the others", []int64{e.flow(c, second).Packets, e.flow(c, third).Packets}, []int64{1, 0})
		e.commit(c, store.UploadDone{Flow: third}) // the server's own word
		e.want("packets", e.flow(c, third).Packets, int64(0))
	},

	"ingest/a list is repeated by its key, in its lane, from its client": func(e *env) {
		c, id := e.start()
		other := e.enrol(2)
		e.newFlow(other, id)
		list := store.List{Key: keyOf("same"), Effects: []store.Effect{store.LogBatch{Flow: id, Count: 1, JSONL: []byte("l\n")}}}
		e.want("first", e.deliver(c, store.LaneNormal, list).Repeated, 0)
		e.twice(func() {
			r := e.deliver(c, store.LaneNormal, list)
			e.want("again", []int{r.Repeated, len(r.Changed)}, []int{1, 0})
		})
		e.want("other lane", e.deliver(c, store.LaneUrgent, list).Repeated, 0)
		e.want("other lane again", e.deliver(c, store.LaneUrgent, list).Repeated, 1)
		e.want("other client", e.deliver(other, store.LaneNormal, list).Repeated, 0)
		e.want("reader lane", e.deliver(c, store.LaneReader, list).Repeated, 0)
		e.want("reader lane again", e.deliver(c, store.LaneReader, list).Repeated, 0)
		e.want("and the first still", e.deliver(c, store.LaneNormal, list).Repeated, 1)
		f := e.flow(c, id)
		e.want("logs and packets", []int64{f.Logs, f.Packets}, []int64{4, 4})
	},

	"ingest/part of a packet can be repeated": func(e *env) {
		c, id := e.start()
		line := func(name string) store.List {
			return store.List{Key: keyOf(name), Effects: []store.Effect{store.LogBatch{Flow: id, Count: 1, JSONL: []byte(name)}}}
		}
		e.deliver(c, store.LaneNormal, line("a"), line("b"))
		r := e.deliver(c, store.LaneNormal, line("b"), line("c"), line("a"))
		e.want("receipt", []int{r.Repeated, len(r.Changed)}, []int{2, 1})
		e.want("repeated", e.deliver(c, store.LaneNormal, line("c"), line("b"), line("a")).Repeated, 3)
		e.want("logs", e.flow(c, id).Logs, int64(3))
	},

	"ingest/the same list twice in one packet is said twice": func(e *env) {
		c, id := e.start()
		list := store.List{Key: keyOf("k"), Effects: []store.Effect{store.LogBatch{Flow: id, Count: 1, JSONL: []byte("x")}}}
		e.want("repeated", e.deliver(c, store.LaneNormal, list, list).Repeated, 0)
		e.want("repeated again", e.deliver(c, store.LaneNormal, list, list).Repeated, 2)
		e.want("logs", e.flow(c, id).Logs, int64(2))
	},

	"ingest/the last few packets' keys are kept": func(e *env) {
		c, id := e.start()
		packet := func(i int) int {
			return e.deliver(c, store.LaneUrgent,
				store.List{Key: keyOf(fmt.Sprint("p", i)), Effects: []store.Effect{store.LogBatch{Flow: id, Count: 1, JSONL: []byte("x")}}},
				store.List{Key: keyOf(fmt.Sprint("q", i))}).Repeated
		}
		for i := range store.KeptPackets {
			e.want("new packet", packet(i), 0)
		}
		e.twice(func() {
			for i := range store.KeptPackets {
				e.want(fmt.Sprint("packet again: ", i), packet(i), 2)
			}
		})
		e.want("one more", packet(100), 0)
		e.want("the second oldest is known", packet(1), 2)
		e.want("the oldest is forgotten", packet(0), 0)
	},

	"ingest/a repeated list that brings more is not looked at": func(e *env) {
		c, id := e.start()
		key := keyOf("k")
		e.deliver(c, store.LaneNormal, store.List{Key: key})
		e.deliver(c, store.LaneNormal, store.List{Key: key, Effects: []store.Effect{rows(id, 0, 1)}})
		e.want("rows", e.flow(c, id).Rows, int64(0))
	},

	"ingest/logs come back in the order in which they came": func(e *env) {
		c, id := e.start()
		var want []store.LogBatch
		for i := range 5 {
			b := store.LogBatch{Flow: id, Count: int64(i + 1), JSONL: bytes.Repeat([]byte{byte('a' + i)}, 200_000), Seq: 77}
			if i == 2 {
				b.Error = "it broke"
			}
			e.commit(c, b)
			b.Seq = int64(i)
			want = append(want, b)
		}
		e.commit(c, store.LogBatch{Flow: id, Error: "second error"})
		e.twice(func() {
			for _, from := range []int64{0, 3, 5} {
				var got []store.LogBatch
				for b, err := range e.Logs(e.Context(), c, id, from) {
					e.must(err)
					got = append(got, b)
				}
				if len(got) != int(5-from) || len(got) > 0 && fmt.Sprint(got) != fmt.Sprint(want[from:]) {
					e.Errorf("%d batches of logs from %d, want %d as they were", len(got), from, 5-from)
				}
			}
			f := e.flow(c, id)
			e.want("flow", []any{f.Logs, f.Batches, f.Error, f.State}, []any{int64(15), int64(0), "it broke", goshawk.FlowRunning})
		})
	},

	"ingest/a delivery is a sighting if it says from where": func(e *env) {
		c, _ := e.start()
		_, err := e.Commit(e.Context(), store.Delivery{Client: c, At: at(500)})
		e.must(err)
		got, err := e.Client(e.Context(), c)
		e.must(err)
		e.want("without an address", []any{got.LastSeen, got.Address}, []any{at(1), ""})
		e.deliver(c, store.LaneReader)
		got, err = e.Client(e.Context(), c)
		e.must(err)
		e.want("with one", []any{got.LastSeen, got.Address}, []any{at(200), "192.0.2.1:1"})
	},
}
