package sqlite_test

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"goshawk"
	"goshawk/store"
	"goshawk/store/sqlite"
)

// edit runs SQL on the database behind the store's back.
func edit(t *testing.T, path string, sqls ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range sqls {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func number(t *testing.T, path, query string) (n int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// fill makes a store with a client, a flow and so many batches of rows.
func fill(t *testing.T, s *sqlite.Store, batches int) (goshawk.ClientID, goshawk.FlowID) {
	t.Helper()
	const c, f = goshawk.ClientID("C.0000000000000001"), goshawk.FlowID("F.0000000000001")
	if _, err := s.Enrol(t.Context(), c, []byte("key"), time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateFlow(t.Context(), goshawk.Flow{ID: f, Client: c, Created: time.Now()}, store.Task{}); err != nil {
		t.Fatal(err)
	}
	for i := range batches {
		if err := commitRows(t, s, c, f, i); err != nil {
			t.Fatal(err)
		}
	}
	return c, f
}

// commitRows adds batch i, of ten rows, to source S.
func commitRows(t *testing.T, s *sqlite.Store, c goshawk.ClientID, f goshawk.FlowID, i int) error {
	b := store.RowBatch{Flow: f, Source: "S", First: int64(10 * i), Count: 10, Data: []byte(strings.Repeat("row\n", 1000)), Raw: 4000}
	_, err := s.Commit(t.Context(), store.Delivery{Client: c, At: time.Now(), Address: "x",
		Lists: []store.List{{Key: [32]byte{byte(i), byte(i >> 8), byte(i >> 16), 1}, Effects: []store.Effect{b}}}})
	return err
}

func closeStore(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

func wantRefused(t *testing.T, path string, kind error, says string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Options{Path: path})
	if s != nil || !errors.Is(err, kind) || !strings.Contains(err.Error(), says) {
		t.Errorf("Open: %v, want %v that says %q", err, kind, says)
	}
}

func TestNewDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder? 100% #1", "org.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	fill(t, s, 3)
	es, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		st, err := e.Info()
		if err != nil || runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v (%v), want 0600", e.Name(), st.Mode(), err)
		}
		if !strings.HasPrefix(e.Name(), "org.db") {
			t.Errorf("%s was made beside the database", e.Name())
		}
	}
	closeStore(t, s)
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("Close left the log of changes behind")
	}
	for query, want := range map[string]int64{"PRAGMA auto_vacuum": 2, "PRAGMA application_id": 0x476f7348, "PRAGMA page_size": 4096} {
		if got := number(t, path, query); got != want {
			t.Errorf("%s is %d, want %d", query, got, want)
		}
	}
}

func TestAfterClose(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "org.db"))
	c, f := fill(t, s, 1)
	closeStore(t, s)
	closeStore(t, s)
	if err := commitRows(t, s, c, f, 2); !errors.Is(err, goshawk.ErrUnavailable) {
		t.Errorf("Commit: %v, want ErrUnavailable", err)
	}
	if _, err := s.Flow(t.Context(), c, f); !errors.Is(err, goshawk.ErrUnavailable) {
		t.Errorf("Flow: %v, want ErrUnavailable", err)
	}
}

func TestRefusesWhatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database at all\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, text, goshawk.ErrCorrupt, "restore a backup")

	foreign := filepath.Join(dir, "foreign")
	edit(t, foreign, "CREATE TABLE notes (text)")
	wantRefused(t, foreign, goshawk.ErrInvalid, "another program")
	if n := number(t, foreign, "SELECT count(*) FROM sqlite_schema"); n != 1 {
		t.Errorf("%d tables are in the foreign database, want the 1 that was", n)
	}
	edit(t, foreign, "PRAGMA application_id = 77")
	wantRefused(t, foreign, goshawk.ErrInvalid, "another program")

	wantRefused(t, filepath.Join(dir, "missing", "\x00", "org.db"), goshawk.ErrUnavailable, "")
}

func TestRefusesNewerVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "org.db")
	closeStore(t, open(t, path))
	edit(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)")
	wantRefused(t, path, goshawk.ErrInvalid, "newer program")
}

// leaveCrashed copies an open database, as a crash would leave it.
func leaveCrashed(t *testing.T, batches int) string {
	t.Helper()
	path, copied := filepath.Join(t.TempDir(), "org.db"), filepath.Join(t.TempDir(), "org.db")
	s := open(t, path)
	fill(t, s, batches)
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Only now: closing the files that ReadFile opened took away the locks.
	closeStore(t, s)
	return copied
}

func TestChecksAfterCrash(t *testing.T) {
	path := leaveCrashed(t, 50)
	s := open(t, path)
	f, err := s.Flow(t.Context(), "C.0000000000000001", "F.0000000000001")
	if err != nil || f.Rows != 500 {
		t.Errorf("after the crash: %d rows, %v, want 500", f.Rows, err)
	}
	closeStore(t, s)

	path = leaveCrashed(t, 50)
	damage(t, path)
	before := content(t, path)
	for range 2 { // it is not accepted the second time
		wantRefused(t, path, goshawk.ErrCorrupt, "restore a backup")
		if content(t, path) != before {
			t.Error("the damaged database was changed")
		}
	}
}

// content returns the bytes of the database and of its log of changes.
func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	log, logErr := os.ReadFile(path + "-wal")
	if err := errors.Join(err, logErr); err != nil {
		t.Fatal(err)
	}
	return string(b) + string(log)
}

// damage writes over a page in the middle of the database that is in use, and
// leaves the log of changes such that its pages do not heal it.
func damage(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath())
	if err != nil {
		t.Fatal(err)
	}
	var page int64
	if err := db.QueryRow("SELECT rootpage FROM sqlite_schema WHERE name = 'batches'").Scan(&page); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil { // moves the log into the database
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(strings.Repeat("\xa5", 4096)), (page-1)*4096); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Close(), os.WriteFile(path+"-wal", []byte("left by a crash"), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestAnotherProcess adds a user as a command does while a server runs.
func TestAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "org.db")
	s := open(t, path)
	c, f := fill(t, s, 1)
	stop := make(chan struct{})
	busy := make(chan error, 1)
	go func() { // ends when stop is closed
		for i := 1; ; i++ {
			select {
			case <-stop:
				busy <- nil
				return
			default:
			}
			if err := commitRows(t, s, c, f, i); err != nil {
				busy <- err
				return
			}
		}
	}()
	out, err := helper(t, "user", path).CombinedOutput()
	close(stop)
	if err := errors.Join(err, <-busy); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	u, err := s.User(t.Context(), "helper")
	if err != nil || u.Role != goshawk.Analyst {
		t.Errorf("User: %v, %v, want the one that the other process put", u, err)
	}
	closeStore(t, s)
}

func TestNewerVersionOpenElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "org.db")
	s := open(t, path)
	edit(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)")
	out, err := helper(t, "user", path).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "newer program") {
		t.Errorf("another process opened a newer database: %v: %s", err, out)
	}
	closeStore(t, s)
}

// helper runs this test program again, as the process that TestMain tells.
func helper(t *testing.T, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "GOSHAWK_TEST_HELPER=1")
	return cmd
}
