package vqltest

import (
	"context"
	"strings"
	"testing"

	"goshawk/row"
	"goshawk/vql"
)

// vocabulary has the two plugins that the scripts here need.
func vocabulary(t *testing.T) *vql.Vocabulary {
	scope := vql.NewPlugin(vql.Spec{Name: "scope", Columns: []string{}},
		func(_ context.Context, _ *vql.Call, _ *struct{}, out *vql.Out) error { return out.Row() })
	type args struct {
		End int64 `vql:"end"`
	}
	count := vql.NewPlugin(vql.Spec{Name: "range", Columns: []string{"_value"}},
		func(_ context.Context, _ *vql.Call, a *args, out *vql.Out) (err error) {
			for i := int64(0); i < a.End && err == nil; i++ {
				err = out.Row(row.Int(i))
			}
			return err
		})
	v, err := vql.NewVocabulary([]vql.Plugin{scope, count}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestScripts(t *testing.T) {
	Run(t, vocabulary(t), "testdata/*.vqltest", Options{Vars: map[string]string{"WORD": "'a word'", "TEXT": "a word"}})
}

func TestCompareTellsWhatDiffers(t *testing.T) {
	o := run(t, vocabulary(t), "# comment\nSELECT 1 AS A, nothing FROM scope()", Options{})
	for want, problem := range map[string]string{
		`{"A": 1, "nothing": null}`:                                             "unexpected log line: ERROR",
		"{\"A\":2,\"nothing\":null}\nlog ERROR: nothing":                        "want rows",
		"{\"A\":1,\"nothing\":null}\nlog ERROR: nothing\nerror: x":              `want "x"`,
		"{\"A\":1,\"nothing\":null}\nlog ERROR: nothing\nlog WARN: nothing":     "missing log line: WARN: nothing",
		"{\"A\":1,\"nothing\":null}\nlog ERROR: Symbol nothing not found":       "",
		"# comment\n\n{\"A\":1,\"nothing\":null}\nlog ERROR: nothing not found": "",
	} {
		if got := o.compare(want); !strings.Contains(got, problem) || (problem == "") != (got == "") {
			t.Errorf("compare with %q = %q, want %q", want, got, problem)
		}
	}
}

func TestOutcomeReadsBack(t *testing.T) {
	o := run(t, vocabulary(t), "SELECT 1 AS A, nothing FROM scope()", Options{})
	if got := o.compare(o.String()); got != "" {
		t.Errorf("an outcome differs from itself as a script has it: %s", got)
	}
}

func TestLongNamesAreReplacedFirst(t *testing.T) {
	v := variables("/tmp/x", map[string]string{"D": "1", "DIRECTORY": "2"})
	if got, want := v.in("$DIRECTORY $DIR $D"), "2 /tmp/x 1"; got != want {
		t.Errorf("in = %q, want %q", got, want)
	}
}

func TestQuery(t *testing.T) {
	rows, logs := Query(t, vocabulary(t), "SELECT A + 1 AS B, nothing FROM range(end=2)", vql.Variable{Name: "A", Value: row.Int(4)})
	if b, _ := rows[1].Get("B"); len(rows) != 2 || b.Int() != 5 {
		t.Errorf("rows %v, want two with B = 5", rows)
	}
	if len(logs) != 1 || !strings.HasPrefix(logs[0], "ERROR: Symbol nothing not found") {
		t.Errorf("logs %q", logs)
	}
}
