package config

import (
	"encoding/json"
	"testing"

	"go.yaml.in/yaml/v3"
)

func quote(t testing.TB, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func node(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return n.Content[0]
}

// The cases are those of RFC 7396, appendix A, in which target and patch are
// objects.
func TestMergeIsRFC7396(t *testing.T) {
	for _, c := range []struct{ target, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a": "c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a": "b", b: "c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b": "c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a": "c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a": ["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a": {"b": "d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a": [1]}`},
		{`{"e":null}`, `{"a":1}`, `{"e": null, a: 1}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{a: {bb: {}}}`},
	} {
		target, want := node(t, c.target), node(t, c.want)
		merge(target, node(t, c.patch))
		if !sameValues(target, want) {
			got, _ := encode(target)
			t.Errorf("%s with %s gives %s, want %s", c.target, c.patch, got, c.want)
		}
	}
}

func FuzzMerge(f *testing.F) {
	f.Add([]byte(`{"Client": {"labels": ["a", null], "max_poll": 1e1}, "verbose": true}`))
	f.Add([]byte(`{"GUI":null,"Frontend":{"private_key":"x"}}`))
	f.Add([]byte("[[[]]]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := parseMerge(text)
		if err != nil {
			return
		}
		out, err := encode(p.node)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse("f", out)
		if err != nil || again.node != nil && !sameValues(p.node, again.node.Content[0]) {
			t.Errorf("%q was written as %q, %v", text, out, err)
		}
	})
}
