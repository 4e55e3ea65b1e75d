// Package storetest is the suite that each implementation of store.Store
// passes: every promise of the contract, looked at again after the store was
// closed and opened.
package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"goshawk"
	"goshawk/store"
)

// Run tests an implementation. open opens the store at path, a name that is
// the same for one store and that no two stores share.
func Run(t *testing.T, open func(t *testing.T, path string) store.Store) {
	for _, group := range []map[string]func(*env){clientTests, flowTests, taskTests, userTests,
		ingestTests, stateTests, uploadTests, hostileTests, concurrentTests} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				e := &env{T: t, path: filepath.Join(t.TempDir(), "store"), open: open}
				e.Store = open(t, e.path)
				test(e)
				if err := e.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
		}
	}
}

// env is one store under test.
type env struct {
	*testing.T
	store.Store
	open  func(*testing.T, string) store.Store
	path  string
	lists int // numbers the keys that nobody chose
}

// reopen closes the store and opens it again.
func (e *env) reopen() {
	e.Helper()
	if err := e.Close(); err != nil {
		e.Fatalf("Close: %v", err)
	}
	e.Store = e.open(e.T, e.path)
}

// twice runs a check now and after the store was opened again.
func (e *env) twice(check func()) {
	check()
	e.reopen()
	check()
}

func (e *env) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// want reports a difference.
func (e *env) want(what string, got, want any) {
	e.Helper()
	if !reflect.DeepEqual(got, want) {
		e.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func (e *env) wantErr(what string, err, kind error) {
	e.Helper()
	if !errors.Is(err, kind) {
		e.Errorf("%s: %v, want %v", what, err, kind)
	}
}

// at is a moment of the tests, seconds after their beginning.
func at(seconds int) time.Time {
	return time.Date(2026, 11, 21, 10, 0, 0, 123456000, time.UTC).Add(time.Duration(seconds) * time.Second)
}

func clientID(i int) goshawk.ClientID { return goshawk.ClientID(fmt.Sprintf("C.%016x", i)) }

func flowID(i int) goshawk.FlowID { return goshawk.FlowID(fmt.Sprintf("F.%013d", i)) }

func keyOf(name string) [32]byte { return sha256.Sum256([]byte(name)) }

// enrol makes a client.
func (e *env) enrol(i int) goshawk.ClientID {
	e.Helper()
	created, err := e.Enrol(e.Context(), clientID(i), []byte{byte(i)}, at(i))
	if err != nil || !created {
		e.Fatalf("Enrol: %t, %v", created, err)
	}
	return clientID(i)
}

// enrolMany makes n clients at once.
func (e *env) enrolMany(n int) {
	e.Helper()
	var wg sync.WaitGroup
	for first := range 64 {
		wg.Go(func() {
			for i := first; i < n; i += 64 {
				if _, err := e.Enrol(e.Context(), clientID(i), []byte{byte(i), byte(i >> 8)}, at(0)); err != nil {
					e.Errorf("Enrol: %v", err)
				}
			}
		})
	}
	wg.Wait()
}

// newFlow makes a flow whose task is waiting.
func (e *env) newFlow(c goshawk.ClientID, id goshawk.FlowID) goshawk.FlowID {
	e.Helper()
	e.must(e.CreateFlow(e.Context(), goshawk.Flow{ID: id, Client: c, Created: at(100)}, store.Task{Payload: []byte("start " + id)}))
	return id
}

// start makes a client with a flow.
func (e *env) start() (goshawk.ClientID, goshawk.FlowID) {
	e.Helper()
	c := e.enrol(1)
	return c, e.newFlow(c, flowID(1))
}

// commit delivers effects as one packet of one list that was never seen.
func (e *env) commit(c goshawk.ClientID, effects ...store.Effect) store.Receipt {
	e.Helper()
	e.lists++
	return e.deliver(c, store.LaneNormal, store.List{Key: keyOf(fmt.Sprint("auto ", e.lists)), Effects: effects})
}

func (e *env) deliver(c goshawk.ClientID, lane store.Lane, lists ...store.List) store.Receipt {
	e.Helper()
	r, err := e.Commit(e.Context(), store.Delivery{Client: c, Lane: lane, At: at(200), Address: "192.0.2.1:1", Lists: lists})
	if err != nil {
		e.Fatalf("Commit: %v", err)
	}
	return r
}

// flow returns a flow as it is stored.
func (e *env) flow(c goshawk.ClientID, id goshawk.FlowID) goshawk.Flow {
	e.Helper()
	f, err := e.Flow(e.Context(), c, id)
	if err != nil {
		e.Fatalf("Flow(%s): %v", id, err)
	}
	return f
}

// rows makes a batch with rows first to first+count of source "S", action 0.
func rows(id goshawk.FlowID, first, count int64) store.RowBatch {
	b := store.RowBatch{Flow: id, Source: "S", First: first, Count: count, Coding: store.Zlib}
	b.Data = fmt.Appendf(nil, "rows %d to %d", first, first+count)
	b.Raw = 3 * int64(len(b.Data))
	return b
}

// stored returns the batches of a result set from a row on.
func (e *env) stored(c goshawk.ClientID, id goshawk.FlowID, of store.Source, from int64) (list []store.RowBatch) {
	e.Helper()
	for b, err := range e.Rows(e.Context(), c, id, of, from) {
		if err != nil {
			e.Fatalf("Rows(%v, %d): %v", of, from, err)
		}
		list = append(list, b)
	}
	return list
}

func (e *env) waiting(c goshawk.ClientID, unaccepted bool) []store.Task {
	e.Helper()
	ts, err := e.Waiting(e.Context(), c, unaccepted, 1000)
	if err != nil {
		e.Fatalf("Waiting: %v", err)
	}
	return ts
}
