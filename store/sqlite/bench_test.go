package sqlite_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"goshawk"
	"goshawk/store"
	"goshawk/store/sqlite"
)

const batchBytes = 16 << 10

// BenchmarkCommit measures durable batches of 16 KiB that do not compress, each
// a packet of its own, from clients that each wait for their answer.
func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("submitters=%d", n), func(b *testing.B) {
			s, err := sqlite.Open(b.Context(), sqlite.Options{Path: filepath.Join(b.TempDir(), "org.db")})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			clients := make([]goshawk.ClientID, n)
			for i := range clients {
				clients[i] = enrolWithFlow(b, s, i)
			}
			b.SetBytes(batchBytes)
			b.ReportAllocs()
			submit(b, n, func(worker int, i int64, data []byte) error {
				l := store.List{Effects: []store.Effect{store.RowBatch{Flow: benchFlow, Source: "Generic.Client.Info",
					First: i * 10, Count: 10, Data: data, Coding: store.Zlib, Raw: 80_000}}}
				l.Key = sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
				_, err := s.Commit(b.Context(), store.Delivery{Client: clients[worker], At: time.Now(),
					Address: "192.0.2.1:1234", Lists: []store.List{l}})
				return err
			})
		})
	}
}

// BenchmarkRaw is what to compare with: the same bytes appended to a file, one
// fdatasync for as many as wait, and nothing else.
func BenchmarkRaw(b *testing.B) {
	for _, n := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("submitters=%d", n), func(b *testing.B) {
			f, err := os.Create(filepath.Join(b.TempDir(), "log"))
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			type request struct {
				data []byte
				done chan error
			}
			queue := make(chan request, n)
			go func() { // ends when queue is closed
				for r := range queue {
					group := []request{r}
					for len(queue) > 0 && len(group) < 256 {
						group = append(group, <-queue)
					}
					var err error
					for _, r := range group {
						if _, e := f.Write(r.data); e != nil {
							err = e
						}
					}
					if e := f.Sync(); e != nil {
						err = e
					}
					for _, r := range group {
						r.done <- err
					}
				}
			}()
			b.SetBytes(batchBytes)
			submit(b, n, func(_ int, _ int64, data []byte) error {
				done := make(chan error, 1)
				queue <- request{data, done}
				return <-done
			})
			close(queue)
		})
	}
}

const benchFlow goshawk.FlowID = "F.0123456789ABC"

func enrolWithFlow(b *testing.B, s *sqlite.Store, i int) goshawk.ClientID {
	id := goshawk.ClientID(fmt.Sprintf("C.%016x", i))
	if _, err := s.Enrol(b.Context(), id, []byte("key"), time.Now()); err != nil {
		b.Fatal(err)
	}
	if err := s.CreateFlow(b.Context(), goshawk.Flow{ID: benchFlow, Client: id, Created: time.Now()}, store.Task{}); err != nil {
		b.Fatal(err)
	}
	return id
}

// submit spreads b.N calls of commit over workers and reports their rate and
// how long the slowest hundredth took at least.
func submit(b *testing.B, workers int, commit func(worker int, i int64, data []byte) error) {
	took := make([][]time.Duration, workers)
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for w := range workers {
		wg.Go(func() {
			data := make([]byte, batchBytes)
			rand.NewChaCha8([32]byte{byte(w)}).Read(data) // never fails
			for i := int64(0); left.Add(-1) >= 0; i++ {
				began := time.Now()
				if err := commit(w, i, data); err != nil {
					b.Error(err)
					return
				}
				took[w] = append(took[w], time.Since(began))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "batches/s")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkRows reads back what BenchmarkCommit writes.
func BenchmarkRows(b *testing.B) {
	s, err := sqlite.Open(b.Context(), sqlite.Options{Path: filepath.Join(b.TempDir(), "org.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c := enrolWithFlow(b, s, 1)
	const batches = 512
	var effects []store.Effect
	for i := range int64(batches) {
		effects = append(effects, store.RowBatch{Flow: benchFlow, Source: "S", First: i, Count: 1, Data: make([]byte, batchBytes)})
	}
	if _, err := s.Commit(b.Context(), store.Delivery{Client: c, At: time.Now(), Lists: []store.List{{Effects: effects}}}); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(batches * batchBytes)
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range s.Rows(b.Context(), c, benchFlow, store.Source{Name: "S"}, 0) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
