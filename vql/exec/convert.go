package exec

import (
	"time"
	"unsafe"

	"goshawk/row"
)

func setAny(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	*(*row.Value)(p) = t.settle(v, s)
	return nil
}

func setString(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	*(*string)(p) = textArgument(t.settle(v, s))
	return nil
}

// textArgument converts to a string, which never fails.
func textArgument(v row.Value) string {
	switch v.Kind() {
	case row.KindString, row.KindBytes:
		return v.Str()
	case row.KindNull:
		return ""
	case row.KindList:
		if l := v.List(); len(l) == 1 {
			return textArgument(l[0])
		}
	}
	return row.Text(v)
}

func setInt(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	v = t.settle(v, s)
	switch v.Kind() {
	case row.KindInt, row.KindUint, row.KindBool:
		*(*int64)(p) = v.Int()
	case row.KindFloat:
		*(*int64)(p) = int64(v.Float())
	default:
		return mismatch("an int", v)
	}
	return nil
}

func mismatch(want string, v row.Value) error {
	return refusal("should be " + want + " not " + v.Kind().String() + ".")
}

func setFloat(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	v = t.settle(v, s)
	f, ok := v.Number()
	if !ok {
		return mismatch("a float", v)
	}
	*(*float64)(p) = f
	return nil
}

func setBool(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	*(*bool)(p) = t.truth(v, s)
	return nil
}

func setTime(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	at, _ := ToTime(t.settle(v, s), time.UTC)
	*(*time.Time)(p) = at
	return nil
}

func setList(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	*(*[]row.Value)(p) = t.elements(v, s)
	return nil
}

// elements returns a value as a list: a list's elements, a query's rows, and
// any other value as the only one. NULL has none.
func (t *thread) elements(v row.Value, s *scope) []row.Value {
	v = t.reduce(v, s)
	switch v.Kind() {
	case row.KindList:
		return v.List()
	case row.KindNull:
		return nil
	}
	return []row.Value{v}
}

func setStrings(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	vs := t.elements(v, s)
	out := make([]string, len(vs))
	for i, e := range vs {
		if e = e.Force(); e.Kind() == row.KindDict && e.Dict().Len() == 1 {
			e = e.Dict().At(0).Force()
		}
		out[i] = row.Text(e)
	}
	*(*[]string)(p) = out
	return nil
}

func setDict(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	v = t.settle(v, s)
	d := asDict(v)
	if v.IsNull() {
		d = &row.Dict{}
	}
	if d == nil {
		return mismatch("a dict", v)
	}
	*(**row.Dict)(p) = d
	return nil
}

func setQuery(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	*(*Query)(p) = Query{t: t, s: s, v: v, set: true}
	return nil
}

func setLambda(p unsafe.Pointer, _ *callSite, t *thread, s *scope, v row.Value) error {
	text := textArgument(t.settle(v, s))
	if text == "" { // as NULL is to any text: not given
		return nil
	}
	l, err := t.lambda(text, s)
	*(**Lambda)(p) = l
	return err
}

// ToTime reads a time from a value: an instant, seconds since 1970 (or milli-,
// micro- or nanoseconds, told by their size), or the text of a date.
func ToTime(v row.Value, loc *time.Location) (time.Time, bool) {
	v = v.Force()
	switch v.Kind() {
	case row.KindTime:
		return v.Time(), true
	case row.KindInt, row.KindUint:
		return scaledTime(v.Int()), true
	case row.KindFloat:
		return floatTime(v.Float()), true
	case row.KindString:
		return ParseDate(v.Str(), loc)
	}
	return time.Time{}, false
}

// Above these a number of seconds is taken for milli-, micro- or nanoseconds.
const (
	maxSeconds = 2e10
	maxMillis  = 2e13
	maxMicros  = 2e16
)

func scaledTime(n int64) time.Time {
	switch {
	case n == 0:
		return time.Time{}
	case n > maxMicros:
		return time.Unix(0, n)
	case n > maxMillis:
		return time.UnixMicro(n)
	case n > maxSeconds:
		return time.UnixMilli(n)
	}
	return time.Unix(n, 0)
}

func floatTime(f float64) time.Time {
	if f != f || f > 1e19 || f < -1e19 {
		return time.Time{}
	}
	if f > maxSeconds || f == 0 {
		return scaledTime(int64(f))
	}
	sec := int64(f)
	return time.Unix(sec, int64((f-float64(sec))*1e9))
}
