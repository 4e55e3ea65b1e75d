package file

import "testing"

func FuzzDirents(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x18\x00\x08abc\x00\x00"))
	f.Add(make([]byte, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, d := range appendDirents(nil, b) {
			if d.name == "." || d.name == ".." || len(d.name) > len(b) {
				t.Errorf("name %q", d.name)
			}
		}
	})
}
