package row

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

func dict(pairs ...any) Value {
	d := &Dict{}
	for i := 0; i < len(pairs); i += 2 {
		d.Set(pairs[i].(string), pairs[i+1].(Value))
	}
	return FromDict(d)
}

func list(vs ...Value) Value { return List(append([]Value{}, vs...)) }

// path is an Object that compares as text, as paths do.
type path string

func (p path) Member(string) (Value, bool) { return Null, false }
func (p path) Plain() Value                { return String(string(p)) }
func (p path) Text() string                { return string(p) }

type lazy struct{ v Value }

func (l lazy) Member(string) (Value, bool) { return Null, false }
func (l lazy) Plain() Value                { return l.v }
func (l lazy) Force() Value                { return l.v }

func TestJSON(t *testing.T) {
	newYork := time.FixedZone("EST", -5*3600)
	cases := []struct {
		v    Value
		want string
	}{
		{Null, `null`},
		{True, `true`},
		{Int(9007199254740993), `9007199254740993`},
		{Uint(math.MaxUint64), `18446744073709551615`},
		{Float(1), `1`},
		{Float(1e-7), `1e-7`},
		{Float(1e21), `1e+21`},
		{Float(math.Inf(1)), `null`},
		{String(`<a href="x">&`), `"\u003ca href=\"x\"\u003e\u0026"`},
		{String("\x00\n\xff\u2028"), `"\u0000\n` + "\ufffd" + `\u2028"`},
		{Bytes([]byte("hello")), `"aGVsbG8="`},
		{Time(time.Unix(1, 5)), `"1970-01-01T00:00:01.000000005Z"`},
		{Time(time.Time{}), `"0001-01-01T00:00:00Z"`},
		{List(nil), `null`},
		{list(), `[]`},
		{list(Int(1), Null), `[1,null]`},
		{dict("b", Int(1), "a", list(String("x"))), `{"b":1,"a":["x"]}`},
		{FromObject(path("/a")), `"/a"`},
		{FromObject(lazy{Int(3)}), `3`},
	}
	for _, c := range cases {
		if got := string(AppendJSON(nil, c.v, nil)); got != c.want {
			t.Errorf("JSON of %v = %s, want %s", c.v.Kind(), got, c.want)
		}
	}
	if got := string(AppendJSON(nil, Time(time.Unix(0, 0)), newYork)); got != `"1969-12-31T19:00:00-05:00"` {
		t.Errorf("time in a zone = %s", got)
	}
}

func TestJSONOfHostileDepthEnds(t *testing.T) {
	v := Int(1)
	for range 100000 {
		v = list(v)
	}
	if got := AppendJSON(nil, v, nil); !bytes.Contains(got, []byte("null")) {
		t.Errorf("a value nested 100000 deep is written whole")
	}
}

func TestText(t *testing.T) {
	cases := []struct {
		v    Value
		want string
	}{
		{Null, "Null"},
		{Float(1), "1"},
		{Float(1.5e20), "150000000000000000000"},
		{Float(1e21), "1e+21"},
		{Float(1e-5), "1e-05"},
		{list(Int(1), String("a b")), "[1 a b]"},
		{dict("a", Int(1)), `{"a":1}`},
		{Time(time.Unix(1600000000, 0)), "2020-09-13 12:26:40 +0000 UTC"},
		{FromObject(path("/x")), "/x"},
	}
	for _, c := range cases {
		if got := Text(c.v); got != c.want {
			t.Errorf("Text = %q, want %q", got, c.want)
		}
	}
}

func TestTruth(t *testing.T) {
	yes := []Value{True, Int(1), Float(0.1), String("0"), list(Null), dict("a", Null), Time(time.Unix(1, 0)), FromObject(lazy{Int(1)})}
	no := []Value{Null, False, Int(0), Int(-1), Float(-0.5), String(""), list(), dict(), Time(time.Unix(0, 0)), Time(time.Time{})}
	for _, v := range yes {
		if !Truth(v) {
			t.Errorf("Truth(%s) = false", Text(v))
		}
	}
	for _, v := range no {
		if Truth(v) {
			t.Errorf("Truth(%s) = true", Text(v))
		}
	}
}

func TestEqual(t *testing.T) {
	at := time.Unix(1600000000, 0)
	cases := []struct {
		a, b Value
		want bool
	}{
		{Null, Null, true},
		{Null, Int(0), false},
		{Int(1), Float(1), true},
		{Int(1), String("1"), false},
		{Int(1), True, true},
		{True, Float(1.7), false},
		{True, String("Y"), true},
		{False, String("x"), true},
		{Time(at), Int(1600000000), true},
		{Int(1600000000), Time(at), true},
		{Time(at), String("x"), false},
		{Time(at), True, false},
		{list(Int(1), list(Int(2))), list(Float(1), list(Int(2))), true},
		{list(Int(1)), Int(1), false},
		{dict("a", Int(1), "b", Int(2)), dict("b", Int(2), "a", Int(1)), true},
		{dict("a", Int(1)), dict("b", Int(1)), false},
		{FromObject(path("/a")), String("/a"), true},
		{FromObject(path("/a")), FromObject(path("/b")), false},
		{FromObject(lazy{Int(1)}), Int(1), true},
		{Uint(math.MaxUint64), Int(-1), false},
		{String("a"), Bytes([]byte("a")), true},
	}
	for _, c := range cases {
		if got := Equal(c.a, c.b); got != c.want {
			t.Errorf("%s = %s is %v, want %v", Text(c.a), Text(c.b), got, c.want)
		}
	}
}

func TestLess(t *testing.T) {
	cases := []struct {
		a, b Value
		want bool
	}{
		{Null, Int(1), false},
		{Int(1), Null, false},
		{Int(1), Float(1.5), true},
		{False, Int(1), true},
		{String("a"), String("b"), true},
		{String("a"), Int(1), false},
		{Int(1), String("a"), false},
		{Int(-1), Uint(math.MaxUint64), true},
		{list(), list(Int(1)), true},
		{list(Int(1), Int(9)), list(Int(2)), true},
		{dict(), dict("a", Null), true},
		{Time(time.Unix(5, 0)), Int(6), true},
		{Float(5.5), Time(time.Unix(5, 600000000)), true},
		{FromObject(path("/a")), String("/b"), true},
	}
	for _, c := range cases {
		if got := Less(c.a, c.b); got != c.want {
			t.Errorf("%s < %s is %v, want %v", Text(c.a), Text(c.b), got, c.want)
		}
	}
}

// TestCompareIsTotal checks antisymmetry and transitivity over values of every kind.
func TestCompareIsTotal(t *testing.T) {
	vs := []Value{
		Null, String(""), String("a"), Bytes([]byte("b")), FromObject(path("/p")), False, True, Int(-5), Int(7),
		Uint(math.MaxUint64), Float(0.5), Float(math.NaN()), Float(math.Inf(1)), Time(time.Unix(3, 0)), Time(time.Time{}),
		list(), list(Int(1)), dict(), dict("a", Int(1)),
	}
	for _, a := range vs {
		for _, b := range vs {
			if Compare(a, b) != -Compare(b, a) {
				t.Errorf("Compare(%s, %s) is not antisymmetric", Text(a), Text(b))
			}
			for _, c := range vs {
				if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
					t.Errorf("%s <= %s <= %s but not %s <= %s", Text(a), Text(b), Text(c), Text(a), Text(c))
				}
			}
		}
	}
}

func TestMember(t *testing.T) {
	rows := list(dict("a", Int(1)), dict("b", Int(2)), dict("a", FromObject(lazy{Int(3)})))
	if got, _ := rows.Member("a"); Text(got) != "[1 3]" {
		t.Errorf("member of a list = %s, want [1 3]", Text(got))
	}
	if got, _ := rows.Member("z"); !got.IsNilList() {
		t.Errorf("a member that no element has is not the null list")
	}
	if _, ok := Int(5).Member("x"); ok {
		t.Errorf("a number has a member")
	}
	if got, _ := dict("x", Int(1)).Member("@Keys"); Text(got) != "[x]" {
		t.Errorf("@Keys = %s", Text(got))
	}
}

func TestDictSetKeepsOrder(t *testing.T) {
	shared := NewColumns("a", "b")
	d := NewDict(shared, []Value{Int(1), Int(2)})
	d.Set("c", Int(3))
	d.Set("a", Int(9))
	if got := Text(FromDict(d)); got != `{"a":9,"b":2,"c":3}` {
		t.Errorf("dict = %s", got)
	}
	if shared.Len() != 2 {
		t.Errorf("setting a new key changed the shared columns")
	}
}

func TestBatch(t *testing.T) {
	b := NewBatch(NewColumns("x", "y"), 2)
	b.Append(Int(1), String("a"))
	r := b.Extend()
	r[0], r[1] = Int(2), True
	if got, want := string(b.AppendJSONL(nil, nil)), "{\"x\":1,\"y\":\"a\"}\n{\"x\":2,\"y\":true}\n"; got != want {
		t.Errorf("JSON lines = %q, want %q", got, want)
	}
	part := b.Part(1, 2)
	if part.Len() != 1 || part.Row(0)[0].Int() != 2 {
		t.Errorf("Part(1, 2) is not the second row")
	}
	b.Shrink(1)
	if b.Len() != 1 {
		t.Errorf("Shrink(1) leaves %d rows", b.Len())
	}
	empty := NewBatch(NoColumns, 1)
	empty.Append()
	if got := string(empty.AppendJSONL(nil, nil)); got != "{}\n" {
		t.Errorf("a row without columns = %q", got)
	}
}

func TestParseJSON(t *testing.T) {
	good := []string{`null`, ` [1, 2.5 ,"a"] `, `{"a":{"b":[]},"c":1e400}`, `"\u00e9\ud83d\ude00\n"`, `18446744073709551615`, `-0`, `{"a":1,"a":2}`}
	want := []string{`null`, `[1,2.5,"a"]`, ``, `"é😀\n"`, `18446744073709551615`, `-0`, `{"a":2}`}
	for i, s := range good {
		v, err := ParseJSON([]byte(s))
		if want[i] == "" {
			if err == nil {
				t.Errorf("ParseJSON(%s) is accepted", s)
			}
			continue
		}
		if got := string(AppendJSON(nil, v, nil)); err != nil || got != want[i] {
			t.Errorf("ParseJSON(%s) = %s, %v, want %s", s, got, err, want[i])
		}
	}
	for _, s := range []string{``, `{`, `[1,]`, `{"a" 1}`, `01`, `1.`, `nul`, `"\q"`, "\"\n\"", `1 2`, `+1`, `.5`, `-`, strings.Repeat("[", 10000)} {
		if _, err := ParseJSON([]byte(s)); err == nil {
			t.Errorf("ParseJSON(%q) is accepted", s)
		}
	}
}

func TestParserSharesColumns(t *testing.T) {
	p := NewParser([]byte("{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n"))
	x, _ := p.Next()
	y, _ := p.Next()
	if x.Dict().Columns() != y.Dict().Columns() {
		t.Errorf("rows with the same keys have different Columns")
	}
	if _, err := p.Next(); err != io.EOF {
		t.Errorf("after the last value: %v, want EOF", err)
	}
}

// FuzzParseJSON holds our reader against encoding/json: what one accepts the
// other accepts, and what is written reads back as the same text.
func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,null,true,"x\u0041\ud83d"]}`, `-1e5`, `"\/"`, `[{"b":{}}]`, `1E+2`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseJSON(data)
		if (err == nil) != json.Valid(data) {
			var any any
			if std := json.Unmarshal(data, &any); (err == nil) != (std == nil) && !strings.Contains(err.Error(), "deeply") {
				t.Fatalf("ParseJSON: %v; encoding/json: %v", err, std)
			}
		}
		if err != nil {
			return
		}
		text := AppendJSON(nil, v, nil)
		again, err := ParseJSON(text)
		if err != nil {
			t.Fatalf("written JSON does not parse: %v\n%s", err, text)
		}
		if !bytes.Equal(AppendJSON(nil, again, nil), text) {
			t.Fatalf("written JSON changes when read: %s", text)
		}
	})
}

func TestNoAllocations(t *testing.T) {
	b := NewBatch(NewColumns("x", "y"), 16)
	buf := make([]byte, 0, 4096)
	s := String("text")
	n := testing.AllocsPerRun(100, func() {
		b.Reset(b.Cols)
		for i := range 16 {
			b.Append(Int(int64(i)), s)
		}
		buf = b.AppendJSONL(buf[:0], nil)
	})
	if n > 0 {
		t.Errorf("filling and writing a batch makes %v allocations, want 0", n)
	}
}
