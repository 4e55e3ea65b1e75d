package files_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"goshawk/accessor/local"
	"goshawk/plugin/core"
	"goshawk/plugin/files"
	"goshawk/row"
	"goshawk/vql"
	"goshawk/vql/vqltest"
)

func vocabulary(t testing.TB, up files.Uploader) *vql.Vocabulary {
	o := files.Options{Accessors: local.Accessors(), Uploader: up}
	v, err := vql.NewVocabulary(append(core.Plugins(), files.Plugins(o)...), append(core.Functions(), files.Functions(o)...))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func text(d *row.Dict, name string) string {
	v, _ := d.Member(name)
	return row.Text(v)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOnEverySystem(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b/c/three.txt", "b/Two.TXT", "one.txt", "other"} {
		name = filepath.Join(dir, name)
		check(t, os.MkdirAll(filepath.Dir(name), 0o755))
		check(t, os.WriteFile(name, []byte("abc"), 0o644))
	}
	up := &memory{}
	rows, logs := vqltest.Query(t, vocabulary(t, up), `SELECT Name, Size, read_file(filename=OSPath, length=2) AS Data,
		hash(path=OSPath).MD5 AS MD5, stat(filename=OSPath).Mtime = Mtime AS SameTime, upload(file=OSPath, name=Name).Size AS Sent
		FROM glob(globs=["**/*.txt", "nothing/*"], root=Dir)`, vql.Variable{Name: "Dir", Value: row.String(dir)})
	names := []string{}
	for _, d := range rows {
		names = append(names, text(d, "Name"))
		want := map[string]string{"Size": "3", "Data": "ab", "MD5": "900150983cd24fb0d6963f7d28e17f72", "SameTime": "true", "Sent": "3"}
		for column, w := range want {
			if got := text(d, column); got != w {
				t.Errorf("%s of %s = %s, want %s", column, text(d, "Name"), got, w)
			}
		}
	}
	if want := []string{"one.txt", "Two.TXT", "three.txt"}; !slices.Equal(names, want) || len(logs) != 0 || up.sent != 3 {
		t.Errorf("names %q, logs %q, %d sent, want %q", names, logs, up.sent, want)
	}
}
