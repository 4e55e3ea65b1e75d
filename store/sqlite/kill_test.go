package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"goshawk"
	"goshawk/store"
	"goshawk/store/sqlite"
)

// TestMain runs the tests or, in a process that a test started, its part.
func TestMain(m *testing.M) {
	if os.Getenv("GOSHAWK_TEST_HELPER") == "" {
		os.Exit(m.Run())
	}
	var err error
	switch os.Args[1] {
	case "user":
		err = putUser(os.Args[2])
	case "lock":
		err = lockUntilTold(os.Args[2])
	case "commit":
		err = commitUntilKilled(os.Args[2], os.Args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func putUser(path string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Options{Path: path})
	if err != nil {
		return err
	}
	if err := s.PutUser(ctx, goshawk.User{Name: "helper", Role: goshawk.Analyst}); err != nil {
		return err
	}
	return s.Close()
}

// lockUntilTold keeps others from writing until standard input ends.
func lockUntilTold(path string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	fmt.Println("locked")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	_, err = db.Exec("ROLLBACK")
	return errors.Join(err, db.Close())
}

// committers is how many clients commit at once while they wait to be killed.
const committers = 8

func killClient(i int) goshawk.ClientID { return goshawk.ClientID(fmt.Sprintf("C.%016x", i)) }

const killFlow goshawk.FlowID = "F.KILLKILLKILL0"

// killBatch is a batch of three rows, whose data says which.
func killBatch(client, n int) store.RowBatch {
	data := fmt.Appendf(nil, "client %d batch %d ", client, n)
	data = append(data, strings.Repeat("x", n*37%9000)...)
	return store.RowBatch{Flow: killFlow, Source: "S", First: int64(3 * n), Count: 3, Data: data, Raw: int64(len(data))}
}

// commitUntilKilled commits numbered batches, for each client from where the
// arguments say, and prints each that was acknowledged.
func commitUntilKilled(path, from string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Options{Path: path})
	if err != nil {
		return err
	}
	fmt.Println("open")
	var wg sync.WaitGroup
	var mu sync.Mutex // guards standard output
	for i, first := range strings.Split(from, ",") {
		n, err := strconv.Atoi(first)
		if err != nil {
			return err
		}
		wg.Go(func() {
			for ; ; n++ {
				l := store.List{Effects: []store.Effect{killBatch(i, n)}}
				binary.BigEndian.PutUint64(l.Key[:], uint64(n))
				for range 1 + n%2 { // every other one twice
					d := store.Delivery{Client: killClient(i), At: time.Now(), Address: "x", Lists: []store.List{l}}
					if _, err := s.Commit(ctx, d); err != nil {
						fmt.Fprintln(os.Stderr, err)
						os.Exit(1)
					}
				}
				mu.Lock()
				fmt.Println(i, n)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return nil
}

// TestKill kills a process that commits, again and again, and looks whether
// all that was acknowledged is there, once, and counted.
func TestKill(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a killed process looks like one that failed")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "org.db")
	s := open(t, path)
	for i := range committers {
		if _, err := s.Enrol(t.Context(), killClient(i), []byte{1}, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := s.CreateFlow(t.Context(), goshawk.Flow{ID: killFlow, Client: killClient(i), Created: time.Now()}, store.Task{}); err != nil {
			t.Fatal(err)
		}
	}
	closeStore(t, s)
	acked := make([]int, committers) // how many batches of each client
	kills := 0
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); kills++ {
		stored := make([]string, committers)
		for i, n := range acked {
			stored[i] = strconv.Itoa(n)
		}
		runAndKill(t, path, strings.Join(stored, ","), time.Duration(r.IntN(60))*time.Millisecond, acked)
		survivors(t, path, acked)
	}
	total := 0
	for _, n := range acked {
		total += n
	}
	t.Logf("%d kills, %d batches acknowledged", kills, total)
}

// runAndKill lets a process commit for a while and notes what it acknowledged.
func runAndKill(t *testing.T, path, from string, life time.Duration, acked []int) {
	t.Helper()
	cmd := helper(t, "commit", path, from)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "open" {
		t.Fatalf("the process did not open the database: %q", lines.Text())
	}
	kill := time.AfterFunc(life, func() { cmd.Process.Kill() }) // fails if it has ended
	defer kill.Stop()
	for lines.Scan() {
		var client, n int
		if c, err := fmt.Sscanf(lines.Text()+"\n", "%d %d\n", &client, &n); c == 2 && err == nil {
			acked[client] = max(acked[client], n+1)
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "signal: killed") {
		t.Fatalf("the process was not killed: %v", err)
	}
}

// survivors opens the database and compares it with what was acknowledged.
// What was committed and not acknowledged any more counts from now on.
func survivors(t *testing.T, path string, acked []int) {
	t.Helper()
	s := open(t, path)
	for i := range acked {
		n := 0
		for b, err := range s.Rows(t.Context(), killClient(i), killFlow, store.Source{Name: "S"}, 0) {
			want := killBatch(i, n)
			if err != nil || b.First != want.First || string(b.Data) != string(want.Data) {
				t.Fatalf("client %d: batch %d begins at row %d (%v), want %d", i, n, b.First, err, want.First)
			}
			n++
		}
		f, err := s.Flow(t.Context(), killClient(i), killFlow)
		if err != nil {
			t.Fatal(err)
		}
		if f.Rows != int64(3*n) || f.Batches != int64(n) || f.Packets != int64(n) {
			t.Errorf("client %d: counted %d rows, %d batches, %d packets, but %d batches are stored", i, f.Rows, f.Batches, f.Packets, n)
		}
		if n < acked[i] {
			t.Errorf("client %d: %d batches were acknowledged, %d are stored", i, acked[i], n)
		}
		acked[i] = n
	}
	closeStore(t, s)
	if n := number(t, path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"); n > 0 {
		t.Fatalf("integrity_check finds %d faults", n)
	}
}
