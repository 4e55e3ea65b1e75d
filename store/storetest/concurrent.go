package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"goshawk"
	"goshawk/store"
)

var concurrentTests = map[string]func(*env){
	"concurrent/counters are exact": exactCounters,

	"concurrent/one that fails does not harm the others": func(e *env) {
		c, id := e.start()
		var wg sync.WaitGroup
		for w := range 32 {
			wg.Go(func() {
				for i := range 20 {
					if w%2 == 0 {
						_, err := e.Commit(e.Context(), store.Delivery{Client: clientID(404), At: at(1)})
						e.wantErr("Commit of an unknown client", err, goshawk.ErrNotFound)
						e.wantErr("CreateFlow again", e.CreateFlow(e.Context(), goshawk.Flow{ID: id, Client: c}, store.Task{}), goshawk.ErrExists)
						continue
					}
					b := rows(id, int64(i), 1)
					b.Action = w
					l := store.List{Key: keyOf(fmt.Sprint(w, i)), Effects: []store.Effect{b}}
					if _, err := e.Commit(e.Context(), store.Delivery{Client: c, At: at(1), Lists: []store.List{l}}); err != nil {
						e.Errorf("Commit: %v", err)
					}
				}
			})
		}
		wg.Wait()
		e.twice(func() { e.want("rows", e.flow(c, id).Rows, int64(16*20)) })
	},

	"concurrent/who withdraws in time changed nothing, who is late is told the truth": func(e *env) {
		c, id := e.start()
		var wg sync.WaitGroup
		var mu sync.Mutex
		durable := int64(0)
		for w := range 16 {
			wg.Go(func() {
				for i := range 50 {
					ctx, cancel := context.WithCancel(e.Context())
					go func() { // ends by itself
						for range rand.IntN(200) {
							ctx.Err()
						}
						cancel()
					}()
					b := rows(id, int64(i), 1)
					b.Action = w
					_, err := e.Commit(ctx, store.Delivery{Client: c, At: at(1), Lists: []store.List{{Key: keyOf(fmt.Sprint(w, i)), Effects: []store.Effect{b}}}})
					<-ctx.Done()
					mu.Lock()
					if err == nil {
						durable++
					} else if !errors.Is(err, context.Canceled) {
						e.Errorf("Commit: %v", err)
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		e.want("rows", e.flow(c, id).Rows, durable)
	},

	"concurrent/reading while rows come": func(e *env) {
		c, id := e.start()
		done := make(chan struct{})
		go func() { // ends when all is committed
			defer close(done)
			for i := range 200 {
				e.commit(c, rows(id, int64(i*10), 10))
			}
		}()
		for more := true; more; {
			select {
			case <-done:
				more = false
			default:
			}
			next := int64(0)
			for b, err := range e.Rows(e.Context(), c, id, store.Source{Name: "S"}, 0) {
				if err != nil || b.First != next {
					e.Fatalf("batch at %d, %v, want at %d", b.First, err, next)
				}
				next += b.Count
			}
			if f := e.flow(c, id); f.Rows < next {
				e.Fatalf("the flow has %d rows, but %d were read", f.Rows, next)
			}
		}
		e.want("rows", e.flow(c, id).Rows, int64(2000))
	},
}

// exactCounters lets many clients deliver, each packet twice, in parts out of
// their own hands, and compares the counters with what was sent.
func exactCounters(e *env) {
	const clients, packets = 24, 25
	e.enrolMany(clients)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			c, id := clientID(i), flowID(i%3)
			if err := e.CreateFlow(e.Context(), goshawk.Flow{ID: id, Client: c, Created: at(1)}, store.Task{}); err != nil {
				e.Errorf("CreateFlow: %v", err)
			}
			for p := range packets {
				l := store.List{Key: keyOf(fmt.Sprint(i, p)), Effects: []store.Effect{
					rows(id, int64(p*7), 7), store.LogBatch{Flow: id, Count: 3, JSONL: []byte("1\n2\n3\n")},
				}}
				if p == packets-1 {
					l.Effects = append(l.Effects, store.Progress{Flow: id, Complete: true, Rows: 7 * packets})
				}
				for again := range 2 {
					r, err := e.Commit(e.Context(), store.Delivery{Client: c, At: at(1), Lists: []store.List{l}})
					if err != nil || r.Repeated != again {
						e.Errorf("Commit: %+v, %v, want %d repeated", r, err, again)
					}
				}
			}
		})
	}
	wg.Wait()
	e.twice(func() {
		for i := range clients {
			f := e.flow(clientID(i), flowID(i%3))
			e.want("counters", []any{f.Rows, f.Batches, f.Logs, f.Packets, f.State},
				[]any{int64(7 * packets), int64(packets), int64(3 * packets), int64(packets), goshawk.FlowFinished})
			if n := len(e.stored(f.Client, f.ID, store.Source{Name: "S"}, 0)); n != packets {
				e.Errorf("%d batches are stored, want %d", n, packets)
			}
		}
	})
}
