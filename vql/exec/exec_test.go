package exec_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"goshawk/plugin/core"
	"goshawk/row"
	"goshawk/vql"
)

func vocabulary(t testing.TB, more ...vql.Plugin) *vql.Vocabulary {
	t.Helper()
	v, err := vql.NewVocabulary(append(core.Plugins(), more...), core.Functions())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// run runs a text and returns its rows as JSON lines and its log.
func run(t testing.TB, v *vql.Vocabulary, o vql.Options, text string) (rows string, log []string, err error) {
	t.Helper()
	p, err := vql.Compile(text)
	if err != nil {
		t.Fatalf("Compile(%q): %v", text, err)
	}
	if o.Log == nil {
		o.Log = func(l vql.Level, text string) { log = append(log, string(l)+": "+text) }
	}
	s := vql.NewSession(v, o)
	defer s.Close()
	var b strings.Builder
	err = s.Run(t.Context(), p, func(_ int, batch *vql.Batch) error {
		b.Write(batch.AppendJSONL(nil, nil))
		return nil
	})
	return b.String(), log, err
}

func TestRowLimitIsExact(t *testing.T) {
	rows, _, err := run(t, vocabulary(t), vql.Options{Limits: vql.Limits{Rows: 5}}, "SELECT * FROM range(end=1000)")
	if !errors.Is(err, vql.ErrLimit) || strings.Count(rows, "\n") != 5 {
		t.Errorf("got %d rows and %v, want 5 and ErrLimit", strings.Count(rows, "\n"), err)
	}
}

func TestMemoryLimitEndsHungryQueries(t *testing.T) {
	for _, text := range []string{
		"SELECT _value FROM range(end=100000000) ORDER BY _value",
		"LET x <= SELECT * FROM range(end=100000000)",
		"SELECT count() AS C FROM range(end=100000000) GROUP BY _value",
		"LET q = SELECT * FROM range(end=100000000) SELECT q FROM scope()",
		"LET q = SELECT * FROM range(end=100000000) SELECT q._value FROM scope()",
		"SELECT { SELECT * FROM range(end=100000000) } FROM scope()",
	} {
		_, _, err := run(t, vocabulary(t), vql.Options{Limits: vql.Limits{Bytes: 1 << 20}}, text)
		if !errors.Is(err, vql.ErrLimit) {
			t.Errorf("%s: %v, want ErrLimit", text, err)
		}
	}
}

func TestTimeLimitAndCancelEndSoon(t *testing.T) {
	for _, text := range []string{
		"SELECT * FROM range(end=1000000000000) WHERE _value < 0",
		"SELECT sleep(time=1000) FROM scope()",
		"LET f(x) = f(x=x + 1) SELECT * FROM foreach(row={SELECT * FROM range(end=100000000)}, query={SELECT f(x=1) FROM scope()})",
		"SELECT * FROM foreach(row={SELECT * FROM range(end=100000000)}, query={SELECT * FROM range(end=100) WHERE FALSE}, workers=4)",
	} {
		began := time.Now()
		_, _, err := run(t, vocabulary(t), vql.Options{Limits: vql.Limits{Time: 50 * time.Millisecond}}, text)
		if took := time.Since(began); !errors.Is(err, vql.ErrLimit) || took > 2*time.Second {
			t.Errorf("%s: %v after %v, want ErrLimit soon after 50ms", text, err, took)
		}
	}
}

func TestReceiversErrorEndsTheQuery(t *testing.T) {
	v, stop := vocabulary(t), errors.New("enough")
	p, err := vql.Compile("SELECT * FROM foreach(row={SELECT * FROM range(end=10)}, query={SELECT * FROM chain(a={SELECT * FROM range(end=10)})})")
	if err != nil {
		t.Fatal(err)
	}
	s := vql.NewSession(v, vql.Options{})
	defer s.Close()
	n := 0
	err = s.Run(t.Context(), p, func(int, *vql.Batch) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("Run = %v after %d batches, want the receiver's error after one", err, n)
	}
}

// TestLimitStopsSideEffects: a column with a side effect is not computed for
// rows that nobody asked for.
func TestLimitStopsSideEffects(t *testing.T) {
	_, log, err := run(t, vocabulary(t), vql.Options{},
		"LET q = SELECT _value, log(message=format(format='row %v', args=_value), dedup=-1) AS L FROM range(end=1000) SELECT * FROM q WHERE _value >= 0 LIMIT 3")
	if err != nil || len(log) != 3 {
		t.Errorf("%d rows were computed (%v), want 3", len(log), err)
	}
}

func TestPluginErrorIsLoggedAndRowsBeforeItStand(t *testing.T) {
	failing := vql.NewPlugin(vql.Spec{Name: "failing", Columns: []string{"X"}}, func(_ context.Context, _ *vql.Call, _ *struct{}, out *vql.Out) error {
		if err := out.Row(row.Int(1)); err != nil {
			return err
		}
		return errors.New("the disk is on fire")
	})
	rows, log, err := run(t, vocabulary(t, failing), vql.Options{}, "SELECT * FROM failing()")
	if err != nil || rows != "{\"X\":1}\n" || len(log) != 1 || log[0] != "ERROR: failing: the disk is on fire" {
		t.Errorf("rows %q, log %q, err %v", rows, log, err)
	}
}

// TestManyShapes: rows with ever other columns are handled by name, and what a
// statement keeps for each set of columns is bounded.
func TestManyShapes(t *testing.T) {
	const n = 5000
	shapes := vql.NewPlugin(vql.Spec{Name: "shapes"}, func(_ context.Context, _ *vql.Call, _ *struct{}, out *vql.Out) error {
		for i := range n {
			d := &row.Dict{}
			d.Set(fmt.Sprintf("c%d", i), row.Int(1))
			d.Set("same", row.Int(int64(i)))
			if err := out.Dict(d); err != nil {
				return err
			}
		}
		return nil
	})
	rows, log, err := run(t, vocabulary(t, shapes), vql.Options{}, "SELECT same + 1 AS S, * FROM shapes() WHERE S > 0")
	lines := strings.Split(strings.TrimSpace(rows), "\n")
	if err != nil || len(log) > 0 || len(lines) != n {
		t.Fatalf("%d rows, log %v, err %v", len(lines), log, err)
	}
	for i, line := range lines {
		if want := fmt.Sprintf(`{"S":%d,"c%d":1,"same":%d}`, i+1, i, i); line != want {
			t.Fatalf("row %d = %s, want %s", i, line, want)
		}
	}
}

func TestParallelForeachKeepsTheOrder(t *testing.T) {
	rows, _, err := run(t, vocabulary(t), vql.Options{},
		"SELECT * FROM foreach(row={SELECT _value AS A FROM range(end=200)}, query={SELECT A, count() AS N, rand(range=sleep(ms=1)) AS R FROM range(end=2)}, workers=8)")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for i, line := range strings.Split(strings.TrimSpace(rows), "\n") {
		if !strings.HasPrefix(line, fmt.Sprintf(`{"A":%d,`, i/2)) {
			t.Fatalf("row %d = %s, want A = %d", i, line, i/2)
		}
		seen++
	}
	if seen != 400 {
		t.Errorf("%d rows, want 400", seen)
	}
}

// TestNothingIsAllocatedPerRow holds the engine to its promise: no allocation
// for a row that WHERE drops, at most one for a row that comes out.
func TestNothingIsAllocatedPerRow(t *testing.T) {
	const n = 100_000
	cases := []struct {
		text string
		max  float64 // per row of the source
	}{
		{"SELECT _value FROM range(end=100000) WHERE _value < 0", 0},
		{"SELECT _value FROM range(end=100000) WHERE _value * 2 + 1 = 7 OR _value = 'x' OR NOT _value > -1", 0},
		{"SELECT _value, _value + 1 AS B, _value > 5 AS C FROM range(end=100000)", 0},
		{"SELECT _value AS A FROM range(end=100000) WHERE A < 0", 0},
		{"SELECT count() AS C, sum(item=_value) AS S FROM range(end=100000) GROUP BY 1", 0},
		{"LET f(x) = x + 1 SELECT f(x=_value) FROM range(end=100000)", 0},
		{"SELECT str(str=_value) AS S FROM range(end=100000)", 1},
		{"SELECT format(format='%d', args=_value) AS S FROM range(end=100000) WHERE _value < 0", 0},
		{"SELECT * FROM foreach(row={SELECT _value FROM range(end=100000)}, query={SELECT _value + 1 AS X FROM scope()})", 4},
	}
	v := vocabulary(t)
	for _, c := range cases {
		p, err := vql.Compile(c.text)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s := vql.NewSession(v, vql.Options{})
		if err := s.Run(t.Context(), p, func(int, *vql.Batch) error { return nil }); err != nil {
			t.Fatal(err)
		}
		s.Close()
		runtime.ReadMemStats(&after)
		if got := float64(after.Mallocs-before.Mallocs) / n; got > c.max+0.05 {
			t.Errorf("%s: %.2f allocations for each row, want at most %v", c.text, got, c.max)
		}
	}
}

func BenchmarkFilter(b *testing.B) {
	benchmark(b, "SELECT _value FROM range(end=100000) WHERE _value >= 50000")
}

func BenchmarkGroup(b *testing.B) {
	benchmark(b, "SELECT count() AS C, sum(item=_value) AS S FROM range(end=100000) GROUP BY _value / 100")
}

func BenchmarkForeach(b *testing.B) {
	benchmark(b, "SELECT * FROM foreach(row={SELECT _value FROM range(end=100000)}, query={SELECT _value + 1 AS X FROM scope()})")
}

func benchmark(b *testing.B, text string) {
	v := vocabulary(b)
	p, err := vql.Compile(text)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s := vql.NewSession(v, vql.Options{})
		if err := s.Run(b.Context(), p, func(int, *vql.Batch) error { return nil }); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/row")
}
