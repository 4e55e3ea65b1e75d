package files_test

import (
	"testing"

	"goshawk/vql"
)

// BenchmarkGlobUsr walks /usr and writes the rows as JSON, as an agent does.
func BenchmarkGlobUsr(b *testing.B) {
	for _, q := range []struct{ name, text string }{
		{"Path,Size,Mtime", "SELECT OSPath, Size, Mtime FROM glob(globs='/usr/**', nosymlink=TRUE)"},
		{"star", "SELECT * FROM glob(globs='/usr/**', nosymlink=TRUE)"},
		{"none match", "SELECT OSPath FROM glob(globs='/usr/**/no such name')"},
	} {
		b.Run(q.name, func(b *testing.B) { benchQuery(b, q.text) })
	}
}

func benchQuery(b *testing.B, text string) {
	p, err := vql.Compile(text)
	if err != nil {
		b.Fatal(err)
	}
	v := vocabulary(b, nil)
	b.ReportAllocs()
	rows, size := 0, 0
	var buf []byte
	for b.Loop() {
		s := vql.NewSession(v, vql.Options{})
		rows, size = 0, 0
		err := s.Run(b.Context(), p, func(_ int, batch *vql.Batch) error {
			rows += batch.Len()
			buf = batch.AppendJSONL(buf[:0], nil)
			size += len(buf)
			return nil
		})
		s.Close()
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows), "rows")
	b.SetBytes(int64(size))
}
