package syntax

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestFormat(t *testing.T) {
	files, err := filepath.Glob("testdata/format/*.vql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Format(string(src))
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".vql") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("Format differs from %s:\n%s", golden, d)
			}
			checkFormat(t, string(src))
		})
	}
}

func TestFormatKeepsTokensApart(t *testing.T) {
	for src, want := range map[string]string{
		"LET a=x-1":                  "LET a = x - 1\n",
		"LET a=-1 - -1":              "LET a = -1 - -1\n",
		"LET a=-x-y":                 "LET a = -x - y\n",
		"LET a=x[-1:-y]":             "LET a = x[-1:-y]\n",
		"LET a=x[:(1)].y [0]":        "LET a = x[:(1)].y[0]\n",
		"LET a=1 . b":                "LET a = 1.b\n",
		"LET a=not(b)and NOT c":      "LET a = NOT (b) and NOT c\n",
		"LET a=b in(1,2)":            "LET a = b IN (1, 2)\n",
		"LET a=(1,)":                 "LET a = (1,)\n",
		"LET a=f(b=[ ],c=[1,],d=-1)": "LET a = f(b=[], c=[1,], d=-1)\n",
		"LET a=f(b=c=d)":             "LET a = f(b=c = d)\n",
		"LET a=0x10+true":            "LET a = 0x10 + true\n",
		"LET a=b<>c":                 "LET a = b <> c\n",
		"SELECT * -x FROM a":         "SELECT * -x FROM a\n",
		"SELECT * * FROM a":          "SELECT * * FROM a\n",
		"SELECT *,FROM a":            "SELECT *, FROM a\n",
		"SELECT FROM a":              "SELECT FROM a\n",
		"SELECT a FROM b WHERE c,":   "SELECT a FROM b WHERE c,\n",
		"SELECT a*-b FROM c":         "SELECT a * -b FROM c\n",
		"SELECT (a)-b,{select 1 from c}as d from e order\nby f desc": "SELECT (a) - b, { SELECT 1 FROM c } AS d FROM e ORDER BY f DESC\n",
	} {
		if got, err := Format(src); got != want {
			t.Errorf("Format(%q) = %q, %v; want %q", src, got, err, want)
		}
		checkFormat(t, src)
	}
}

func TestFormatRefusesWhatDoesNotParse(t *testing.T) {
	if got, err := Format("SELECT"); err == nil {
		t.Errorf("Format(SELECT) = %q, want an error", got)
	}
}
