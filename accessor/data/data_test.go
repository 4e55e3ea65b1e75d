package data

import (
	"io"
	"testing"
)

func TestPathIsTheContent(t *testing.T) {
	for _, text := range []string{"", "abc", `{"Path":"x"}`, "/a/../b", "\xff\n"} {
		p, err := New().Parse(text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			continue
		}
		i, err := New().Lstat(t.Context(), p)
		if err != nil || i.Size != int64(len(text)) {
			t.Errorf("Lstat of %q = %v, %v", text, i, err)
		}
		f, err := New().Open(t.Context(), p)
		if err != nil {
			t.Errorf("Open of %q: %v", text, err)
			continue
		}
		if got, err := io.ReadAll(f); err != nil || string(got) != text {
			t.Errorf("content of %q is %q, %v", text, got, err)
		}
		f.Close()
	}
}
