package sqlite_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"goshawk"
	"goshawk/store"
	"goshawk/store/sqlite"
)

// drain returns how many batches came, and the error that ended them.
func drain[T any](seq iter.Seq2[T, error]) (n int, err error) {
	for _, err := range seq {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func TestDamagedBatchIsNotServed(t *testing.T) {
	for name, sql := range map[string]string{
		"a byte of the data":   "UPDATE batches SET data = CAST(substr(data, 1, 2000) || 'X' || substr(data, 2002) AS BLOB) WHERE first = 20",
		"the end of the data":  "UPDATE batches SET data = substr(data, 1, length(data) - 1) WHERE first = 20",
		"the coding":           "UPDATE batches SET coding = 2 WHERE first = 20",
		"an impossible coding": "UPDATE batches SET coding = 300 WHERE first = 20",
		"the number of rows":   "UPDATE batches SET count = 9 WHERE first = 20",
		"the first row":        "UPDATE batches SET first = 21 WHERE first = 20",
		"the size":             "UPDATE batches SET raw = 1 WHERE first = 20",
		"the checksum":         "UPDATE batches SET checksum = checksum + 1 WHERE first = 20",
		"exchanged data":       "UPDATE batches SET data = (SELECT data FROM logs) WHERE first = 20",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "org.db")
			s := open(t, path)
			c, f := fill(t, s, 5)
			commitLog(t, s, c, f)
			closeStore(t, s)
			edit(t, path, sql)
			s = open(t, path)
			n, err := drain(s.Rows(t.Context(), c, f, store.Source{Name: "S"}, 0))
			if n != 2 || !errors.Is(err, goshawk.ErrCorrupt) {
				t.Errorf("Rows yields %d batches, then %v, want 2, then ErrCorrupt", n, err)
			}
			n, err = drain(s.Rows(t.Context(), c, f, store.Source{Name: "S"}, 30))
			if n != 2 || err != nil {
				t.Errorf("Rows from 30 yields %d batches, then %v, want the 2 that are whole", n, err)
			}
			closeStore(t, s)
		})
	}
}

func commitLog(t *testing.T, s *sqlite.Store, c goshawk.ClientID, f goshawk.FlowID) {
	t.Helper()
	_, err := s.Commit(t.Context(), store.Delivery{Client: c, At: time.Now(), Lists: []store.List{
		{Key: [32]byte{9}, Effects: []store.Effect{store.LogBatch{Flow: f, Count: 1, JSONL: []byte("line\n"), Error: "e"}}}}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamagedLogIsNotServed(t *testing.T) {
	for _, sql := range []string{"UPDATE logs SET data = x'00'", "UPDATE logs SET count = 7", "UPDATE logs SET seq = 0, checksum = 0"} {
		path := filepath.Join(t.TempDir(), "org.db")
		s := open(t, path)
		c, f := fill(t, s, 0)
		commitLog(t, s, c, f)
		closeStore(t, s)
		edit(t, path, sql)
		s = open(t, path)
		if n, err := drain(s.Logs(t.Context(), c, f, 0)); n != 0 || !errors.Is(err, goshawk.ErrCorrupt) {
			t.Errorf("%s: Logs yields %d batches, then %v, want ErrCorrupt", sql, n, err)
		}
		closeStore(t, s)
	}
}

func TestDamagedListsAreNotServed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "org.db")
	s := open(t, path)
	c, f := fill(t, s, 1)
	closeStore(t, s)
	edit(t, path, "UPDATE flows SET artifacts = x'05'", "UPDATE contacts SET normal = x'ff'")
	s = open(t, path)
	if _, err := s.Flow(t.Context(), c, f); !errors.Is(err, goshawk.ErrCorrupt) {
		t.Errorf("Flow: %v, want ErrCorrupt", err)
	}
	if err := commitRows(t, s, c, f, 1); !errors.Is(err, goshawk.ErrCorrupt) {
		t.Errorf("Commit: %v, want ErrCorrupt", err)
	}
	closeStore(t, s)
}

// TestLockedByAnother has another process keep the database for too long.
func TestLockedByAnother(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for the ten seconds that another process may keep the database")
	}
	path := filepath.Join(t.TempDir(), "org.db")
	s := open(t, path)
	c, f := fill(t, s, 1)
	cmd := helper(t, "lock", path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := commitRows(t, s, c, f, 1); !errors.Is(err, goshawk.ErrUnavailable) {
		t.Errorf("Commit while the database is locked: %v, want ErrUnavailable", err)
	}
	if got, err := s.Flow(t.Context(), c, f); err != nil || got.Rows != 10 {
		t.Errorf("Flow while the database is locked: %d rows, %v, want 10", got.Rows, err)
	}
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
		t.Fatal(err)
	}
	if err := commitRows(t, s, c, f, 1); err != nil {
		t.Errorf("Commit afterwards: %v", err)
	}
	closeStore(t, s)
}

// TestShrinks looks whether the file gets smaller when much was removed.
func TestShrinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "org.db")
	s := open(t, path)
	c, _ := fill(t, s, 0)
	flow := goshawk.Flow{ID: "F.BIGBIGBIGBIG0", Client: c, Created: time.Now()}
	if err := s.CreateFlow(t.Context(), flow, store.Task{Payload: make([]byte, 16<<20)}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CancelFlow(t.Context(), c, flow.ID, store.Cancel{At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for pages := int64(0); ; {
		if pages = sqlite.FreePages(t, s); pages <= 1000 {
			break
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%d pages are still free", pages)
		case <-time.After(20 * time.Millisecond):
		}
	}
	closeStore(t, s)
	if st, err := os.Stat(path); err != nil || st.Size() > 6<<20 {
		t.Errorf("the file has %d bytes (%v), want it to have given back most of 16 MiB", st.Size(), err)
	}
}

// TestLogStaysBounded commits without a pause and looks at the log of changes.
func TestLogStaysBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "org.db")
	s := open(t, path)
	c, f := fill(t, s, 0)
	big := make([]byte, 1<<20)
	var largest int64
	for i := range 300 {
		b := store.RowBatch{Flow: f, Source: "S", First: int64(i), Count: 1, Data: big}
		if _, err := s.Commit(t.Context(), store.Delivery{Client: c, At: time.Now(), Lists: []store.List{
			{Key: [32]byte{byte(i), byte(i >> 8)}, Effects: []store.Effect{b}}}}); err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, st.Size())
	}
	if largest > 64<<20 {
		t.Errorf("the log of changes grew to %d MiB, want 16 and a little", largest>>20)
	}
	closeStore(t, s)
}
