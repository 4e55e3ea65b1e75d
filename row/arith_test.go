package row

import "testing"

func TestArithmetic(t *testing.T) {
	add := func(a, b Value) Value { v, _ := Add(a, b); return v }
	mul := func(a, b Value) Value { v, _ := Mul(a, b); return v }
	cases := []struct {
		name string
		got  Value
		want string // as JSON
	}{
		{"int + int wraps", add(Int(9223372036854775807), Int(1)), `-9223372036854775808`},
		{"int + float", add(Int(1), Float(0.5)), `1.5`},
		{"float + bool", add(Float(1.5), True), `2.5`},
		{"int + bool", add(Int(1), True), `null`},
		{"bool + bool", add(True, True), `null`},
		{"string + string", add(String("a"), String("b")), `"ab"`},
		{"string + int", add(String("a"), Int(1)), `null`},
		{"null + list", add(Null, list(Int(1))), `null`},
		{"list + null", add(list(Int(1)), Null), `[1,null]`},
		{"string + list", add(String("a"), list(Int(1))), `["a",1]`},
		{"dict + dict", add(dict("a", Int(1), "b", Int(2)), dict("a", Int(3), "c", Int(4))), `{"a":3,"b":2,"c":4}`},
		{"path + text", add(FromObject(path("/a")), String("/b")), `"/a/b"`},
		{"bool - int", Sub(True, Int(1)), `0`},
		{"null - int", Sub(Null, Int(1)), `null`},
		{"dict - dict", Sub(dict("a", Int(1), "b", Int(2)), dict("a", Null)), `{"b":2}`},
		{"string * int", mul(String("ab"), Int(2)), `"abab"`},
		{"int * string", mul(Int(3), String("a")), `null`},
		{"string * -1", mul(String("a"), Int(-1)), `null`},
		{"dict * dict", mul(dict("a", Int(1), "b", Int(2)), dict("a", Null)), `{"a":1}`},
		{"7 / 2", Div(Int(7), Int(2)), `3.5`},
		{"0 / 5.0", Div(Int(0), Float(5)), `0`},
		{"5 / 0.0", Div(Int(5), Float(0)), `null`},
		{"-true", Neg(True), `false`},
		{"'Hello'[0]", Index(String("Hello"), Int(0)), `72`},
		{"list[-1]", Index(list(Int(1), Int(2)), Int(-1)), `2`},
		{"list[5]", Index(list(Int(1)), Int(5)), `null`},
		{"dict['a']", Index(dict("a", Int(7)), String("a")), `7`},
		{"dict[0]", Index(dict("a", Int(7)), Int(0)), `null`},
		{"slice", SliceOf(String("Hello"), Int(1), Int(-1), true, true), `"ell"`},
		{"empty slice", SliceOf(list(Int(1)), Int(5), Null, true, false), `[]`},
		{"slice with NULL", SliceOf(list(Int(1)), Null, Null, true, false), `null`},
		{"slice of int", SliceOf(Int(1), Null, Null, false, false), `null`},
	}
	for _, c := range cases {
		if got := string(AppendJSON(nil, c.got, nil)); got != c.want {
			t.Errorf("%s = %s, want %s", c.name, got, c.want)
		}
	}
}

func TestIn(t *testing.T) {
	yes := [][2]Value{{String("b"), String("abc")}, {String(""), String("abc")}, {Int(1), list(Float(1))}, {String("k"), dict("k", Null)}}
	no := [][2]Value{{Int(1), Int(1)}, {Int(1), String("123")}, {Int(1), Null}, {String("x"), dict("k", Null)}}
	for _, p := range yes {
		if !In(p[0], p[1]) {
			t.Errorf("%s IN %s is false", Text(p[0]), Text(p[1]))
		}
	}
	for _, p := range no {
		if In(p[0], p[1]) {
			t.Errorf("%s IN %s is true", Text(p[0]), Text(p[1]))
		}
	}
}

func TestTooLargeStringsAreRefused(t *testing.T) {
	big := String(string(make([]byte, MaxString)))
	if _, err := Add(big, String("x")); err != ErrTooLarge {
		t.Errorf("adding to the largest string: %v, want ErrTooLarge", err)
	}
	if _, err := Mul(String("ab"), Int(MaxString)); err != ErrTooLarge {
		t.Errorf("repeating beyond the limit: %v, want ErrTooLarge", err)
	}
}
